/* SPDX-License-Identifier: GPL-2.0 */
/* Mounts made in process, by fsopen(2), fsconfig(2) and fsmount(2). */
#ifndef AMFS_DAEMON_MOUNT_CONTEXT_H
#define AMFS_DAEMON_MOUNT_CONTEXT_H

struct amfs_mount_options;
struct amfs_why;

/*
 * Return: a descriptor of a detached mount; a negative errno, and in @why what
 * the kernel said to it.
 */
int amfs_mount_context(const char *fstype, const char *source,
		       const struct amfs_mount_options *options,
		       struct amfs_why *why);

#endif /* AMFS_DAEMON_MOUNT_CONTEXT_H */
