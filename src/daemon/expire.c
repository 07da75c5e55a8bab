// SPDX-License-Identifier: GPL-2.0
/*
 * Unmounting an idle key. The VFS decides what is idle: umount2(MNT_EXPIRE)
 * marks a mount and, when nobody has touched it until the next time, takes it.
 * Nothing here may look at the key in another way: that would be a touch.
 */
#include "expire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "attach.h"
#include "channel.h"
#include "log.h"
#include "point.h"
#include "pool.h"
#include "tree.h"

/* Return: 0 when it is unmounted, now or before; EAGAIN when marked only. */
static int take(const struct amfs_job *job)
{
	int flags = UMOUNT_NOFOLLOW;

	/* With no time between mark and taking the mark would say nothing. */
	if (!(job->flags & AMFS_MSG_F_NOW))
		flags |= MNT_EXPIRE;
	if (!umount2(job->key, flags))
		return 0;
	/* Somebody else unmounted it. */
	if (errno == EINVAL || errno == ENOENT)
		return 0;
	return errno;
}

/* By the classic route, as the kernel says, the key is a folder of our making. */
static void remove_folder(struct amfs_job *job, int mnt_fd)
{
	if (!(job->flags & AMFS_MSG_F_PATH) || !unlinkat(mnt_fd, job->key, AT_REMOVEDIR))
		return;
	if (errno == EBUSY)
		amfs_log(LOG_INFO, "%s: %s: unmounted here, but still mounted in another mount namespace",
			 job->channel->shown, job->shown);
}

static int expire(struct amfs_job *job, int mnt_fd)
{
	int error;

	if (fchdir(mnt_fd))
		return errno;
	error = take(job);
	if (!error)
		remove_folder(job, mnt_fd);
	/* The current folder must not hold the automount point. */
	if (chdir("/"))
		amfs_log(LOG_ERR, "chdir /: %s", strerror(errno));
	return error;
}

static void answer(struct amfs_job *job, int error, int mnt_fd)
{
	int refused = amfs_channel_done(job->channel, job->id,
					(unsigned int)error, mnt_fd);

	/* It isn't gone after all, as after a second mount on top of it. */
	if (refused == -EBUSY && !error) {
		error = EBUSY;
		refused = amfs_channel_done(job->channel, job->id, EBUSY, -1);
	}
	if (refused && refused != -ESTALE && refused != -ESRCH &&
	    refused != -ENOTCONN)
		amfs_log(LOG_ERR, "%s: %s: the answer was refused: %s",
			 job->channel->shown, job->shown, strerror(-refused));
	if (!error)
		amfs_log(LOG_INFO, "%s: %s: unmounted", job->channel->shown,
			 job->shown);
	else if (refused == -ENOTCONN)
		amfs_log(LOG_NOTICE, "%s: %s: left to the daemon that has the map now",
			 job->channel->shown, job->shown);
	else if (error != EAGAIN && error != EBUSY)
		amfs_log(LOG_WARNING, "%s: %s: can't be unmounted: %s",
			 job->channel->shown, job->shown, strerror(error));
}

static void expire_tree(struct amfs_job *job)
{
	int mnt_fd = -1;
	int error;

	amfs_attach_begin();
	error = amfs_tree_expire(job);
	if (!error)
		mnt_fd = amfs_point_open(job->dev, NULL);
	if (!error && mnt_fd < 0)
		error = -mnt_fd;
	if (!error)
		remove_folder(job, mnt_fd);
	answer(job, error, mnt_fd);
	amfs_attach_end();
	if (mnt_fd >= 0)
		close(mnt_fd);
}

void amfs_expire(struct amfs_job *job)
{
	int mnt_fd;
	int error;

	if (job->flags & AMFS_MSG_F_TREE) {
		expire_tree(job);
		return;
	}
	/* The kernel attached it, and the key isn't a path to be unmounted. */
	if (job->flags & AMFS_MSG_F_DIRECT) {
		answer(job, EBUSY, -1);
		return;
	}
	mnt_fd = amfs_point_open(job->dev, NULL);
	if (mnt_fd < 0) {
		answer(job, -mnt_fd, -1);
		return;
	}
	amfs_attach_begin();
	error = expire(job, mnt_fd);
	answer(job, error, mnt_fd);
	amfs_attach_end();
	close(mnt_fd);
}
