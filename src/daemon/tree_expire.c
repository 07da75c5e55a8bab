// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a tree away. The kernel keeps walkers out from amfs_channel_begin_tree()
 * to the answer. From leaf to root each mount is cloned and unmounted, and if one
 * is in use the clones go back; so a tree goes whole or not at all. A daemon that
 * was killed half-way has left no clones: what it took is mounted anew, by the map.
 *
 * So does the next daemon when the map is taken over half-way. Each step asks whose
 * the map is: the next one's mounts are at the same paths.
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "apart.h"
#include "channel.h"
#include "log.h"
#include "map.h"
#include "offset.h"
#include "point.h"
#include "pool.h"
#include "snapshot.h"

/**
 * struct branch - a mount of the tree
 * @fs: in the mount table
 * @clone: descriptor of its clone when it was unmounted, else -1
 */
struct branch {
	struct libmnt_fs *fs;
	int clone;
};

/**
 * struct tree - the mounts of a key
 * @table: the mount table
 * @branches: its mounts, each after the one that it is on
 * @count: how many
 */
struct tree {
	struct libmnt_table *table;
	struct branch *branches;
	size_t count;
};

/* Return: the mount on @path of the mount @parent; NULL for none. */
static struct libmnt_fs *mounted_on(const struct tree *tree,
				    struct libmnt_fs *parent, const char *path)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs = NULL;

	while (iter &&
	       !mnt_table_next_child_fs(tree->table, iter, parent, &fs) &&
	       strcmp(mnt_fs_get_target(fs), path))
		fs = NULL;
	mnt_free_iter(iter);
	return fs && !strcmp(mnt_fs_get_target(fs), path) ? fs : NULL;
}

static int add_branch(struct tree *tree, struct libmnt_fs *fs)
{
	struct branch *branches;

	branches = realloc(tree->branches,
			   (tree->count + 1) * sizeof(*branches));
	if (!branches)
		return -ENOMEM;
	branches[tree->count++] = (struct branch){ .fs = fs, .clone = -1 };
	tree->branches = branches;
	return 0;
}

static int add_children(struct tree *tree, struct libmnt_fs *parent)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int error = iter ? 0 : -ENOMEM;

	while (!error &&
	       !mnt_table_next_child_fs(tree->table, iter, parent, &fs))
		error = add_branch(tree, fs);
	mnt_free_iter(iter);
	return error;
}

/* Return: the root of the tree; NULL when nothing is mounted on the key. */
static struct libmnt_fs *find_root(const struct tree *tree,
				   const struct amfs_job *job)
{
	struct libmnt_fs *point = amfs_point_find(tree->table, job->dev);
	struct libmnt_fs *fs = NULL;
	char *path;

	if (!point)
		return NULL;
	if (job->flags & AMFS_MSG_F_DIRECT)
		return mounted_on(tree, point, mnt_fs_get_target(point));
	path = amfs_offset_name(mnt_fs_get_target(point), job->key);
	if (path)
		fs = mounted_on(tree, point, path);
	free(path);
	return fs;
}

static int read_tree(struct tree *tree, const struct amfs_job *job)
{
	struct libmnt_fs *root;
	int error;
	size_t i;

	tree->table = mnt_new_table_from_file(AMFS_POINT_TABLE);
	if (!tree->table)
		return -ENOMEM;
	root = find_root(tree, job);
	if (!root)
		return -ENOENT;
	error = add_branch(tree, root);
	for (i = 0; i < tree->count && !error; i++)
		error = add_children(tree, tree->branches[i].fs);
	return error;
}

static void clear_tree(struct tree *tree)
{
	size_t i;

	for (i = 0; i < tree->count; i++)
		if (tree->branches[i].clone != -1)
			close(tree->branches[i].clone);
	free(tree->branches);
	mnt_unref_table(tree->table);
}

static int take_branch(const struct amfs_job *job, struct branch *branch)
{
	const char *path = mnt_fs_get_target(branch->fs);
	int clone;
	int error;

	if (amfs_channel_lost(job->channel))
		return ENOTCONN;
	clone = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			  AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW);
	if (clone < 0)
		return errno;
	if (!umount2(path, UMOUNT_NOFOLLOW)) {
		branch->clone = clone;
		return 0;
	}
	error = errno;
	close(clone);
	return error;
}

