/* SPDX-License-Identifier: GPL-2.0 */
/* From what the map says to a detached mount. */
#ifndef AMFS_DAEMON_MOUNT_H
#define AMFS_DAEMON_MOUNT_H

struct amfs_job;
struct amfs_mount_spec;
struct amfs_why;

/*
 * Mounts what @spec says for @job, nowhere yet. This is the part that may take
 * long.
 *
 * Return: a descriptor for move_mount(2), which ends the mount when it is
 * closed without that; a negative errno with @why.
 */
int amfs_mount_build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		     struct amfs_why *why);

#endif /* AMFS_DAEMON_MOUNT_H */
