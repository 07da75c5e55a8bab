/* SPDX-License-Identifier: GPL-2.0 */
/* The mounts of a key with parts, as the mount table has them. */
#ifndef AMFS_DAEMON_TREE_MOUNTS_H
#define AMFS_DAEMON_TREE_MOUNTS_H

#include <libmount/libmount.h>
#include <stddef.h>

struct amfs_job;

/**
 * struct amfs_branch - a mount of the tree
 * @fs: in the mount table
 * @clone: descriptor of its clone when it was unmounted, else -1
 */
struct amfs_branch {
	struct libmnt_fs *fs;
	int clone;
};

/**
 * struct amfs_tree - the mounts of a key
 * @table: the mount table
 * @branches: its mounts, each after the one that it is on, and after what it covers
 * @count: how many
 */
struct amfs_tree {
	struct libmnt_table *table;
	struct amfs_branch *branches;
	size_t count;
};

/*
 * Reads the mounts of the key that @job is about.
 *
 * Return: 0; -ENOENT when nothing is mounted on it; another negative errno. In any
 * case the caller clears @tree, which was zero.
 */
int amfs_tree_read(struct amfs_tree *tree, const struct amfs_job *job);

void amfs_tree_clear(struct amfs_tree *tree);

/* Return: the mount on @path of the mount @parent; NULL for none. */
struct libmnt_fs *amfs_tree_mounted_on(const struct amfs_tree *tree,
				       struct libmnt_fs *parent,
				       const char *path);

/* Return: an O_PATH descriptor of the mount's root; a negative errno. */
int amfs_tree_open(struct libmnt_fs *root);

/*
 * Moves the mount of the descriptor @mount to the folder @path below @root; by a
 * symbolic link in the tree that isn't found.
 *
 * Return: 0 or an errno; ENOTCONN when the map has another daemon.
 */
int amfs_tree_move(const struct amfs_job *job, struct libmnt_fs *root,
		   const char *path, int mount);

/*
 * Mounts what of the parts isn't there, according to the map.
 *
 * Return: 0, or an errno when something is missing still.
 */
int amfs_tree_mend(struct amfs_job *job, const struct amfs_tree *tree);

#endif /* AMFS_DAEMON_TREE_MOUNTS_H */
