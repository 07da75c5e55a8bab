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

/* Number 3 of the lock order in amfs.h: the table, and who is bound. */
DEFINE_MUTEX(amfs_channels_mutex);
static LIST_HEAD(channels);	/* (protected by amfs_channels_mutex) */

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

/**
 * amfs_channel_get_locked - the channel of a map, made if needed
 * @map: the map's name
 *
 * Context: amfs_channels_mutex is held.
 * Return: the channel with one more user, NULL: no memory.
 */
struct amfs_channel *amfs_channel_get_locked(const char *map)
{
	struct amfs_channel *channel;

	lockdep_assert_held(&amfs_channels_mutex);
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

/**
 * amfs_channel_drop_notices - nobody is there to be told
 * @gone: notices of points that are no more, linked by in_notices
 */
void amfs_channel_drop_notices(struct list_head *gone)
{
	struct amfs_link *link, *next;

	list_for_each_entry_safe(link, next, gone, in_notices)
		kfree(link);
}

/**
 * amfs_channel_put_locked - one user less
 * @channel: the channel, freed with the last
 *
 * Context: amfs_channels_mutex is held.
 */
void amfs_channel_put_locked(struct amfs_channel *channel)
{
	lockdep_assert_held(&amfs_channels_mutex);
	if (--channel->users)
		return;
	list_del(&channel->in_channels);
	amfs_channel_drop_notices(&channel->gone);
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
	mutex_lock(&amfs_channels_mutex);
	channel = amfs_channel_get_locked(map);
	mutex_unlock(&amfs_channels_mutex);
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

	mutex_lock(&amfs_channels_mutex);
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
	amfs_channel_put_locked(channel);
	mutex_unlock(&amfs_channels_mutex);
}

/**
 * amfs_channel_hopeful - may a request be submitted?
 * @link: the point's link
 * @now: the time
 * @grace: nanoseconds that it may wait for a daemon to come
 *
 * Context: takes channel->lock.
 * Return: false when there is no daemon and the grace is over.
 */
bool amfs_channel_hopeful(struct amfs_link *link, u64 now, u64 grace)
{
	struct amfs_channel *channel = link->channel;
	bool hopeful;

	spin_lock(&channel->lock);
	hopeful = channel->owner || now < channel->orphan_since + grace;
	spin_unlock(&channel->lock);
	return hopeful;
}

/**
 * amfs_channel_submit - queue a request for the map's daemon
 * @link: the point's link
 * @req: the request, pending in the point's table
 *
 * From now on a daemon may read it, and act upon it.
 *
 * Context: point->lock is held; takes channel->lock.
 */
void amfs_channel_submit(struct amfs_link *link, struct amfs_request *req)
{
	struct amfs_channel *channel = link->channel;

	spin_lock(&channel->lock);
	amfs_reqq_submit(&channel->queue, &req->core);
	spin_unlock(&channel->lock);
	wake_up(&channel->readers);
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
