// SPDX-License-Identifier: GPL-2.0
/*
 * read(2) and poll(2) of a channel: as many records as are there and fit.
 */
#include "channel_private.h"

#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/proto.h"
#include "trace.h"

/* What one read takes at most. */
#define MOST	(64 * 1024)

/* With fewer records than that a read takes, and allocates, no more than they need. */
#define FEW	8

/**
 * struct batch - what one read(2) carries away
 * @buf: the records.
 * @room: bytes in @buf.
 * @used: bytes written.
 * @cancelled: requests whose end is told here, references.
 * @gone: notices that are told here.
 */
struct batch {
	char *buf;
	u32 room;
	u32 used;
	struct list_head cancelled;
	struct list_head gone;
};

static bool put(struct batch *batch, const struct amfs_msg *msg, const char *name)
{
	u32 size = amfs_proto_put_msg(batch->buf + batch->used, batch->room - batch->used, msg,
				      name);

	batch->used += size;
	return size;
}

static bool put_notice(struct batch *batch, enum amfs_msg_kind kind, const struct amfs_link *link)
{
	return put(batch, &(struct amfs_msg){
		.kind = kind,
		.dev_major = MAJOR(link->dev),
		.dev_minor = MINOR(link->dev),
	}, "");
}

static u32 deadline_ms(const struct amfs_request *req)
{
	u64 until = amfs_request_until(req), now = amfs_now();

	if (!until)
		return 0;
	if (until <= now)
		return 1;
	return min_t(u64, (until - now) / NSEC_PER_MSEC + 1, U32_MAX);
}

static u16 msg_flags(const struct amfs_request *req)
{
	u16 flags = req->core.again ? AMFS_MSG_F_AGAIN : 0;

	if (READ_ONCE(req->now))
		flags |= AMFS_MSG_F_NOW;
	if (req->path_route)
		flags |= AMFS_MSG_F_PATH;
	if (req->kernel_route)
		flags |= AMFS_MSG_F_KERNEL;
	if (req->direct)
		flags |= AMFS_MSG_F_DIRECT;
	if (req->tree)
		flags |= AMFS_MSG_F_TREE;
	return flags;
}

static bool put_request(struct batch *batch, enum amfs_msg_kind kind,
			const struct amfs_request *req)
{
	struct amfs_msg msg = {
		.kind = kind,
		.flags = msg_flags(req),
		.id = req->core.id,
		.dev_major = MAJOR(req->dev),
		.dev_minor = MINOR(req->dev),
		.pid = pid_vnr(req->asker.pid),
		.uid = req->asker.uid,
		.gid = req->asker.gid,
		.mnt_ns = req->asker.mnt_ns,
		.user_ns = req->asker.user_ns,
		.deadline_ms = kind == AMFS_MSG_CANCEL ? 0 : deadline_ms(req),
		.name_len = req->core.key.len,
	};

	memcpy(msg.comm, req->asker.comm, sizeof(msg.comm));
	return put(batch, &msg, req->name);
}

static void fill_points_locked(struct amfs_channel *channel, struct batch *batch)
{
	struct amfs_link *link, *next;

	list_for_each_entry_safe(link, next, &channel->gone, in_notices) {
		if (!put_notice(batch, AMFS_MSG_POINT_GONE, link))
			return;
		list_move_tail(&link->in_notices, &batch->gone);
	}
	list_for_each_entry_safe(link, next, &channel->up, in_notices) {
		if (!put_notice(batch, AMFS_MSG_POINT_UP, link))
			return;
		list_del_init(&link->in_notices);
	}
}

static void fill_cancelled_locked(struct amfs_channel *channel, struct batch *batch)
{
	struct list_head *cancelled = &channel->queue.cancelled;
	struct amfs_request *req;

	while (!list_empty(cancelled)) {
		req = list_first_entry(cancelled, struct amfs_request, core.in_queue);
		if (!put_request(batch, AMFS_MSG_CANCEL, req))
			return;
		list_add_tail(&amfs_reqq_cancelled(&channel->queue)->in_queue, &batch->cancelled);
	}
}

