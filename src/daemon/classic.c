// SPDX-License-Identifier: GPL-2.0
/*
 * The classic route: mkdir, mount on the path, answer. Our process group isn't
 * held up at the key, nor is a helper, which for that stays in our group.
 */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "log.h"
#include "map.h"
#include "mount.h"
#include "point.h"
#include "pool.h"
#include "stage.h"

static void remove_key(struct amfs_job *job, int mnt_fd)
{
	/* The kernel refuses while it is mounted elsewhere, and keeps track. */
	if (unlinkat(mnt_fd, job->key, AT_REMOVEDIR) && errno != ENOENT)
		amfs_log(LOG_INFO, "%s: %s: the folder stays: %s",
			 job->channel->shown, job->shown, strerror(errno));
}

static void undo(struct amfs_job *job, int mnt_fd)
{
	amfs_serve_undo(job, mnt_fd);
	remove_key(job, mnt_fd);
}

/*
 * The folder may be there already, left by a daemon before us or by the other
 * route; then the kernel is told what mkdir would have told it.
 *
 * Return: 0 when the key is a folder to mount on; 1 when a daemon before us got
 * as far as mounting it; a negative errno.
 */
static int make_key(struct amfs_job *job, int mnt_fd, struct amfs_why *why)
{
	int error = 0;

	if (mkdirat(mnt_fd, job->key, 0755) && errno != EEXIST)
		/* EPERM: the request has ended meanwhile. */
		error = errno == EPERM ? -ESTALE : -errno;
	if (!error)
		error = amfs_channel_take_path(job->channel, job->id, mnt_fd);
	if (error == -EEXIST)
		return 1;
	if (error)
		amfs_why_set(why, "the folder can't be made");
	return error;
}

/* Return: as amfs_stage_mount() with a target. */
static int mount_by_helper(struct amfs_job *job, const char *program,
			   bool needs_type, const struct amfs_mount_spec *spec,
			   const char *folder, struct amfs_why *why)
{
	char *target;
	int error;

	if (asprintf(&target, "%s/%s", folder, job->key) < 0)
		return -ENOMEM;
	error = amfs_stage_mount(job, program, needs_type, spec, target, why);
	free(target);
	return error;
}

static int place(struct amfs_job *job, int mount_fd, int mnt_fd)
{
	return move_mount(mount_fd, "", mnt_fd, job->key,
			  MOVE_MOUNT_F_EMPTY_PATH) ? -errno : 0;
}

static int mount_on_key(struct amfs_job *job,
			const struct amfs_mount_spec *spec, int mnt_fd,
			const char *folder, struct amfs_why *why)
{
	char program[AMFS_STAGE_PROGRAM];
	bool needs_type;
	int mount_fd;
	int error;

	if (strcmp(spec->fstype, "bind") &&
	    amfs_stage_find(spec->fstype, program, &needs_type)) {
		error = make_key(job, mnt_fd, why);
		if (error)
			return error;
		return mount_by_helper(job, program, needs_type, spec, folder,
				       why);
	}
	mount_fd = amfs_mount_build(job, spec, why);
	if (mount_fd < 0)
		return mount_fd;
	error = make_key(job, mnt_fd, why);
	if (!error)
		error = place(job, mount_fd, mnt_fd);
	close(mount_fd);
	return error;
}

int amfs_classic_mount(struct amfs_job *job,
		       const struct amfs_mount_spec *spec,
		       struct amfs_why *why)
{
	char *folder;
	int mnt_fd;
	int error;

	mnt_fd = amfs_point_open(job->dev, &folder);
	if (mnt_fd < 0) {
		amfs_why_set(why, "the automount point isn't mounted where amfsd runs");
		return mnt_fd;
	}
	error = mount_on_key(job, spec, mnt_fd, folder, why);
	/* Another's mount isn't ours to undo. */
	if (error >= 0)
		error = amfs_serve_done(job, spec, mnt_fd, error ? NULL : undo,
					why);
	if (error)
		remove_key(job, mnt_fd);
	close(mnt_fd);
	free(folder);
	return error;
}
