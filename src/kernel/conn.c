// SPDX-License-Identifier: GPL-2.0
/*
 * An open file of the device: it binds a map, answers for it, gives it up.
 * What it may do it may do as the channel's owner only; see channel.c.
 */
#include "channel_private.h"

#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "trace.h"

/**
 * amfs_conn_open - an open file, not bound yet
 *
 * Return: the connection or NULL.
 */
struct amfs_conn *amfs_conn_open(void)
{
	return kzalloc(sizeof(struct amfs_conn), GFP_KERNEL);
}

/**
 * amfs_conn_channel - the map that a file was bound to
 * @conn: the file
 *
 * Return: the channel, valid until @conn is closed, or NULL.
 */
struct amfs_channel *amfs_conn_channel(struct amfs_conn *conn)
{
	/* Pairs with the release in amfs_conn_bind(): the channel is complete. */
	return smp_load_acquire(&conn->channel);
}

static void set_pgrp_locked(struct amfs_channel *channel, struct pid *pgrp)
{
	struct pid *old = rcu_dereference_protected(channel->pgrp,
						    lockdep_is_held(&channel->lock));

	rcu_assign_pointer(channel->pgrp, pgrp);
	put_pid(old);
}

/*
 * The owner is no more. What it had read is queued again; what it was still to
 * be told goes to @cancelled and @gone, for the caller to free.
 */
static u32 disown_locked(struct amfs_channel *channel, struct list_head *cancelled,
			 struct list_head *gone)
{
	lockdep_assert_held(&channel->lock);
	channel->owner = NULL;
	channel->orphan_since = amfs_now();
	set_pgrp_locked(channel, NULL);
	list_splice_init(&channel->gone, gone);
	list_splice_init(&channel->queue.cancelled, cancelled);
	return amfs_reqq_again(&channel->queue);
}

static void drop_untold(struct list_head *cancelled, struct list_head *gone)
{
	struct amfs_req *core, *next;

	list_for_each_entry_safe(core, next, cancelled, in_queue) {
		list_del_init(&core->in_queue);
		amfs_request_put(container_of(core, struct amfs_request, core));
	}
	amfs_channel_drop_notices(gone);
}

static void own_locked(struct amfs_channel *channel, struct amfs_conn *conn,
		       struct amfs_bind *arg)
{
	struct amfs_link *link;

	lockdep_assert_held(&channel->lock);
	channel->owner = conn;
	channel->pid = task_tgid_nr(current);
	set_pgrp_locked(channel, get_pid(task_pgrp(current)));
	arg->points = 0;
	list_for_each_entry(link, &channel->links, in_links) {
		list_move_tail(&link->in_notices, &channel->up);
		arg->points++;
	}
}

static int bind_channel(struct amfs_channel *channel, struct amfs_conn *conn,
			struct amfs_bind *arg)
{
	LIST_HEAD(cancelled);
	LIST_HEAD(gone);
	struct amfs_req *core;
	int err = 0;

	/* task_pgrp() is stable under RCU or tasklist_lock only. */
	rcu_read_lock();
	spin_lock(&channel->lock);
	if (channel->owner == conn) {
		err = -EISCONN;
	} else if (channel->owner && !(arg->flags & AMFS_BIND_ADOPT)) {
		err = -EBUSY;
	} else {
		if (channel->owner)
			disown_locked(channel, &cancelled, &gone);
		arg->again = 0;
		list_for_each_entry(core, &channel->queue.queued, in_queue)
			arg->again += core->again;
		own_locked(channel, conn, arg);
	}
	spin_unlock(&channel->lock);
	rcu_read_unlock();
	/* The former owner's readers learn that they own nothing. */
	wake_up_all(&channel->readers);
	drop_untold(&cancelled, &gone);
	return err;
}

/**
 * amfs_conn_bind - AMFS_IOC_BIND
 * @conn: the file
 * @arg: checked; points and again are filled in
 *
 * Context: sleeps.
 * Return: 0; -EISCONN @conn is bound, or was bound to another map; -EBUSY;
 * -ENOMEM.
 */
int amfs_conn_bind(struct amfs_conn *conn, struct amfs_bind *arg)
{
	struct amfs_channel *channel;
	int err;

	mutex_lock(&amfs_channels_mutex);
	channel = conn->channel;
	if (channel && strcmp(channel->map, arg->map)) {
		mutex_unlock(&amfs_channels_mutex);
		return -EISCONN;
	}
	if (!channel) {
		channel = amfs_channel_get_locked(arg->map);
		if (!channel) {
			mutex_unlock(&amfs_channels_mutex);
			return -ENOMEM;
		}
	}
	err = bind_channel(channel, conn, arg);
	if (!conn->channel && err)
		amfs_channel_put_locked(channel);
	else if (!conn->channel)
		/* Pairs with amfs_conn_channel(): the channel is complete. */
		smp_store_release(&conn->channel, channel);
	mutex_unlock(&amfs_channels_mutex);
	if (!err)
		trace_amfs_adopt(arg->map, arg->points, arg->again);
	return err;
}

