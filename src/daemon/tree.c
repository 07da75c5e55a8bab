// SPDX-License-Identifier: GPL-2.0
/*
 * Building a tree. Whatever may wait for a server, as finding a folder may, is
 * done here, by the thread that has the request.
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assemble.h"
#include "channel.h"
#include "log.h"
#include "map.h"
#include "offset.h"
#include "pool.h"

int amfs_tree_folder(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	int error = 0;
	int fd;

	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (fstatat(fd, "", &st, AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		error = -errno;
	else if (!S_ISDIR(st.st_mode))
		error = -ENOTDIR;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static void leave_out(const struct amfs_job *job, const char *offset, int error,
		      const struct amfs_why *why)
{
	char shown[AMFS_ESCAPED_SIZE];

	amfs_log(LOG_WARNING, "%s: %s: the part %s is left out: %s%s%s",
		 job->channel->shown, job->shown,
		 amfs_escape(shown, sizeof(shown), offset, strlen(offset)),
		 strerror(-error), *why->text ? ": " : "", why->text);
}

static int make_piece(struct amfs_job *job, int root, const char *offset,
		      struct amfs_piece *piece)
{
	struct amfs_why why = { "" };
	int error = 0;

	piece->mount = -1;
	piece->folder = amfs_tree_folder(root, offset);
	if (piece->folder < 0)
		error = piece->folder;
	else
		piece->mount = amfs_offset_make(job, job->key, offset, &why);
	if (!error && piece->mount >= 0)
		return 0;
	if (!error)
		error = piece->mount;
	if (piece->folder >= 0)
		close(piece->folder);
	leave_out(job, offset, error, &why);
	return error;
}

/* Each folder on the way to a part. @path is written to, and restored. */
static int make_folders(int root, char *path)
{
	char *slash = path;
	int error = 0;

	while (slash && !error) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		if (mkdirat(root, path, 0755) && errno != EEXIST)
			error = -errno;
		if (slash)
			*slash++ = '/';
	}
	return error;
}

static int fill_folders(int root, const struct amfs_mount_spec *spec)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int error = 0;
	size_t i;

	for (i = 0; i < spec->nr_offsets && !error; i++)
		error = make_folders(root, spec->offsets[i]);
	if (!error && mount_setattr(root, "", AT_EMPTY_PATH, &attr,
				    sizeof(attr)))
		error = -errno;
	return error;
}

static int build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		 int root, struct amfs_piece *pieces)
{
	size_t count = 0;
	size_t i;
	int fd = 0;

	if (spec->folders)
		fd = fill_folders(root, spec);
	for (i = 0; i < spec->nr_offsets && !fd; i++)
		if (!make_piece(job, root, spec->offsets[i], &pieces[count]))
			count++;
	if (!fd)
		fd = amfs_assemble(root, pieces, count);
	while (count--) {
		close(pieces[count].folder);
		close(pieces[count].mount);
	}
	return fd;
}

int amfs_tree_build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		    int root, struct amfs_why *why)
{
	struct amfs_piece *pieces;
	int fd = -ENOMEM;

	pieces = calloc(spec->nr_offsets, sizeof(*pieces));
	if (pieces)
		fd = build(job, spec, root, pieces);
	free(pieces);
	close(root);
	if (fd < 0)
		amfs_why_set(why, "its parts can't be put on it");
	return fd;
}
