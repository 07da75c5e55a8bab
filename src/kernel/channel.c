// SPDX-License-Identifier: GPL-2.0
/*
 * Channels: maps, their daemons, and what lies between.
 *
 * Who owns what. A channel is one map's; it is made by the first automount
 * point or the first bind of that name and goes with the last of both, so it
 * outlives any daemon. Pending requests are held by their automount point's
 * table; the channel's queue only lists them. There is one
 * exception: a request that ended after the daemon had read it waits, with a
 * reference of the queue's, until the daemon was told. A bound file doesn't
 * hold automount points, nor they it: umount(8) works under a bound daemon.
 *
 * A file owns a map while channel->owner is it. Closing it, RELEASE, and
 * another file's BIND with ADOPT end that, and what was read and not answered
 * is queued again, before what nobody read yet. All three go through
 * disown_locked(), and a file that isn't the owner can change nothing: a daemon
 * that was replaced can't take its successor's map out of service, whatever it
 * still does.
 *
 * What we can't control: the daemon may answer anything, at any time, twice,
 * from several threads, for requests of another daemon. An id is looked up among
 * the delivered requests of this map only, and who ends a request is decided in
 * amfs_reqtab_end(), under the point's lock.
 *
 * Tempting shortcuts that are traps:
 * - Looking a request up, dropping the lock, and using its point. The point may
 *   go at once; ->hold() under the lock first.
 * - Copying to user space under the lock, or marking a request as delivered only
 *   after the copy: two readers would both get it. It is marked first, and put
 *   back when the copy fails (read.c).
 * - Waking the walkers from here. They belong to the point; the channel doesn't
 *   know them.
 * - Failing pending requests when the last file is closed: the next daemon
 *   couldn't answer them. The point's clock does it after the grace.
 */
#include "channel_private.h"

#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "trace.h"

static DEFINE_MUTEX(channels_mutex);
static LIST_HEAD(channels);	/* (protected by channels_mutex) */

static struct amfs_channel *new_channel(const char *map)
{
	struct amfs_channel *channel = kvzalloc(sizeof(*channel), GFP_KERNEL);

	if (!channel)
		return NULL;
	strscpy(channel->map, map, sizeof(channel->map));
	spin_lock_init(&channel->lock);
	amfs_reqq_init(&channel->queue);
	INIT_LIST_HEAD(&channel->links);
	INIT_LIST_HEAD(&channel->up);
	INIT_LIST_HEAD(&channel->gone);
	init_waitqueue_head(&channel->readers);
	channel->orphan_since = amfs_now();
	list_add_tail(&channel->in_channels, &channels);
	return channel;
}

/* The channel of a map, made if needed, with one more user; NULL: no memory. */
static struct amfs_channel *channel_get_locked(const char *map)
{
	struct amfs_channel *channel;

	lockdep_assert_held(&channels_mutex);
	list_for_each_entry(channel, &channels, in_channels)
		if (!strcmp(channel->map, map))
			goto found;
	channel = new_channel(map);
	if (!channel)
		return NULL;
found:
	channel->users++;
	return channel;
}

static void drop_notices(struct list_head *gone)
{
	struct amfs_link *link, *next;

	list_for_each_entry_safe(link, next, gone, in_notices)
		kfree(link);
}

static void channel_put_locked(struct amfs_channel *channel)
{
	lockdep_assert_held(&channels_mutex);
	if (--channel->users)
		return;
	list_del(&channel->in_channels);
	drop_notices(&channel->gone);
	kvfree(channel);
}

/* --- automount points ------------------------------------------------------ */

/**
 * amfs_channel_attach - connect a new automount point to its map
 * @map: the map's name, at most AMFS_NAME_LEN bytes
 * @ops: how to reach the point
 * @point: the point
 * @dev: its st_dev
 *
 * Context: sleeps.
 * Return: the link, to be ended by amfs_channel_detach(), or NULL: no memory.
 */
struct amfs_link *amfs_channel_attach(const char *map, const struct amfs_channel_ops *ops,
				      struct amfs_point *point, dev_t dev)
{
	struct amfs_link *link = kzalloc(sizeof(*link), GFP_KERNEL);
	struct amfs_channel *channel;

