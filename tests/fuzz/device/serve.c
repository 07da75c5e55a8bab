// SPDX-License-Identifier: GPL-2.0
/*
 * A daemon that does what is right, or means to: without one nothing would ever be
 * mounted. Its structures are made wrong now and then like all others.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HEAD(arg) .size = sizeof(arg), .version = AMFS_VERSION

/**
 * struct job - a request that is being served
 * @root: of the point, once it is known.
 * @point: its number.
 */
struct job {
	struct worker *w;
	const struct amfs_msg *msg;
	unsigned int map;
	unsigned int flags;
	int dev;
	int mnt;
	int target;
	int root;
	unsigned int point;
};

static int ask_target(struct job *job, int root)
{
	static const enum call calls[] = { CALL_TARGET, CALL_TARGET_PATH, CALL_TARGET_TREE };
	struct amfs_target arg = {
		HEAD(arg), .id = job->msg->id, .flags = job->flags, .mnt_fd = root, .fd = -1,
	};

	if (fuzz_ioctl(job->w, calls[job->flags], job->dev, AMFS_IOC_TARGET, &arg, sizeof(arg)) < 0)
		return errno;
	job->target = arg.fd;
	return 0;
}

static int answer(struct job *job, int root)
{
	struct amfs_done arg = { HEAD(arg), .id = job->msg->id, .mnt_fd = root };
	enum call call = CALL_DONE;

	if (job->mnt >= 0) {
		call = CALL_DONE_ATTACH;
		arg.flags = AMFS_DONE_ATTACH;
		arg.attach_fd = job->mnt;
	}
	return fuzz_ioctl(job->w, call, job->dev, AMFS_IOC_DONE, &arg, sizeof(arg)) < 0 ? errno : 0;
}

static int answer_error(struct job *job, unsigned int error)
{
	struct amfs_done arg = {
		HEAD(arg), .id = job->msg->id, .error = error, .mnt_fd = -1, .ttl_ms = pick(job->w, 50),
	};

	return fuzz_ioctl(job->w, CALL_DONE_ERROR, job->dev, AMFS_IOC_DONE, &arg, sizeof(arg)) < 0 ?
	       errno : 0;
}

/* The root of the request's point: found by trying, first where it was the last time. */
static int at_point(struct job *job, int (*call)(struct job *job, int root))
{
	unsigned int *hint = &job->w->shared->point_of[job->msg->dev_minor % 1024], i;
	unsigned int first = __atomic_load_n(hint, __ATOMIC_RELAXED);
	char path[1400];
	int err = EINVAL;

	if (job->root >= 0)
		return call(job, job->root);
	if (!first)
		first = 1 + pick(job->w, POINTS);
	for (i = 0; i < POINTS; i++) {
		unsigned int point = (first - 1 + i) % POINTS;
		int root;

		snprintf(path, sizeof(path), "%s/p%u", job->w->base, point);
		root = DO(job->w, CALL_WALK_PATH, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
		if (root < 0)
			continue;
		err = call(job, root);
		if (err != EINVAL) {
			__atomic_store_n(hint, 1 + point, __ATOMIC_RELAXED);
			job->root = root;
			job->point = point;
			return err;
		}
		close(root);
	}
	return err;
}

static int move(struct job *job, int mnt, int to, const char *name)
{
	return DO(job->w, CALL_MOVE_MOUNT, syscall(SYS_move_mount, mnt, "", to, name,
						   MOVE_MOUNT_F_EMPTY_PATH |
						   MOVE_MOUNT_T_EMPTY_PATH)) ? errno : 0;
}

/* A detached tree: the mount of a key, and an automount point for its one part. */
static int a_tree(struct job *job)
{
	struct worker *w = job->w;
	char path[600], part[700], opts[400];
	int mnt = a_tmpfs(w), tree = -1;

	if (mnt < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/src/t%d", w->base, (int)(w->slot - w->shared->slot));
	snprintf(part, sizeof(part), "%s/part", path);
	snprintf(opts, sizeof(opts), "offset=%s/part,deadline=1,grace=1,timeout=1", job->msg->name);
	if (mkdirat(mnt, "part", 0755) || (mkdir(path, 0755) && errno != EEXIST) ||
	    syscall(SYS_move_mount, mnt, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)) {
		close(mnt);
		return -1;
	}
	close(mnt);
	snprintf(w->buf, 16, "m%u", job->map);
	if (!DO(w, CALL_MOUNT, mount(w->buf, part, "amfs", 0, opts)))
		tree = DO(w, CALL_OPEN_TREE, syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE |
						     OPEN_TREE_CLOEXEC | AT_RECURSIVE |
						     AT_NO_AUTOMOUNT));
	DO(w, CALL_UMOUNT_DETACH, umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW));
	return tree;
}

/* By a descriptor, by the path, or as a tree. */
static int put_in_place(struct job *job, int mnt)
{
	int err = at_point(job, ask_target);

	if (err)
		return err;
	if (job->flags == AMFS_TARGET_PATH)
		return move(job, mnt, job->root, job->msg->name);
	err = move(job, mnt, job->target, "");
	close(job->target);
	return err;
}

static int serve_mount(struct job *job)
{
	struct worker *w = job->w;
	int err, mnt;

	if (job->msg->flags & AMFS_MSG_F_KERNEL || chance(w, 25)) {
		job->mnt = a_tmpfs(w);
		err = at_point(job, answer);
		pool_put(w, FD_MOUNT, job->mnt);
		return err;
	}
	if (chance(w, 10))
		return answer_error(job, pick(w, 2) ? ENOENT : EIO);
	job->flags = job->msg->flags & AMFS_MSG_F_PATH ? AMFS_TARGET_PATH : 0;
	if (chance(w, 10))
		job->flags = AMFS_TARGET_TREE;
	else if (chance(w, 15))
		job->flags = AMFS_TARGET_PATH;
	mnt = job->flags == AMFS_TARGET_TREE ? a_tree(job) : a_tmpfs(w);
	err = put_in_place(job, mnt);
	if (mnt >= 0)
		close(mnt);
	if (err == ESTALE || err == ESRCH)
		return err;
	if (err && err != EEXIST)
		return answer_error(job, err);
	return at_point(job, answer);
}