/**
 * amfs_conn_release - AMFS_IOC_RELEASE, and the first half of close(2)
 * @conn: the file
 * @map: the name of the map that has lost its daemon
 *
 * Context: sleeps.
 * Return: 0, the map has no daemon now; -ENOTCONN, it wasn't @conn's.
 */
int amfs_conn_release(struct amfs_conn *conn, char map[AMFS_NAME_SIZE])
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	LIST_HEAD(cancelled);
	LIST_HEAD(gone);
	int err = -ENOTCONN;

	if (!channel)
		return err;
	mutex_lock(&amfs_channels_mutex);
	spin_lock(&channel->lock);
	if (channel->owner == conn) {
		disown_locked(channel, &cancelled, &gone);
		strscpy(map, channel->map, AMFS_NAME_SIZE);
		err = 0;
	}
	spin_unlock(&channel->lock);
	mutex_unlock(&amfs_channels_mutex);
	if (!err)
		wake_up_all(&channel->readers);
	drop_untold(&cancelled, &gone);
	return err;
}

/**
 * amfs_conn_close - the last reference to the file goes
 * @conn: the file, freed here
 * @map: the name of the map that has lost its daemon
 *
 * Context: sleeps.
 * Return: true when the map has lost its daemon by this.
 */
bool amfs_conn_close(struct amfs_conn *conn, char map[AMFS_NAME_SIZE])
{
	bool orphaned = !amfs_conn_release(conn, map);

	if (conn->channel) {
		mutex_lock(&amfs_channels_mutex);
		amfs_channel_put_locked(conn->channel);
		mutex_unlock(&amfs_channels_mutex);
	}
	kfree(conn);
	return orphaned;
}

/**
 * amfs_conn_map - the map that a file is bound to
 * @conn: the file
 * @map: where its name goes
 *
 * Return: 0 or -ENOTCONN.
 */
int amfs_conn_map(struct amfs_conn *conn, char map[AMFS_NAME_SIZE])
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	bool bound;

	if (!channel)
		return -ENOTCONN;
	spin_lock(&channel->lock);
	bound = channel->owner == conn;
	spin_unlock(&channel->lock);
	strscpy(map, channel->map, AMFS_NAME_SIZE);
	return bound ? 0 : -ENOTCONN;
}

/*
 * The request that the daemon names, with a reference, its point held. The
 * link is returned since it holds the way back.
 */
static int find_request(struct amfs_conn *conn, u64 id, struct amfs_request **req,
			struct amfs_link **link)
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	struct amfs_req *core;
	int err = -ENOTCONN;

	if (!channel)
		return err;
	spin_lock(&channel->lock);
	if (channel->owner == conn)
		err = amfs_reqq_find(&channel->queue, id, &core);
	if (!err) {
		*req = container_of(core, struct amfs_request, core);
		*link = (*req)->point->link;
		if ((*link)->ops->hold((*req)->point))
			amfs_request_get(*req);
		else
			err = -ESTALE;
	}
	spin_unlock(&channel->lock);
	return err;
}

static void let_go(struct amfs_request *req, struct amfs_link *link)
{
	struct amfs_point *point = req->point;

	amfs_request_put(req);
	link->ops->drop(point);
}

/**
 * amfs_conn_target - AMFS_IOC_TARGET
 * @conn: the file
 * @arg: checked
 * @where: the root of the daemon's mount
 * @file: out: an O_PATH file, the caller's; NULL with a flag
 *
 * Context: sleeps.
 * Return: 0 or as AMFS_IOC_TARGET says.
 */
int amfs_conn_target(struct amfs_conn *conn, const struct amfs_target *arg,
		     const struct path *where, struct file **file)
{
	struct amfs_request *req;
	struct amfs_link *link;
	int err = find_request(conn, arg->id, &req, &link);

	if (err)
		return err;
	*file = link->ops->target(req, where, arg->flags);
	let_go(req, link);
	return PTR_ERR_OR_ZERO(*file);
}

/**
 * amfs_conn_done - AMFS_IOC_DONE
 * @conn: the file
 * @id: the request
 * @verdict: what the daemon says of it
 *
 * Context: sleeps.
 * Return: 0 or as AMFS_IOC_DONE says.
 */
int amfs_conn_done(struct amfs_conn *conn, u64 id, const struct amfs_verdict *verdict)
{
	struct amfs_request *req;
	struct amfs_link *link;
	int err = find_request(conn, id, &req, &link);

	if (err)
		return err;
	err = link->ops->answer(req, verdict);
	let_go(req, link);
	return err;
}