	if (!link)
		return NULL;
	mutex_lock(&channels_mutex);
	channel = channel_get_locked(map);
	mutex_unlock(&channels_mutex);
	if (!channel) {
		kfree(link);
		return NULL;
	}
	link->channel = channel;
	link->ops = ops;
	link->point = point;
	link->dev = dev;
	INIT_LIST_HEAD(&link->in_links);
	INIT_LIST_HEAD(&link->in_notices);
	return link;
}

/**
 * amfs_channel_announce - the point is ready: tell the daemon
 * @link: its link
 *
 * Context: takes channel->lock.
 */
void amfs_channel_announce(struct amfs_link *link)
{
	struct amfs_channel *channel = link->channel;

	spin_lock(&channel->lock);
	list_add_tail(&link->in_links, &channel->links);
	list_add_tail(&link->in_notices, &channel->up);
	spin_unlock(&channel->lock);
	wake_up(&channel->readers);
}

/**
 * amfs_channel_detach - the point is gone: tell the daemon
 * @link: its link; freed here or when the daemon has been told
 *
 * Context: sleeps. The point has no pending requests any more.
 */
void amfs_channel_detach(struct amfs_link *link)
{
	struct amfs_channel *channel = link->channel;
	bool tell;

	mutex_lock(&channels_mutex);
	spin_lock(&channel->lock);
	/* Who wasn't told of its coming needn't be told of its going. */
	tell = channel->owner && !list_empty(&link->in_links) && list_empty(&link->in_notices);
	list_del_init(&link->in_links);
	list_del_init(&link->in_notices);
	if (tell)
		list_add_tail(&link->in_notices, &channel->gone);
	spin_unlock(&channel->lock);
	wake_up(&channel->readers);
	if (!tell)
		kfree(link);
	channel_put_locked(channel);
	mutex_unlock(&channels_mutex);
}

/**
 * amfs_channel_submit - queue a request for the map's daemon
 * @link: the point's link
 * @req: the request, pending in the point's table
 * @now: the time
 * @grace: nanoseconds that it may wait for a daemon to come
 *
 * Context: point->lock is held; takes channel->lock.
 * Return: 0; -ENOLINK when there is no daemon and the grace is over.
 */
int amfs_channel_submit(struct amfs_link *link, struct amfs_request *req, u64 now, u64 grace)
{
	struct amfs_channel *channel = link->channel;
	int err = 0;

	spin_lock(&channel->lock);
	if (!channel->owner && now >= channel->orphan_since + grace)
		err = -ENOLINK;
	else
		amfs_reqq_submit(&channel->queue, &req->core);
	spin_unlock(&channel->lock);
	if (!err)
		wake_up(&channel->readers);
	return err;
}

/**
 * amfs_channel_withdraw - a request has ended
 * @link: the point's link
 * @req: the request
 * @tell: the daemon doesn't know it yet
 *
 * Context: takes channel->lock.
 */
void amfs_channel_withdraw(struct amfs_link *link, struct amfs_request *req, bool tell)
{
	struct amfs_channel *channel = link->channel;

	spin_lock(&channel->lock);
	tell = amfs_reqq_withdraw(&channel->queue, &req->core, tell && channel->owner);
	if (tell)
		amfs_request_get(req);
	spin_unlock(&channel->lock);
	if (tell)
		wake_up(&channel->readers);
}

/**
 * amfs_channel_look - has this map a daemon?
 * @link: the point's link
 * @state: filled in
 *
 * Context: takes channel->lock.
 */
void amfs_channel_look(struct amfs_link *link, struct amfs_channel_state *state)
{
	struct amfs_channel *channel = link->channel;

	spin_lock(&channel->lock);
	state->bound = channel->owner;
	state->pid = channel->owner ? channel->pid : 0;
	state->orphan_since = channel->orphan_since;
	spin_unlock(&channel->lock);
}

/**
 * amfs_channel_delivered - has the daemon read this request?
 * @link: the point's link
 * @req: the request
 *
 * Context: takes channel->lock.
 * Return: true when it has and the request hasn't ended.
 */
bool amfs_channel_delivered(struct amfs_link *link, const struct amfs_request *req)
{
	bool delivered;

	spin_lock(&link->channel->lock);
	delivered = req->core.place == AMFS_REQ_DELIVERED;
	spin_unlock(&link->channel->lock);
	return delivered;
}

/**
 * amfs_channel_exempt - is the current task of the daemon's process group?
 * @link: the point's link
 *
 * The pid is compared, not used: a stale one can't match a living group.
 *
 * Context: any.
 * Return: true when it is.
 */