static int unmount_tree(struct job *job, const char *path)
{
	char part[1500];
	int err;

	job->flags = AMFS_TARGET_TREE;
	job->root = DO(job->w, CALL_WALK_PATH, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (job->root < 0)
		return 0;
	err = ask_target(job, job->root);
	close(job->root);
	job->root = -1;
	if (err)
		return err;
	snprintf(part, sizeof(part), "%s/part", path);
	DO(job->w, CALL_UMOUNT, umount2(part, UMOUNT_NOFOLLOW));
	return DO(job->w, CALL_UMOUNT, umount2(path, UMOUNT_NOFOLLOW)) ? errno : 0;
}

static int serve_expire(struct job *job)
{
	unsigned int hint = job->w->shared->point_of[job->msg->dev_minor % 1024];
	unsigned int point = hint ? hint - 1 : pick(job->w, POINTS), tries = 2;
	char path[1400];
	int err;

	snprintf(path, sizeof(path), "%s/p%u/%s", job->w->base, point, job->msg->name);
	if (job->msg->flags & AMFS_MSG_F_DIRECT)
		snprintf(path, sizeof(path), "%s/p%u", job->w->base, point);
	if (job->msg->flags & AMFS_MSG_F_TREE) {
		err = unmount_tree(job, path);
	} else {
		do {
			err = DO(job->w, CALL_UMOUNT_EXPIRE,
				 umount2(path, MNT_EXPIRE | UMOUNT_NOFOLLOW)) ? errno : 0;
		} while (err == EAGAIN && --tries);
		if (!err && job->msg->flags & AMFS_MSG_F_PATH)
			DO(job->w, CALL_WALK_RMDIR, rmdir(path));
	}
	if (err && err != EINVAL && err != ENOENT)
		return answer_error(job, err);
	/* Not where it was looked for, or there is more than one. */
	err = at_point(job, answer);
	return err ? answer_error(job, EBUSY) : 0;
}

static int serve(struct worker *w, int dev, unsigned int map, const struct amfs_msg *msg)
{
	struct job job = {
		.w = w, .msg = msg, .map = map, .dev = dev, .mnt = -1, .target = -1, .root = -1,
	};
	int err = 0;

	if (msg->kind == AMFS_MSG_MOUNT)
		err = serve_mount(&job);
	else if (msg->kind == AMFS_MSG_EXPIRE)
		err = serve_expire(&job);
	if (job.root >= 0)
		close(job.root);
	return err;
}

/* Reads once; @each gets every record. The number of records, or -1. */
static int read_records(struct worker *w, int dev, unsigned int map, char *buf, size_t room,
			int (*each)(struct worker *w, int dev, unsigned int map,
				    const struct amfs_msg *msg))
{
	ssize_t len = DO(w, CALL_READ, read(dev, buf, room)), at = 0;
	int count = 0;

	if (len < 0)
		return -1;
	while (at + (ssize_t)sizeof(struct amfs_msg) <= len) {
		const struct amfs_msg *msg = (const struct amfs_msg *)(buf + at);

		/* Another file by now: a thread has closed the device's. */
		if (msg->size < sizeof(*msg) || msg->name_len > AMFS_NAME_LEN)
			break;
		remember(w, map, msg);
		each(w, dev, map, msg);
		at += msg->size;
		count++;
	}
	return count;
}

/* Whatever any of its files has to say; binds one when none of them is bound. */
void op_serve(struct worker *w)
{
	unsigned int map, spoil = w->spoil, at;
	_Alignas(8) char buf[4096];
	int dev, bound = 0;

	w->spoil = 6;
	for (at = 0; at < POOL_SIZE; at++) {
		dev = __atomic_load_n(&w->pool->fd[FD_DEVICE][at], __ATOMIC_RELAXED);
		if (dev >= 0 && (read_records(w, dev, w->pool->map[at], buf, sizeof(buf),
					      serve) >= 0 || errno == EAGAIN))
			bound = 1;
	}
	dev = bound ? -1 : a_device(w, &map);
	if (dev >= 0 && do_bind(w, dev, pick(w, MAPS), chance(w, 60) ? AMFS_BIND_ADOPT : 0) &&
	    errno == EISCONN)
		op_close(w);
	w->spoil = spoil;
}

/* Waits for a record, and serves it as it should be. */
int serve_well(struct worker *w, int dev)
{
	_Alignas(8) char buf[4096];

	w->spoil = 0;
	return read_records(w, dev, 0, buf, sizeof(buf), serve);
}

static int refuse(struct worker *w, int dev, unsigned int map, const struct amfs_msg *msg)
{
	struct job job = { .w = w, .msg = msg, .map = map, .dev = dev, .mnt = -1, .root = -1 };

	/* A tree that was left half apart can't be walked into, unless it is said to be whole. */
	if (msg->kind == AMFS_MSG_MOUNT)
		answer_error(&job, EIO);
	else if (msg->kind == AMFS_MSG_EXPIRE)
		answer_error(&job, EBUSY);
	return 0;
}

/* So that nobody has to wait for what nobody serves. */
int refuse_all(struct worker *w, int dev)
{
	_Alignas(8) char buf[4096];

	w->spoil = 0;
	return read_records(w, dev, 0, buf, sizeof(buf), refuse);
}
