// SPDX-License-Identifier: GPL-2.0
/* Finding the mounts of a key with parts, and putting one to its place. */
#include "tree_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "channel.h"
#include "offset.h"
#include "point.h"
#include "pool.h"
#include "tree.h"

struct libmnt_fs *amfs_tree_mounted_on(const struct amfs_tree *tree,
				       struct libmnt_fs *parent,
				       const char *path)
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

static int add_branch(struct amfs_tree *tree, struct libmnt_fs *fs)
{
	struct amfs_branch *branches;

	branches = realloc(tree->branches,
			   (tree->count + 1) * sizeof(*branches));
	if (!branches)
		return -ENOMEM;
	branches[tree->count++] = (struct amfs_branch){ .fs = fs, .clone = -1 };
	tree->branches = branches;
	return 0;
}

/* What covers the root of a mount also covers what else is on that, and goes first. */
static int add_branches(struct amfs_tree *tree, struct libmnt_fs *root)
{
	struct libmnt_fs *cover = amfs_tree_mounted_on(tree, root,
						       mnt_fs_get_target(root));
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	int error = iter ? add_branch(tree, root) : -ENOMEM;
	struct libmnt_fs *fs;

	while (!error &&
	       !mnt_table_next_child_fs(tree->table, iter, root, &fs))
		if (fs != cover)
			error = add_branches(tree, fs);
	mnt_free_iter(iter);
	if (!error && cover)
		error = add_branches(tree, cover);
	return error;
}

/* Return: the root of the tree; NULL when nothing is mounted on the key. */
static struct libmnt_fs *find_root(const struct amfs_tree *tree,
				   const struct amfs_job *job)
{
	struct libmnt_fs *point = amfs_point_find(tree->table, job->dev);
	struct libmnt_fs *fs = NULL;
	char *path;

	if (!point)
		return NULL;
	if (job->flags & AMFS_MSG_F_DIRECT)
		return amfs_tree_mounted_on(tree, point, mnt_fs_get_target(point));
	path = amfs_offset_name(mnt_fs_get_target(point), job->key);
	if (path)
		fs = amfs_tree_mounted_on(tree, point, path);
	free(path);
	return fs;
}

int amfs_tree_read(struct amfs_tree *tree, const struct amfs_job *job)
{
	struct libmnt_fs *root;

	tree->table = mnt_new_table_from_file(AMFS_POINT_TABLE);
	if (!tree->table)
		return -ENOMEM;
	root = find_root(tree, job);
	if (!root)
		return -ENOENT;
	return add_branches(tree, root);
}

void amfs_tree_clear(struct amfs_tree *tree)
{
	size_t i;

	for (i = 0; i < tree->count; i++)
		if (tree->branches[i].clone != -1)
			close(tree->branches[i].clone);
	free(tree->branches);
	mnt_unref_table(tree->table);
}

int amfs_tree_open(struct libmnt_fs *root)
{
	int fd = open(mnt_fs_get_target(root),
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int amfs_tree_move(const struct amfs_job *job, struct libmnt_fs *root,
		   const char *path, int mount)
{
	int root_fd = amfs_tree_open(root);
	int folder = root_fd;
	int error = 0;

	if (root_fd >= 0) {
		folder = amfs_tree_folder(root_fd, path);
		close(root_fd);
	}
	if (folder < 0)
		return -folder;
	if (amfs_channel_lost(job->channel))
		error = ENOTCONN;
	else if (move_mount(mount, "", folder, "",
			    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		error = errno;
	close(folder);
	return error;
}
