// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a tree away. The kernel keeps walkers out from amfs_channel_begin_tree()
 * to the answer. From leaf to root each mount is cloned and unmounted, and if one
 * is in use the clones go back; so a tree goes whole or not at all. A daemon that
 * was killed half-way has left no clones: what it took is mounted anew, by the map.
 *
 * So does the next daemon when the map is taken over half-way. Its mounts are at
 * the same paths, so whose the map is is asked last before each step, and no step
 * is a walk through the key: there it would wait until the next one is done.
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "apart.h"
#include "channel.h"
#include "log.h"
#include "point.h"
#include "pool.h"
#include "tree_mounts.h"

/* Return: the folder that the last name of @path is in, or a negative errno. */
static int open_folder(const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);
	char *folder = strndup(path, len ? len : 1);
	int fd;

	if (!folder)
		return -ENOMEM;
	fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(folder);
	return fd;
}

/* Return: 0 or an errno; umount2(2) takes no descriptor. */
static int unmount_in(const struct amfs_job *job, int folder, const char *name)
{
	char *path;
	int error = 0;

	if (asprintf(&path, "/proc/self/fd/%d/%s", folder, name) < 0)
		return ENOMEM;
	if (amfs_channel_lost(job->channel))
		error = ENOTCONN;
	else if (umount2(path, UMOUNT_NOFOLLOW))
		error = errno;
	free(path);
	return error;
}

static int take_branch(const struct amfs_job *job, struct amfs_branch *branch)
{
	const char *path = mnt_fs_get_target(branch->fs);
	const char *name = strrchr(path, '/') + 1;
	int folder = open_folder(path);
	int error = 0;
	int clone;

	if (folder < 0)
		return -folder;
	clone = open_tree(folder, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			  AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW);
	if (clone < 0)
		error = errno;
	else
		error = unmount_in(job, folder, name);
	close(folder);
	if (!error)
		branch->clone = clone;
	else if (clone >= 0)
		close(clone);
	return error;
}

/* The root goes last, so it is there. */
static int put_back(const struct amfs_job *job, const struct amfs_tree *tree,
		    const struct amfs_branch *branch)
{
	const char *path = mnt_fs_get_target(branch->fs);
	struct libmnt_fs *root = tree->branches->fs;
	int error;

	if (branch->clone == -1)
		return 0;
	error = amfs_tree_move(job, root, path + strlen(mnt_fs_get_target(root)) + 1,
			branch->clone);
	if (error && !amfs_channel_lost(job->channel))
		amfs_log(LOG_ERR, "%s: %s: %s can't be put back: %s",
			 job->channel->shown, job->shown, path,
			 strerror(error));
	return error;
}

/* Return: EBUSY when all is there; EIO when some is lost; ENOTCONN. */
static int put_all_back(const struct amfs_job *job, const struct amfs_tree *tree)
{
	int error = EBUSY;
	int one;
	size_t i;

	for (i = 0; i < tree->count; i++) {
		one = put_back(job, tree, &tree->branches[i]);
		if (one && amfs_channel_lost(job->channel))
			return ENOTCONN;
		if (one)
			error = EIO;
	}
	return error;
}

/*
 * Return: 0 when all is gone; EBUSY when all is there; EIO when some is lost;
 * ENOTCONN when it is another daemon's.
 */
static int take_tree(const struct amfs_job *job, struct amfs_tree *tree)
{
	size_t left = tree->count;
	int error = 0;

	while (left && !error)
		error = take_branch(job, &tree->branches[--left]);
	if (!error)
		return 0;
	/* The errno doesn't tell: a FUSE server that died says ENOTCONN as well. */
	if (amfs_channel_lost(job->channel))
		return ENOTCONN;
	if (error != EBUSY)
		amfs_log(LOG_WARNING, "%s: %s: can't be unmounted: %s",
			 job->channel->shown, job->shown, strerror(error));
	return put_all_back(job, tree);
}

static int begin(const struct amfs_job *job, const struct amfs_tree *tree)
{
	struct libmnt_fs *root = tree->branches->fs;
	int error;
	int fd;

	/* What somebody has mounted over all of it is his to unmount. */
	if (amfs_tree_mounted_on(tree, root, mnt_fs_get_target(root)))
		return EBUSY;
	fd = amfs_tree_open(root);
	if (fd < 0)
		return -fd;
	error = -amfs_channel_begin_tree(job->channel, job->id, fd);
	close(fd);
	return error;
}

static int expire(struct amfs_job *job, struct amfs_tree *tree, int apart)
{
	int error = apart < 0 ? -apart : begin(job, tree);

	if (!error)
		error = take_tree(job, tree);
	if (!error)
		return 0;
	/* To the kernel EBUSY means that all of it is there, also what another took. */
	if (!amfs_channel_lost(job->channel) && amfs_tree_mend(job, tree))
		error = EIO;
	return error;
}

int amfs_tree_expire(struct amfs_job *job)
{
	/* Before it is looked what is there: a part that is mounted then isn't missed. */
	int apart = amfs_apart_begin(job);
	struct amfs_tree tree = { 0 };
	int error;

	error = -amfs_tree_read(&tree, job);
	if (!error)
		error = expire(job, &tree, apart);
	amfs_tree_clear(&tree);
	if (apart >= 0)
		close(apart);
	/* Somebody else unmounted it. */
	return error == ENOENT ? 0 : error;
}
