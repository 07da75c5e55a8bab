// SPDX-License-Identifier: GPL-2.0
/*
 * A MOUNT request from the map to the answer, by the trigger-fd route or by the
 * kernel's own. The mount is built before the kernel is asked for its place, so
 * that a key that fails never has one.
 */
#include "serve.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "apart.h"
#include "attach.h"
#include "channel.h"
#include "log.h"
#include "map.h"
#include "mount.h"
#include "point.h"
#include "pool.h"
#include "snapshot.h"

/* How often a key is mounted for one request before we give up. */
#define MOUNT_TRIES	5

/*
 * Beside AMFS_SERVE_GONE: what was opened as a part's automount point was unmounted
 * before the mount got there, or wouldn't have it.
 */
#define UNPLACED	(AMFS_SERVE_GONE + 1)

static double seconds(const struct amfs_job *job)
{
	return (double)(amfs_clock_ms() - job->started_ms) / 1000;
}

/* Nobody waits any more, or the map is another daemon's: not our affair. */
static bool is_over(int error)
{
	return error == -ESTALE || error == -ESRCH || error == -ENOTCONN;
}

void amfs_serve_undo(struct amfs_job *job, int mnt_fd)
{
	if (!amfs_point_is_mounted(mnt_fd, job->key))
		return;
	if (!fchdir(mnt_fd) && !umount2(job->key, UMOUNT_NOFOLLOW))
		amfs_log(LOG_INFO, "%s: %s: came too late and was unmounted",
			 job->channel->shown, job->shown);
	else
		amfs_log(LOG_INFO, "%s: %s: came too late, but stays: %s",
			 job->channel->shown, job->shown, strerror(errno));
	/* The current folder must not hold the automount point. */
	if (chdir("/"))
		amfs_log(LOG_ERR, "chdir /: %s", strerror(errno));
}

static void log_success(const struct amfs_job *job,
			const struct amfs_mount_spec *spec)
{
	char what[1024];

	amfs_log(LOG_INFO, "%s: %s: mounted %s %s in %.3f s",
		 job->channel->shown, job->shown, spec->fstype,
		 amfs_escape(what, sizeof(what), spec->source,
			     strlen(spec->source)), seconds(job));
}

int amfs_serve_done(struct amfs_job *job, const struct amfs_mount_spec *spec,
		    int mnt_fd,
		    void (*undo)(struct amfs_job *job, int mnt_fd),
		    struct amfs_why *why)
{
	int error = amfs_channel_mounted(job->channel, job->id, mnt_fd, -1,
					 spec->source);

	if (!error)
		log_success(job, spec);
	if (error == -ESTALE && undo)
		undo(job, mnt_fd);
	if (!error || is_over(error))
		return 0;
	if (error == -ENOENT)
		return AMFS_SERVE_GONE;
	amfs_why_set(why, "the kernel refused the mount");
	return error;
}

