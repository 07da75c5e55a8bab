/* SPDX-License-Identifier: GPL-2.0 */
/* Keys with parts below them: the mount and the parts' automount points. */
#ifndef AMFS_DAEMON_TREE_H
#define AMFS_DAEMON_TREE_H

struct amfs_job;
struct amfs_mount_spec;
struct amfs_why;

/*
 * Puts the automount points of the parts that @spec has on the detached mount
 * @root, which is closed. A part whose folder isn't there is left out, and the log
 * says so.
 *
 * Return: a descriptor of the whole; a negative errno with @why.
 */
int amfs_tree_build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		    int root, struct amfs_why *why);

/*
 * Opens the folder @path below @root, which no symbolic link leads to: what a
 * server or a user puts there can't lead out of the tree.
 *
 * Return: an O_PATH descriptor; a negative errno.
 */
int amfs_tree_folder(int root, const char *path);

/*
 * Unmounts the whole tree of the key that @job is about, if nobody uses any part of
 * it.
 *
 * Return: 0, all is gone; else an errno, and all is as it was.
 */
int amfs_tree_expire(struct amfs_job *job);

#endif /* AMFS_DAEMON_TREE_H */