static void fill_requests_locked(struct amfs_channel *channel, struct batch *batch)
{
	struct amfs_request *req;
	struct amfs_req *core;

	while ((core = amfs_reqq_next(&channel->queue))) {
		req = container_of(core, struct amfs_request, core);
		if (!put_request(batch, core->key.kind == AMFS_REQ_MOUNT ?
				 AMFS_MSG_MOUNT : AMFS_MSG_EXPIRE, req)) {
			amfs_reqq_unread(&channel->queue, core);
			return;
		}
		trace_amfs_request_deliver(req);
	}
}

static bool anything_locked(const struct amfs_channel *channel)
{
	return !list_empty(&channel->gone) || !list_empty(&channel->up) ||
	       !list_empty(&channel->queue.cancelled) || !list_empty(&channel->queue.queued);
}

/* 0 with nothing in it: nothing is there. */
static int fill(struct amfs_channel *channel, struct amfs_conn *conn, struct batch *batch)
{
	int err = 0;

	spin_lock(&channel->lock);
	if (channel->owner != conn) {
		err = -ENOTCONN;
	} else if (anything_locked(channel)) {
		/* A request's end before its point's, and that before new ones. */
		fill_cancelled_locked(channel, batch);
		fill_points_locked(channel, batch);
		fill_requests_locked(channel, batch);
		if (!batch->used)
			err = -EINVAL;
	}
	spin_unlock(&channel->lock);
	return err;
}

static struct amfs_link *link_by_dev_locked(struct amfs_channel *channel,
					    const struct amfs_msg *msg)
{
	struct amfs_link *link;

	list_for_each_entry(link, &channel->links, in_links)
		if (link->dev == MKDEV(msg->dev_major, msg->dev_minor))
			return link;
	return NULL;
}

static void unread_locked(struct amfs_channel *channel, const struct amfs_msg *msg)
{
	struct amfs_link *link;
	struct amfs_req *core;

	if (msg->kind == AMFS_MSG_POINT_UP) {
		link = link_by_dev_locked(channel, msg);
		if (link && list_empty(&link->in_notices))
			list_add(&link->in_notices, &channel->up);
	} else if (msg->id && !amfs_reqq_find(&channel->queue, msg->id, &core)) {
		amfs_reqq_unread(&channel->queue, core);
	}
}

/*
 * The copy failed. Put everything back, the last record first, so that the order
 * stays. Whoever has become the owner meanwhile gets the requests anyway, and is
 * told of all points; the rest isn't his.
 */
static void unread(struct amfs_channel *channel, struct amfs_conn *conn, struct batch *batch)
{
	u32 *at, count = 0, pos;

	at = (u32 *)(batch->buf + batch->room);
	for (pos = 0; pos < batch->used; pos += ((struct amfs_msg *)(batch->buf + pos))->size)
		at[count++] = pos;
	spin_lock(&channel->lock);
	if (channel->owner == conn) {
		while (count--)
			unread_locked(channel, (struct amfs_msg *)(batch->buf + at[count]));
		list_splice_init(&batch->gone, &channel->gone);
		amfs_reqq_uncancel(&channel->queue, &batch->cancelled);
	}
	spin_unlock(&channel->lock);
}

static void free_batch(struct batch *batch)
{
	struct amfs_link *link, *next_link;
	struct amfs_req *core, *next;

	list_for_each_entry_safe(link, next_link, &batch->gone, in_notices)
		kfree(link);
	list_for_each_entry_safe(core, next, &batch->cancelled, in_queue) {
		list_del_init(&core->in_queue);
		amfs_request_put(container_of(core, struct amfs_request, core));
	}
	kvfree(batch->buf);
}

static u32 count_few(const struct list_head *list)
{
	const struct list_head *pos;
	u32 count = 0;

	list_for_each(pos, list)
		if (++count == FEW)
			break;
	return count;
}

