/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a map file said when it was last read. Reading it again makes a new
 * snapshot; who uses the old one goes on with it undisturbed.
 */
#ifndef AMFS_DAEMON_SNAPSHOT_H
#define AMFS_DAEMON_SNAPSHOT_H

#include <stddef.h>

struct amfs_channel;
struct amfs_mount_spec;
struct amfs_why;

/*
 * Reads the channel's map file; its faults go to the log. When it can't be
 * read the channel keeps what it had.
 *
 * Return: 0 or a negative errno, which the log then explains.
 */
int amfs_snapshot_load(struct amfs_channel *channel);

/* Takes the snapshot from the channel, whose last user is gone. */
void amfs_snapshot_drop(struct amfs_channel *channel);

/*
 * Looks a key up as the map is now.
 *
 * Return: 0, and the caller calls amfs_mount_spec_clear(); else as
 * amfs_map_resolve(), with @why.
 */
int amfs_snapshot_resolve(struct amfs_channel *channel, const char *key,
			  size_t key_len, struct amfs_mount_spec *spec,
			  struct amfs_why *why);

#endif /* AMFS_DAEMON_SNAPSHOT_H */
