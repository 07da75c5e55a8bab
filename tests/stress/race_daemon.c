// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon of the race program: serves by all routes, expires, and can be
 * killed at any instant; the next one finds whatever was left half-done.
 */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/amfs.h>

/* A detached tmpfs with one file in it, so that a walker can tell it. */
static int build_mount(void)
{
	int fs = syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	int mnt, file;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fail("daemon: fsopen: %m");
	mnt = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	if (mnt < 0)
		fail("daemon: fsmount: %m");
	file = openat(mnt, "hello", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (file < 0)
		fail("daemon: hello: %m");
	close(file);
	return mnt;
}

/* The next daemon has adopted the map: whatever this one was at is the next one's. */
static int ours(int err)
{
	if (err == ENOTCONN)
		_exit(0);
	return err;
}

/* With a mount: the kernel is to attach it. */
static int hand_over(int dev, uint64_t id, int point, int mnt)
{
	struct amfs_done arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.flags = AMFS_DONE_ATTACH,
		.mnt_fd = point,
		.attach_fd = mnt,
	};

	return ioctl(dev, AMFS_IOC_DONE, &arg) ? ours(errno) : 0;
}

static int done(int dev, uint64_t id, int error, int point)
{
	struct amfs_done arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.error = error,
		.mnt_fd = error ? -1 : point,
	};

	return ioctl(dev, AMFS_IOC_DONE, &arg) ? ours(errno) : 0;
}

/* 0: mounted. EEXIST: was mounted. ESTALE: the request has ended. */
static int mount_by_fd(int dev, const struct amfs_msg *msg, int point, int mnt)
{
	struct amfs_target arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = msg->id,
		.mnt_fd = point,
	};
	int err = 0;

	if (ioctl(dev, AMFS_IOC_TARGET, &arg))
		return ours(errno);
	if (syscall(SYS_move_mount, mnt, "", arg.fd, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		err = errno;
	close(arg.fd);
	return err;
}

static int mount_by_path(int dev, const struct amfs_msg *msg, int point, int mnt)
{
	struct amfs_target arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = msg->id,
		.flags = AMFS_TARGET_PATH,
		.mnt_fd = point,
	};

	if (mkdirat(point, msg->name, 0755) && errno != EEXIST)
		/* EPERM: the request has ended meanwhile. */
		return errno == EPERM ? ESTALE : errno;
	/* Was it left by the other route, or mounted, by a predecessor? */
	if (ioctl(dev, AMFS_IOC_TARGET, &arg))
		return ours(errno);
	if (syscall(SYS_move_mount, mnt, "", point, msg->name, MOVE_MOUNT_F_EMPTY_PATH))
		return errno;
	return 0;
}

static int put_in_place(enum route route, int dev, const struct amfs_msg *msg, int point, int mnt)
{
	switch (route) {
	case ROUTE_PATH:
		return mount_by_path(dev, msg, point, mnt);
	case ROUTE_KERNEL:
		return hand_over(dev, msg->id, point, mnt);
	default:
		return mount_by_fd(dev, msg, point, mnt);
	}
}

static void serve(struct setup *setup, int dev, const struct amfs_msg *msg, int point)
{
	enum route route = setup->route;
	int err, mnt;

	if (route == ROUTE_MIXED)
		route = pick(setup, ROUTE_MIXED);
	do {
		mnt = build_mount();
		err = put_in_place(route, dev, msg, point, mnt);
		close(mnt);
		if (!err && route == ROUTE_KERNEL)
			break;
		if (err == ESTALE)
			return;
		if (err && err != EEXIST)
			fail("daemon: mounting %s by route %d: %s", msg->name, route,
			     strerror(err));
		/* ENOENT: the umounter was faster than the answer. Again. */
		err = done(dev, msg->id, 0, point);
	} while (err == ENOENT);
	if (err && err != ESTALE)
		fail("daemon: answering %s: %s", msg->name, strerror(err));
	count(&setup->shared->served);
}

static int unmount(const struct amfs_msg *msg)
{
	int tries = msg->flags & AMFS_MSG_F_NOW ? 2 : 1, err;

	do {
		err = umount2(msg->name, MNT_EXPIRE | UMOUNT_NOFOLLOW) ? errno : 0;
	} while (err == EAGAIN && --tries);
	/* Not mounted: somebody else's umount, or a predecessor's. */
	return err == EINVAL || err == ENOENT ? 0 : err;
}

static void expire(struct setup *setup, int dev, const struct amfs_msg *msg, int point)
{
	int err, answer;

	if (fchdir(point))
		fail("daemon: fchdir: %m");
again:
	err = unmount(msg);
	if (!err && unlinkat(point, msg->name, AT_REMOVEDIR) && errno != EPERM &&
	    errno != ENOENT && errno != EBUSY)
		fail("daemon: rmdir %s: %m", msg->name);
	answer = done(dev, msg->id, err, point);
	/*
	 * Two mounts: a predecessor had asked for the target before the map was
	 * adopted, and moved its mount there afterwards.
	 */
	if (answer == EBUSY && !err)
		goto again;
	if (chdir("/"))
		fail("daemon: chdir: %m");
	count(err ? &setup->shared->refused : &setup->shared->expired);
	err = answer;
	if (err && err != ESTALE)
		fail("daemon: answering the expire of %s: %s", msg->name, strerror(err));
}

static void handle(struct setup *setup, int dev, const struct amfs_msg *msg)
{
	int point = open(setup->point, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (point < 0)
		fail("daemon: %s: %m", setup->point);
	if (msg->kind == AMFS_MSG_MOUNT)
		serve(setup, dev, msg, point);
	else if (msg->kind == AMFS_MSG_EXPIRE)
		expire(setup, dev, msg, point);
	close(point);
}

void run_daemon(struct setup *setup)
{
	struct amfs_bind bind = {
		.size = sizeof(bind),
		.version = AMFS_VERSION,
		.flags = AMFS_BIND_ADOPT,
		.map = MAP,
	};
	_Alignas(8) static char buf[16384];
	ssize_t len, pos;
	int dev;

	/* Its process group is exempt: it must be its own. */
	if (setpgid(0, 0))
		fail("daemon: setpgid: %m");
	dev = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);
	if (dev < 0 || ioctl(dev, AMFS_IOC_BIND, &bind))
		fail("daemon: bind: %m");
	count(&setup->shared->adopts);
	while ((len = read(dev, buf, sizeof(buf))) > 0)
		for (pos = 0; pos < len; pos += ((struct amfs_msg *)(buf + pos))->size)
			handle(setup, dev, (struct amfs_msg *)(buf + pos));
	ours(errno);
	fail("daemon: read: %m");
}