/* How many bytes a read had better have room for; 0: there is nothing to read. */
static u32 readable(struct amfs_channel *channel, struct amfs_conn *conn)
{
	u32 count;

	spin_lock(&channel->lock);
	count = count_few(&channel->queue.queued) + count_few(&channel->queue.cancelled) +
		count_few(&channel->up) + count_few(&channel->gone);
	if (!count && channel->owner != conn)
		count = 1;
	spin_unlock(&channel->lock);
	return count < FEW ? count * AMFS_MSG_MAX : MOST;
}

static int wait_for_some(struct amfs_channel *channel, struct amfs_conn *conn, bool nonblock,
			 u32 *bytes)
{
	*bytes = readable(channel, conn);
	if (!*bytes && nonblock)
		return -EAGAIN;
	if (*bytes)
		return 0;
	return wait_event_interruptible(channel->readers, (*bytes = readable(channel, conn)));
}

static int make_batch(struct batch *batch, u32 room)
{
	batch->room = ALIGN_DOWN(room, 8);
	batch->used = 0;
	INIT_LIST_HEAD(&batch->cancelled);
	INIT_LIST_HEAD(&batch->gone);
	/* Behind the records there is room to remember where each begins. */
	batch->buf = kvmalloc(batch->room + batch->room / sizeof(struct amfs_msg) * sizeof(u32) +
			      sizeof(u32), GFP_KERNEL);
	return batch->buf ? 0 : -ENOMEM;
}

/* A batch with something in it, the caller's to free; another reader may be faster. */
static int take_batch(struct amfs_channel *channel, struct amfs_conn *conn, struct batch *batch,
		      size_t len, bool nonblock)
{
	u32 bytes;
	int err;

	for (;;) {
		err = wait_for_some(channel, conn, nonblock, &bytes);
		if (!err)
			err = make_batch(batch, min_t(size_t, len, bytes));
		if (err)
			return err;
		err = fill(channel, conn, batch);
		if (!err && batch->used)
			return 0;
		free_batch(batch);
		if (err)
			return err;
	}
}

/**
 * amfs_conn_read - read(2)
 * @conn: the file
 * @buf: user memory
 * @len: bytes there
 * @nonblock: don't wait
 *
 * Several readers may wait at once; each record goes to one of them.
 *
 * Context: sleeps, interruptibly.
 * Return: bytes; -ENOTCONN the file isn't bound (any more); -EAGAIN; -EINVAL the
 * first record doesn't fit; -EFAULT; -ENOMEM; -ERESTARTSYS.
 */
ssize_t amfs_conn_read(struct amfs_conn *conn, char __user *buf, size_t len, bool nonblock)
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	struct batch batch;
	int err;

	if (!channel)
		return -ENOTCONN;
	err = take_batch(channel, conn, &batch, len, nonblock);
	if (err)
		return err;
	if (copy_to_user(buf, batch.buf, batch.used)) {
		unread(channel, conn, &batch);
		wake_up(&channel->readers);
		err = -EFAULT;
	}
	free_batch(&batch);
	return err ? err : (ssize_t)batch.used;
}

/**
 * amfs_conn_poll - poll(2)
 * @conn: the file
 * @file: the same, for the wait
 * @wait: the wait
 *
 * Context: may sleep.
 * Return: EPOLLIN when there is something to read, EPOLLHUP | EPOLLERR when the
 * file isn't bound (any more).
 */
__poll_t amfs_conn_poll(struct amfs_conn *conn, struct file *file, struct poll_table_struct *wait)
{
	struct amfs_channel *channel = amfs_conn_channel(conn);
	__poll_t mask = 0;

	if (!channel)
		return EPOLLHUP | EPOLLERR;
	poll_wait(file, &channel->readers, wait);
	spin_lock(&channel->lock);
	if (channel->owner != conn)
		mask = EPOLLHUP | EPOLLERR;
	else if (anything_locked(channel))
		mask = EPOLLIN | EPOLLRDNORM;
	spin_unlock(&channel->lock);
	return mask;
}