/* Return: 0 when the mount is in place; 1 when someone else's is; a negative errno. */
static int attach(struct amfs_job *job, const struct amfs_mount_spec *spec,
		  int mount_fd, int mnt_fd)
{
	int target;
	int error = 0;

	target = amfs_channel_target(job->channel, job->id, mnt_fd,
				     spec->nr_offsets);
	/* A daemon before us got as far as this. */
	if (target == -EEXIST)
		return 1;
	if (target < 0)
		return target;
	if (move_mount(mount_fd, "", target, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		error = -errno;
	close(target);
	return error;
}

/*
 * Who is in a private copy of a tree asks for a part also when it is mounted here.
 *
 * Return: a descriptor of the automount point's root, or of what is mounted on that, as
 * TARGET and DONE take it; a negative errno.
 */
static int open_point(struct amfs_job *job, const struct amfs_mount_spec *spec,
		      struct amfs_why *why)
{
	int fd = amfs_point_open(job->dev, NULL);

	if (fd == -ENODEV && spec->part)
		fd = amfs_point_open_cover(job->dev);
	job->stray = spec->part && fd == -ENODEV;
	if (fd < 0)
		amfs_why_set(why, spec->part ?
			     "its automount point isn't mounted where amfsd runs any more; who is in an old copy of the tree must leave it and walk there again" :
			     "the automount point isn't mounted where amfsd runs");
	return fd;
}

/* The kernel attaches it wherever it is wanted, and unmounts it itself. */
static int mount_by_kernel(struct amfs_job *job,
			   const struct amfs_mount_spec *spec,
			   struct amfs_why *why)
{
	int mount_fd = amfs_mount_build(job, spec, why);
	int mnt_fd;
	int error;

	if (mount_fd < 0)
		return mount_fd;
	mnt_fd = open_point(job, spec, why);
	if (mnt_fd < 0) {
		close(mount_fd);
		return mnt_fd;
	}
	error = amfs_channel_mounted(job->channel, job->id, mnt_fd, mount_fd,
				     spec->source);
	close(mount_fd);
	close(mnt_fd);
	if (!error)
		log_success(job, spec);
	if (error == -EPERM)
		amfs_why_set(why, "route=kernel would lose a restriction or a mount below it; mount the automount point with the same of nosuid, nodev, noexec, ro and nosymfollow, or use route=fd");
	return is_over(error) ? 0 : error;
}

/*
 * Another's mount isn't ours to undo. A tree, and a part of one, stays: it is whole,
 * and the next walker finds it.
 */
static bool may_undo(const struct amfs_mount_spec *spec, bool others)
{
	return !others && !spec->nr_offsets && !spec->part;
}

/* Attaches @mount_fd, which is closed, and answers. */
static int put_in_place(struct amfs_job *job, const struct amfs_mount_spec *spec,
			int mount_fd, struct amfs_why *why)
{
	int mnt_fd = open_point(job, spec, why);
	int error;

	if (mnt_fd < 0) {
		close(mount_fd);
		return mnt_fd;
	}
	amfs_attach_begin();
	error = attach(job, spec, mount_fd, mnt_fd);
	/* What isn't attached ends here, and what is must not be held. */
	close(mount_fd);
	if (error >= 0)
		error = amfs_serve_done(job, spec, mnt_fd,
					may_undo(spec, error) ? amfs_serve_undo :
								NULL, why);
	amfs_attach_end();
	close(mnt_fd);
	return error == -EINVAL && spec->part ? UNPLACED : error;
}

/*
 * Who is in a private copy of a tree may ask for a part that is just being taken off, or
 * put back: the mount that comes back would cover ours.
 */
static int put_part_in_place(struct amfs_job *job,
			     const struct amfs_mount_spec *spec, int mount_fd,
			     struct amfs_why *why)
{
	int apart = amfs_apart_wait(job);
	int error = apart < 0 ? apart : 0;

	/* Without the map we would wait at the tree's key, like anybody. */
	if (apart >= 0 && !amfs_channel_lost(job->channel))
		error = put_in_place(job, spec, mount_fd, why);
	else
		close(mount_fd);
	if (apart >= 0)
		close(apart);
	return error;
}

static int mount_by_fd(struct amfs_job *job, const struct amfs_mount_spec *spec,
		       struct amfs_why *why)
{
	int mount_fd = amfs_mount_build(job, spec, why);

	if (mount_fd < 0)
		return mount_fd;
	return spec->part ? put_part_in_place(job, spec, mount_fd, why) :
			    put_in_place(job, spec, mount_fd, why);
}

static void log_failure(struct amfs_job *job,
			const struct amfs_mount_spec *spec, int error,
			const struct amfs_why *why)
{
	char what[1024] = "";

	if (!amfs_log_may(amfs_clock_ms()))
		return;
	if (spec->fstype)
		amfs_escape(what, sizeof(what), spec->source,
			    strlen(spec->source));
	amfs_log(LOG_WARNING, "%s: %s: can't be mounted%s%s%s%s: %s%s%s (after %.3f s, for %s, pid %ld, uid %lu)",
		 job->channel->shown, job->shown,
		 spec->fstype ? " from " : "", spec->fstype ? spec->fstype : "",
		 spec->fstype ? " " : "", what, strerror(error),
		 *why->text ? ": " : "", why->text, seconds(job),
		 job->comm, (long)job->pid, (unsigned long)job->uid);
}

static enum amfs_route route_of(const struct amfs_job *job,
				const struct amfs_mount_spec *spec)
{
	/* A tree and its parts are unmounted from the root down; see tree.h. */
	if (spec->nr_offsets || spec->part)
		return AMFS_ROUTE_FD;
	/* Its root is covered by what is mounted, so we couldn't unmount it. */
	if (job->flags & AMFS_MSG_F_DIRECT)
		return AMFS_ROUTE_KERNEL;
	if (spec->route != AMFS_ROUTE_DEFAULT)
		return spec->route;
	if (job->flags & AMFS_MSG_F_PATH)
		return AMFS_ROUTE_PATH;
	return job->flags & AMFS_MSG_F_KERNEL ? AMFS_ROUTE_KERNEL :
						AMFS_ROUTE_FD;
}

static int mount_spec(struct amfs_job *job, const struct amfs_mount_spec *spec,
		      struct amfs_why *why)
{
	switch (route_of(job, spec)) {
	case AMFS_ROUTE_PATH:
		return amfs_classic_mount(job, spec, why);
	case AMFS_ROUTE_KERNEL:
		return mount_by_kernel(job, spec, why);
	default:
		return mount_by_fd(job, spec, why);
	}
}

/* An umount(8) between the mount and the answer is no failure of the key's. */
static int mount_patiently(struct amfs_job *job,
			   const struct amfs_mount_spec *spec,
			   struct amfs_why *why)
{
	int tries = MOUNT_TRIES;
	int error;

	do {
		error = mount_spec(job, spec, why);
	} while (error > 0 && --tries);
	if (error == UNPLACED)
		return -EINVAL;
	if (error != AMFS_SERVE_GONE)
		return error;
	amfs_why_set(why, "it was unmounted at once, each time");
	return -EIO;
}

static void fail(struct amfs_job *job, const struct amfs_mount_spec *spec,
		 int error, struct amfs_why *why)
{
	bool stray = spec->part && job->stray;
	int refused;

	if (is_over(-error) || amfs_job_is_cancelled(job)) {
		error = ETIMEDOUT;
		amfs_why_set(why, "nobody waits for it any more; is the server up, or the deadline too short?");
	} else if (stray) {
		/*
		 * The part's automount point has been replaced, or covered, or stayed
		 * behind in another mount namespace. The VFS walks there once more.
		 */
		error = ESTALE;
	}
	/* A name that isn't in the map is nobody's fault. */
	if (error != ENOENT || spec->fstype)
		log_failure(job, spec, error, why);
	if (stray)
		refused = amfs_channel_failed_once(job->channel, job->id,
						   (unsigned int)error);
	else
		refused = amfs_channel_done(job->channel, job->id,
					    (unsigned int)error, -1);
	if (refused && !is_over(refused))
		amfs_log(LOG_ERR, "%s: %s: the answer was refused: %s",
			 job->channel->shown, job->shown, strerror(-refused));
}

void amfs_serve_mount(struct amfs_job *job)
{
	struct amfs_mount_spec spec = { 0 };
	struct amfs_why why = { "" };
	int error;

	error = amfs_snapshot_resolve(job->channel, job->key, job->key_len,
				      &spec, &why);
	if (!error)
		error = mount_patiently(job, &spec, &why);
	if (error)
		fail(job, &spec, -error, &why);
	amfs_mount_spec_clear(&spec);
}