static int open_root(struct libmnt_fs *root)
{
	int fd = open(mnt_fs_get_target(root),
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Return: 0 or an errno; by a symbolic link in the tree it isn't found. */
static int move_to(struct libmnt_fs *root, const char *path, int mount)
{
	int root_fd = open_root(root);
	int folder = root_fd;
	int error = 0;

	if (root_fd >= 0) {
		folder = amfs_tree_folder(root_fd, path);
		close(root_fd);
	}
	if (folder < 0)
		return -folder;
	if (move_mount(mount, "", folder, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		error = errno;
	close(folder);
	return error;
}

static int put_back(const struct amfs_job *job, const struct tree *tree,
		    const struct branch *branch)
{
	const char *path = mnt_fs_get_target(branch->fs);
	struct libmnt_fs *root = tree->branches->fs;
	int error = 0;

	if (branch->clone == -1)
		return 0;
	if (amfs_channel_lost(job->channel))
		return ENOTCONN;
	if (branch->fs != root)
		error = move_to(root, path + strlen(mnt_fs_get_target(root)) + 1,
				branch->clone);
	else if (move_mount(branch->clone, "", AT_FDCWD, path,
			    MOVE_MOUNT_F_EMPTY_PATH))
		error = errno;
	if (error)
		amfs_log(LOG_ERR, "%s: %s: %s can't be put back: %s",
			 job->channel->shown, job->shown, path,
			 strerror(error));
	return error;
}

/* Return: EBUSY when all is there; EIO when some is lost; ENOTCONN. */
static int put_all_back(const struct amfs_job *job, const struct tree *tree)
{
	int error = EBUSY;
	int one;
	size_t i;

	for (i = 0; i < tree->count; i++) {
		one = put_back(job, tree, &tree->branches[i]);
		if (one == ENOTCONN)
			return one;
		if (one)
			error = EIO;
	}
	return error;
}

/*
 * Return: 0 when all is gone; EBUSY when all is there; EIO when some is lost;
 * ENOTCONN when it is another daemon's.
 */
static int take_tree(const struct amfs_job *job, struct tree *tree)
{
	size_t left = tree->count;
	int error = 0;

	while (left && !error)
		error = take_branch(job, &tree->branches[--left]);
	if (!error || error == ENOTCONN)
		return error;
	if (error != EBUSY)
		amfs_log(LOG_WARNING, "%s: %s: can't be unmounted: %s",
			 job->channel->shown, job->shown, strerror(error));
	return put_all_back(job, tree);
}

/* Return: 0, or an errno when something is missing still. */
static int mend_offset(struct amfs_job *job, struct libmnt_fs *root,
			const char *name, const char *offset, const char *path)
{
	struct amfs_why why = { "" };
	int error;
	int fd;

	fd = amfs_offset_make(job, name, offset, &why);
	error = fd < 0 ? -fd : 0;
	if (!error)
		error = amfs_channel_lost(job->channel) ?
			ENOTCONN : move_to(root, offset, fd);
	if (fd >= 0)
		close(fd);
	/* Left out from the beginning, and said so then: it has no folder. */
	if (error == ENOENT || error == ENOTDIR || error == ELOOP)
		return 0;
	if (error == ENOTCONN)
		return error;
	amfs_log(error ? LOG_ERR : LOG_NOTICE, "%s: %s: %s was missing%s%s",
		 job->channel->shown, job->shown, path,
		 error ? " and can't be put back: " : ", and is back",
		 error ? strerror(error) : "");
	return error;
}

static int mend(struct amfs_job *job, const struct tree *tree,
		struct libmnt_fs *root, const char *name);

/* One part of @root, and what is mounted on that. */
static int mend_part(struct amfs_job *job, const struct tree *tree,
		     struct libmnt_fs *root, const char *name,
		     const char *offset)
{
	char *path = amfs_offset_name(mnt_fs_get_target(root), offset);
	char *part = amfs_offset_name(name, offset);
	struct libmnt_fs *point, *mounted;
	int error = path && part ? 0 : ENOMEM;

	if (!error) {
		point = mounted_on(tree, root, path);
		mounted = point ? mounted_on(tree, point, path) : NULL;
		if (!point)
			error = mend_offset(job, root, name, offset, path);
		else if (mounted)
			error = mend(job, tree, mounted, part);
	}
	free(part);
	free(path);
	return error;
}

/* What of the parts on @root, which is mounted for @name, isn't there? */
static int mend(struct amfs_job *job, const struct tree *tree,
		struct libmnt_fs *root, const char *name)
{
	struct amfs_mount_spec spec = { 0 };
	struct amfs_why why = { "" };
	int error = 0;
	int one;
	size_t i;

	/* What the map has no more can't be missing. */
	if (amfs_snapshot_resolve(job->channel, name, strlen(name), &spec, &why))
		return 0;
	for (i = 0; i < spec.nr_offsets; i++) {
		one = mend_part(job, tree, root, name, spec.offsets[i]);
		if (one)
			error = one;
	}
	amfs_mount_spec_clear(&spec);
	return error;
}

static int begin(const struct amfs_job *job, const struct branch *root)
{
	int fd = open_root(root->fs);
	int error;

	if (fd < 0)
		return -fd;
	error = -amfs_channel_begin_tree(job->channel, job->id, fd);
	close(fd);
	return error;
}

/* Who misses a part that is put back again has to wait. */
static int take_whole(const struct amfs_job *job, struct tree *tree)
{
	int apart = amfs_apart_begin(job);
	int error = take_tree(job, tree);

	if (apart >= 0)
		close(apart);
	return error;
}

static int expire(struct amfs_job *job, struct tree *tree)
{
	int error;

	error = begin(job, tree->branches);
	if (!error)
		error = take_whole(job, tree);
	/* To the kernel EBUSY means that all of it is there, also what another took. */
	if (error && error != ENOTCONN &&
	    mend(job, tree, tree->branches->fs, job->key))
		error = amfs_channel_lost(job->channel) ? ENOTCONN : EIO;
	return error;
}

int amfs_tree_expire(struct amfs_job *job)
{
	struct tree tree = { 0 };
	int error;

	error = -read_tree(&tree, job);
	if (!error)
		error = expire(job, &tree);
	clear_tree(&tree);
	/* Somebody else unmounted it. */
	return error == ENOENT ? 0 : error;
}
