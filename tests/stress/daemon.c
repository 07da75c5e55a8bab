// SPDX-License-Identifier: GPL-2.0
/*
 * A daemon of the storm: serves by all routes, refuses, dawdles, expires, and can be
 * killed at any instant; the next one finds whatever was left half-done.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum route { BY_FD, BY_PATH, BY_KERNEL };

/* What one request is about. */
struct job {
	const struct amfs_msg *msg;
	const struct place *place;
	const struct key *key;	/* NULL: not in the map */
	int dev;
	int point;	/* the root of the automount point */
};

/* The next daemon has adopted the map: whatever this one was at is the next one's. */
static int ours(int err)
{
	if (err == ENOTCONN)
		_exit(0);
	return err;
}

/* --- mounts ---------------------------------------------------------------------- */

static int new_tmpfs(const struct key *key)
{
	int fs = syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), mnt, dir;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fail("daemon: fsopen: %m");
	mnt = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
		      key->kind == STRICT ? MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV : 0);
	close(fs);
	if (mnt < 0)
		fail("daemon: fsmount: %m");
	dir = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		fail("daemon: the new tmpfs: %m");
	source_fill(dir, key);
	close(dir);
	return mnt;
}

static int clone_of_source(const struct key *key)
{
	char path[PATH_MAX];
	int mnt;

	source_path(path, key);
	mnt = syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (mnt < 0)
		fail("daemon: open_tree(%s): %m", path);
	return mnt;
}

static int build_mount(const struct key *key)
{
	return key->kind == STRICT || pick(2) ? new_tmpfs(key) : clone_of_source(key);
}

