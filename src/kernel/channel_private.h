/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a channel is made of; for channel.c, conn.c and read.c alone.
 */
#ifndef AMFS_CHANNEL_PRIVATE_H
#define AMFS_CHANNEL_PRIVATE_H

#include <linux/list.h>
#include <linux/pid.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "amfs.h"
#include "channel.h"

/**
 * struct amfs_channel - a map, and the daemon that serves it or doesn't
 * @in_channels: (protected by amfs_channels_mutex).
 * @users: automount points and open files (protected by amfs_channels_mutex).
 * @map: (invariant).
 * @lock: everything below.
 * @queue: the requests on their way.
 * @links: automount points of this map.
 * @up: links whose existence the daemon is to be told.
 * @gone: notices of points that are no more.
 * @readers: who waits in read(2) and poll(2).
 * @owner: the file that is bound, NULL without a daemon. Changed under
 *	amfs_channels_mutex as well.
 * @pgrp: process group of the bind, a reference; read under RCU.
 * @pid: process of the bind in the initial namespace.
 * @orphan_since: since when there is no daemon, valid without @owner.
 */
struct amfs_channel {
	struct list_head in_channels;
	unsigned int users;
	char map[AMFS_NAME_SIZE];
	spinlock_t lock;	/* all that follows */
	struct amfs_reqq queue;
	struct list_head links;
	struct list_head up;
	struct list_head gone;
	wait_queue_head_t readers;
	struct amfs_conn *owner;
	struct pid __rcu *pgrp;
	u32 pid;
	u64 orphan_since;
};

/**
 * struct amfs_link - an automount point's end of its map's channel; when the
 *	point is gone, the notice of that
 * @channel: (invariant).
 * @ops: (invariant).
 * @point: only its link is looked at here (invariant).
 * @dev: st_dev of the point (invariant).
 * @in_links: place in @channel->links (protected by channel->lock).
 * @in_notices: place in @channel->up or ->gone (protected by channel->lock, by
 *	the reader while it is in its hands).
 */
struct amfs_link {
	struct amfs_channel *channel;
	const struct amfs_channel_ops *ops;
	struct amfs_point *point;
	dev_t dev;
	struct list_head in_links;
	struct list_head in_notices;
};

/**
 * struct amfs_conn - an open file of the device
 * @channel: the map it was bound to, NULL before; set once, under
 *	amfs_channels_mutex, kept until close.
 */
struct amfs_conn {
	struct amfs_channel *channel;
};

extern struct mutex amfs_channels_mutex;

struct amfs_channel *amfs_channel_get_locked(const char *map);
void amfs_channel_put_locked(struct amfs_channel *channel);
void amfs_channel_drop_notices(struct list_head *gone);
struct amfs_channel *amfs_conn_channel(struct amfs_conn *conn);

#endif /* AMFS_CHANNEL_PRIVATE_H */
