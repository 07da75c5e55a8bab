/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A channel: one open of /dev/amfs, bound to one map. Requests come out of it
 * and answers go into it; all the ioctls are here.
 */
#ifndef AMFS_DAEMON_CHANNEL_H
#define AMFS_DAEMON_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/amfs.h>

struct amfs_snapshot;

/**
 * struct amfs_channel - a map that this daemon serves
 * @name: of the map (invariant)
 * @shown: @name as the log shows it (invariant)
 * @file: map file, an absolute path (invariant)
 * @fd: the device, non-blocking (invariant until the last put)
 * @users: references (atomic): one of the main thread while it reads, one of
 *	each job
 * @snapshot: what the file said when it was last read (protected by the lock
 *	in snapshot.c)
 *
 * Lifetime: made by amfs_channel_open(), gone with the last
 * amfs_channel_put(), which closes @fd.
 */
struct amfs_channel {
	char *name;
	char *shown;
	char *file;
	int fd;
	_Atomic unsigned int users;
	struct amfs_snapshot *snapshot;
};

/*
 * Opens the device and reads the map file.
 *
 * Return: a channel with one reference; NULL when it said why in the log.
 */
struct amfs_channel *amfs_channel_open(const char *map, const char *file);

/*
 * Becomes the daemon of the map; @adopt takes it from another one.
 *
 * Return: 0 or a negative errno, which the log then explains.
 */
int amfs_channel_bind(struct amfs_channel *channel, bool adopt);

struct amfs_channel *amfs_channel_get(struct amfs_channel *channel);
void amfs_channel_put(struct amfs_channel *channel);

/*
 * Takes what has arrived and hands each record to @take.
 *
 * Return: 0 when there is no more for now; -ENOTCONN when the map has another
 * daemon; another negative errno.
 */
int amfs_channel_read(struct amfs_channel *channel,
		      void (*take)(struct amfs_channel *channel,
				   const struct amfs_msg *msg));

/* Has the map another daemon by now, or none? */
bool amfs_channel_lost(const struct amfs_channel *channel);

/* Gives the map up; the next daemon gets what is unanswered. */
void amfs_channel_release(struct amfs_channel *channel);

/*
 * AMFS_IOC_TARGET; @tree says that parts are on what is mounted there. Return: a
 * descriptor of the trigger, or a negative errno as
 * the ABI lists them.
 */
int amfs_channel_target(struct amfs_channel *channel, uint64_t id, int mnt_fd,
			bool tree);

/*
 * AMFS_IOC_TARGET before a tree is taken apart, whose root is @root_fd. Return: 0,
 * and nobody walks into it until the answer; -EBUSY; another negative errno.
 */
int amfs_channel_begin_tree(struct amfs_channel *channel, uint64_t id,
			    int root_fd);

/*
 * AMFS_IOC_TARGET by the classic route: from now on our process group isn't held
 * up at the key. Return: 0; -EEXIST, it is mounted already; another negative
 * errno.
 */
int amfs_channel_take_path(struct amfs_channel *channel, uint64_t id, int mnt_fd);

/*
 * AMFS_IOC_DONE; @error is 0 or a positive errno, @mnt_fd -1 with an error.
 *
 * Return: 0 or a negative errno as the ABI lists them.
 */
int amfs_channel_done(struct amfs_channel *channel, uint64_t id,
		      unsigned int error, int mnt_fd);

/* The same for an errno that nobody is to remember. */
int amfs_channel_failed_once(struct amfs_channel *channel, uint64_t id,
			     unsigned int error);

/*
 * AMFS_IOC_DONE for a key that is mounted, or, with an @attach_fd that isn't -1,
 * is for the kernel to attach. @source is what /proc/mounts is to show.
 *
 * Return: 0 or a negative errno as the ABI lists them.
 */
int amfs_channel_mounted(struct amfs_channel *channel, uint64_t id, int mnt_fd,
			 int attach_fd, const char *source);

#endif /* AMFS_DAEMON_CHANNEL_H */
