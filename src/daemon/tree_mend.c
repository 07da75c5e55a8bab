// SPDX-License-Identifier: GPL-2.0
/*
 * What an amfsd before this one has taken of a tree and not put back, because it was
 * killed or lost its map: it is mounted anew, by the map.
 */
#include "tree_mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "log.h"
#include "map.h"
#include "offset.h"
#include "pool.h"
#include "snapshot.h"

/* Return: 0, or an errno when something is missing still. */
static int mend_offset(struct amfs_job *job, struct libmnt_fs *root,
			const char *name, const char *offset, const char *path)
{
	struct amfs_why why = { "" };
	int error;
	int fd;

	fd = amfs_offset_make(job, name, offset, &why);
	error = fd < 0 ? -fd : amfs_tree_move(job, root, offset, fd);
	if (fd >= 0)
		close(fd);
	/* Left out from the beginning, and said so then: it has no folder. */
	if (error == ENOENT || error == ENOTDIR || error == ELOOP)
		return 0;
	if (error && amfs_channel_lost(job->channel))
		return error;
	amfs_log(error ? LOG_ERR : LOG_NOTICE, "%s: %s: %s was missing%s%s",
		 job->channel->shown, job->shown, path,
		 error ? " and can't be put back: " : ", and is back",
		 error ? strerror(error) : "");
	return error;
}

static int mend(struct amfs_job *job, const struct amfs_tree *tree,
		struct libmnt_fs *root, const char *name);

/* One part of @root, and what is mounted on that. */
static int mend_part(struct amfs_job *job, const struct amfs_tree *tree,
		     struct libmnt_fs *root, const char *name,
		     const char *offset)
{
	char *path = amfs_offset_name(mnt_fs_get_target(root), offset);
	char *part = amfs_offset_name(name, offset);
	struct libmnt_fs *point, *mounted;
	int error = path && part ? 0 : ENOMEM;

	if (!error) {
		point = amfs_tree_mounted_on(tree, root, path);
		mounted = point ? amfs_tree_mounted_on(tree, point, path) : NULL;
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
static int mend(struct amfs_job *job, const struct amfs_tree *tree,
		struct libmnt_fs *root, const char *name)
{
	struct amfs_mount_spec spec = { 0 };
	struct amfs_why why = { "" };
	int error = 0;
	int one;
	size_t i;

	/* What lies under another mount can't be reached. */
	if (amfs_tree_mounted_on(tree, root, mnt_fs_get_target(root)))
		return 0;
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

int amfs_tree_mend(struct amfs_job *job, const struct amfs_tree *tree)
{
	return mend(job, tree, tree->branches->fs, job->key);
}