/* 0: mounted. EEXIST: was mounted. ESTALE: the request has ended. */
static int mount_by_fd(const struct job *job, int mnt)
{
	int target, err = ours(amfs_target(job->dev, job->msg->id, 0, job->point, &target));

	if (err)
		return err;
	if (syscall(SYS_move_mount, mnt, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		err = errno;
	close(target);
	return err;
}

static int mount_by_path(const struct job *job, int mnt)
{
	int none, err;

	if (mkdirat(job->point, job->key->name, 0755) && errno != EEXIST)
		/* EPERM: the request has ended meanwhile. */
		return errno == EPERM ? ESTALE : errno;
	/* Was it left by the other route, or mounted, by a predecessor? */
	err = ours(amfs_target(job->dev, job->msg->id, AMFS_TARGET_PATH, job->point, &none));
	if (err)
		return err;
	if (!syscall(SYS_move_mount, mnt, "", job->point, job->key->name, MOVE_MOUNT_F_EMPTY_PATH))
		return 0;
	/* It came too late, and is told what the walkers were told. */
	return of_the_storm(job->place, errno) ? ESTALE : errno;
}

static enum route choose_route(const struct key *key)
{
	/* The automount points lack its restrictions. */
	if (key->kind == STRICT)
		return pick(2);
	/* What covers a direct root is in the way of whoever needs its descriptor. */
	if (key->place == DIRECT)
		return pick(4) ? BY_KERNEL : BY_FD;
	return pick(3);
}

/* --- MOUNT ----------------------------------------------------------------------- */

static void refuse(const struct job *job, int error)
{
	static const uint32_t ttls[] = { 0, 50, AMFS_MS_DEFAULT };
	int err = ours(amfs_done(job->dev, job->msg->id, error, -1, ttls[pick(3)]));

	if (err && err != ESTALE)
		fail("daemon: refusing %s: %s", job->msg->name, strerrorname_np(err));
	op(OP_REFUSE, error);
}

static int try_once(const struct job *job, enum route route)
{
	int mnt = build_mount(job->key), err;

	if (route == BY_KERNEL)
		err = ours(amfs_attach(job->dev, job->msg->id, job->point, mnt));
	else if (route == BY_PATH)
		err = mount_by_path(job, mnt);
	else
		err = mount_by_fd(job, mnt);
	close(mnt);
	return err;
}

/* The automount point is being unmounted while it is served. */
static int point_gone(const struct job *job, int err)
{
	return job->place->rough && (err == EINVAL || err == ENOENT);
}

static void mount_key(const struct job *job)
{
	enum route route = choose_route(job->key);
	int err, tries = 1000;

	do {
		err = try_once(job, route);
		if (err == ESTALE)
			return;
		if (point_gone(job, err)) {
			refuse(job, EHOSTUNREACH);
			return;
		}
		if (err && err != EEXIST)
			fail("daemon: mounting %s %s by route %d: %s", job->place->name,
			     job->key->name, route, strerrorname_np(err));
		/* ENOENT: the umounter was faster than the answer. Again. */
		if (route != BY_KERNEL || err == EEXIST)
			err = ours(amfs_done(job->dev, job->msg->id, 0, job->point, 0));
	} while (err == ENOENT && --tries);
	if (err && err != ESTALE)
		fail("daemon: answering %s %s: %s", job->place->name, job->key->name,
		     strerrorname_np(err));
	op(OP_SERVE_FD + route, err);
}

static void dawdle(const struct job *job)
{
	if (!job->place->rough)
		nap(60000);
	else if (!pick(8))
		nap(3000000);
}

static void serve(const struct job *job)
{
	if (!job->key) {
		refuse(job, ENOENT);
		return;
	}
	switch (job->key->kind) {
	case ABSENT:
	case LOADED:
	case DEEP:
	case FLIP:
		refuse(job, ENOENT);
		return;
	case DENIED:
		refuse(job, EACCES);
		return;
	case FICKLE:
		if (pick(2)) {
			refuse(job, EIO);
			return;
		}
		break;
	case SLOW:
		dawdle(job);
		break;
	default:
		break;
	}
	mount_key(job);
}

/* --- EXPIRE ---------------------------------------------------------------------- */

/* A direct one is named by its path; the others are below the current folder. */
static int unmount(const struct job *job)
{
	const char *path = job->key && job->key->place == DIRECT ? job->place->path :
								   job->msg->name;
	int tries = job->msg->flags & AMFS_MSG_F_NOW ? 2 : 1, err;

	do {
		err = umount2(path, MNT_EXPIRE | UMOUNT_NOFOLLOW) ? errno : 0;
	} while (err == EAGAIN && --tries);
	/* Not mounted: somebody else's umount, or a predecessor's. */
	return err == EINVAL || err == ENOENT ? 0 : err;
}

static int sees_point(int fd, const struct amfs_msg *msg)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_dev == makedev(msg->dev_major, msg->dev_minor);
}

static int open_point(const struct place *place)
{
	/* With O_DIRECTORY a direct root would have it wait for itself. */
	int fd = open(place->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		fail("daemon: %s: %m", place->path);
	return fd;
}

static int answer_expire(const struct job *job, int err)
{
	/* By now it may be another automount point's root. */
	if (!err && !sees_point(job->point, job->msg))
		err = EHOSTUNREACH;
	return ours(amfs_done(job->dev, job->msg->id, err, job->point, 0));
}

/* A descriptor before that would be of what is mounted, and keep it busy. */
static void expire_direct(struct job *job)
{
	int err = unmount(job);

	job->point = open_point(job->place);
	err = answer_expire(job, err);
	if (err && err != ESTALE && err != EBUSY)
		fail("daemon: answering the expire of %s: %s", job->msg->name, strerrorname_np(err));
	/* Two mounts, or mounted again: the next look finds it. */
	if (err == EBUSY)
		ours(amfs_done(job->dev, job->msg->id, EBUSY, -1, 0));
	op(OP_SERVE_EXPIRE, err);
}

static void expire(const struct job *job)
{
	int err, answer, tries = 1000;

	if (fchdir(job->point))
		fail("daemon: fchdir: %m");
again:
	err = sees_point(job->point, job->msg) ? unmount(job) : EHOSTUNREACH;
	if (!err && unlinkat(job->point, job->msg->name, AT_REMOVEDIR) && errno != EPERM &&
	    errno != ENOENT && errno != EBUSY)
		fail("daemon: rmdir %s: %m", job->msg->name);
	answer = answer_expire(job, err);
	/*
	 * Two mounts: a predecessor had asked for the target before the map was
	 * adopted, and moved its mount there afterwards.
	 */
	if (answer == EBUSY && !err && --tries)
		goto again;
	if (chdir("/"))
		fail("daemon: chdir: %m");
	if (answer && answer != ESTALE)
		fail("daemon: answering the expire of %s: %s", job->msg->name,
		     strerrorname_np(answer));
	op(OP_SERVE_EXPIRE, err);
}

/* --- all of them ----------------------------------------------------------------- */

static void handle(const struct place *place, int dev, const struct amfs_msg *msg)
{
	struct job job = { .msg = msg, .place = place, .dev = dev };

	if (msg->kind != AMFS_MSG_MOUNT && msg->kind != AMFS_MSG_EXPIRE)
		return;
	job.key = key_named(place - places, msg->name);
	if (msg->kind == AMFS_MSG_EXPIRE && place == &places[DIRECT]) {
		expire_direct(&job);
	} else {
		job.point = open_point(place);
		if (msg->kind == AMFS_MSG_EXPIRE)
			expire(&job);
		else if (sees_point(job.point, msg))
			serve(&job);
		else
			refuse(&job, EHOSTUNREACH);
	}
	close(job.point);
}

/* Who is dead and reaped has closed his files. */
static int somebody_has(const char *map)
{
	pid_t owner = amfs_daemon(map);

	return !owner || !kill(owner, 0) || amfs_daemon(map) != owner;
}

/*
 * For who adopts there is somebody to adopt from, or there was a moment ago. Who is
 * slow may find that the one who is to replace it has come before it.
 */
static void bind_map(const struct place *place, int dev, int adopt)
{
	int err = amfs_bind(dev, place->map, adopt ? AMFS_BIND_ADOPT : 0);

	if (err == EBUSY && !adopt && somebody_has(place->map))
		_exit(0);
	if (op(adopt ? OP_ADOPT : OP_BIND, err))
		fail("daemon: bind of %s: %s; process %d has it", place->map,
		     strerrorname_np(err), amfs_daemon(place->map));
}

static void give_up_and_come_back(const struct place *place, int dev)
{
	ours(op(OP_RELEASE, amfs_release(dev)));
	nap(20000);
	/* Another one may have come meanwhile. */
	if (amfs_bind(dev, place->map, 0))
		_exit(0);
}

void run_daemon(unsigned int number)
{
	const struct place *place = &places[number & 0xff];
	_Alignas(8) static char buf[16384];
	ssize_t len, pos;
	int dev;

	/* Its process group is exempt: it must be its own. */
	if (setpgid(0, 0))
		fail("daemon: setpgid: %m");
	dev = amfs_device();
	bind_map(place, dev, number & ADOPTING);
	while ((len = read(dev, buf, sizeof(buf))) > 0) {
		for (pos = 0; pos < len; pos += ((struct amfs_msg *)(buf + pos))->size)
			handle(place, dev, (struct amfs_msg *)(buf + pos));
		if (!stopped() && !pick(30))
			give_up_and_come_back(place, dev);
	}
	ours(errno);
	fail("daemon: read: %m");
}
