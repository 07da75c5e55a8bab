/* SPDX-License-Identifier: GPL-2.0 */
/* Loop devices for filesystem images. */
#ifndef AMFS_DAEMON_LOOPDEV_H
#define AMFS_DAEMON_LOOPDEV_H

struct amfs_mount_options;
struct amfs_why;

/* Room for "/dev/loopN". */
#define AMFS_LOOPDEV_PATH	32

/*
 * Gives the regular file @image a loop device that frees itself with its last
 * user. A device that already shows the same part of the same file is shared:
 * two of them under two mounts would destroy the filesystem.
 *
 * Return: a descriptor of the device, which the caller keeps open until it is
 * mounted, its name in @path; a negative errno with @why.
 */
int amfs_loopdev_attach(const char *image,
			const struct amfs_mount_options *options,
			char path[AMFS_LOOPDEV_PATH], struct amfs_why *why);

#endif /* AMFS_DAEMON_LOOPDEV_H */