bool amfs_channel_exempt(struct amfs_link *link)
{
	struct pid *pgrp;
	bool exempt;

	rcu_read_lock();
	pgrp = rcu_dereference(link->channel->pgrp);
	exempt = pgrp && pgrp == task_pgrp(current);
	rcu_read_unlock();
	return exempt;
}

/* --- files ------------------------------------------------------------------ */

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
	drop_notices(gone);
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
	struct amfs_channel *channel = conn->channel;
	int err;

	mutex_lock(&channels_mutex);
	channel = conn->channel;
	if (channel && strcmp(channel->map, arg->map)) {
		mutex_unlock(&channels_mutex);
		return -EISCONN;
	}
	if (!channel) {
		channel = channel_get_locked(arg->map);
		if (!channel) {
			mutex_unlock(&channels_mutex);
			return -ENOMEM;
		}
	}
	err = bind_channel(channel, conn, arg);
	if (!conn->channel) {
		if (err)
			channel_put_locked(channel);
		else
			smp_store_release(&conn->channel, channel);
	}
	mutex_unlock(&channels_mutex);
	if (!err)
		trace_amfs_adopt(arg->map, arg->points, arg->again);
	return err;
}

/**
 * amfs_conn_release - AMFS_IOC_RELEASE, and the first half of close(2)
 * @conn: the file
 *
 * Context: sleeps.
 * Return: 0, the map has no daemon now; -ENOTCONN, it wasn't @conn's.
 */
int amfs_conn_release(struct amfs_conn *conn)
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	LIST_HEAD(cancelled);
	LIST_HEAD(gone);
	int err = -ENOTCONN;

	if (!channel)
		return err;
	mutex_lock(&channels_mutex);
	spin_lock(&channel->lock);
	if (channel->owner == conn) {
		disown_locked(channel, &cancelled, &gone);
		err = 0;
	}
	spin_unlock(&channel->lock);
	mutex_unlock(&channels_mutex);
	if (!err)
		wake_up_all(&channel->readers);
	drop_untold(&cancelled, &gone);
	return err;
}

/**
 * amfs_conn_close - the last reference to the file goes
 * @conn: the file, freed here
 *
 * Context: sleeps. Whoever wants the map's name asks before.
 * Return: true when the map has lost its daemon by this.
 */
bool amfs_conn_close(struct amfs_conn *conn)
{
	bool orphaned = !amfs_conn_release(conn);

	if (conn->channel) {
		mutex_lock(&channels_mutex);
		channel_put_locked(conn->channel);
		mutex_unlock(&channels_mutex);
	}
	kfree(conn);
	return orphaned;
}

/**
 * amfs_conn_map - the map that a file was bound to
 * @conn: the file
 * @map: where its name goes
 *
 * Return: 0 or -ENOTCONN.
 */
int amfs_conn_map(struct amfs_conn *conn, char map[AMFS_NAME_SIZE])
{
	struct amfs_channel *channel = amfs_conn_channel(conn);

	if (!channel)
		return -ENOTCONN;
	strscpy(map, channel->map, AMFS_NAME_SIZE);
	return 0;
}

/* --- answers ---------------------------------------------------------------- */

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
 * @id: the request
 * @where: the root of the daemon's mount
 * @file: out: an O_PATH file, the caller's
 *
 * Context: sleeps.
 * Return: 0 or as AMFS_IOC_TARGET says.
 */
int amfs_conn_target(struct amfs_conn *conn, u64 id, const struct path *where, struct file **file)
{
	struct amfs_request *req;
	struct amfs_link *link;
	int err = find_request(conn, id, &req, &link);

	if (err)
		return err;
	*file = link->ops->target(req, where);
	let_go(req, link);
	return PTR_ERR_OR_ZERO(*file);
}

/**
 * amfs_conn_done - AMFS_IOC_DONE
 * @conn: the file
 * @arg: checked
 * @where: the root of the daemon's mount, NULL with an error
 *
 * Context: sleeps.
 * Return: 0 or as AMFS_IOC_DONE says.
 */
int amfs_conn_done(struct amfs_conn *conn, const struct amfs_done *arg, const struct path *where)
{
	struct amfs_request *req;
	struct amfs_link *link;
	int err = find_request(conn, arg->id, &req, &link);

	if (err)
		return err;
	err = link->ops->answer(req, where, arg->error, arg->ttl_ms);
	let_go(req, link);
	return err;
}
