// SPDX-License-Identifier: GPL-2.0
/* The in-tree autofs: protocol 5 on a pipe, answers through /dev/autofs. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/auto_dev-ioctl.h>
#include <linux/auto_fs.h>

/* Nothing is due while a row runs. */
#define TIMEOUT_S 1000000

static int device = -1, root = -1, packets = -1;

static int call(unsigned long number, struct autofs_dev_ioctl *arg)
{
	arg->ioctlfd = root;
	return ioctl(device, number, arg);
}

static void open_root(const struct side *side)
{
	device = open("/dev/autofs", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/autofs: %m");
	root = open(side->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		die("%s: %m", side->root);
}

static void close_root(void)
{
	close(device);
	close(root);
}

static void up(const struct side *side)
{
	struct autofs_dev_ioctl arg;
	char options[96];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %m");
	packets = ends[0];
	snprintf(options, sizeof(options), "fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect",
		 ends[1], (int)getpgrp());
	if (mount(MAP, side->root, "autofs", 0, options))
		die("autofs on %s: %m", side->root);
	close(ends[1]);
	open_root(side);
	init_autofs_dev_ioctl(&arg);
	if (call(AUTOFS_DEV_IOCTL_PROTOVER, &arg) || arg.protover.version != 5)
		die("autofs: protocol %u: %m", arg.protover.version);
	init_autofs_dev_ioctl(&arg);
	arg.timeout.timeout = TIMEOUT_S;
	if (call(AUTOFS_DEV_IOCTL_TIMEOUT, &arg))
		die("autofs: timeout: %m");
}

/* Its pipe delivers one packet at a time. */
static size_t receive(struct request *requests, size_t most)
{
	struct autofs_v5_packet packet;
	ssize_t len;

	(void)most;
	do {
		len = read(packets, &packet, sizeof(packet));
	} while (len < 0 && errno == EINTR);
	if (len != sizeof(packet) || packet.len >= KEY_SIZE)
		die("autofs: a packet of %zd bytes: %m", len);
	requests->id = packet.wait_queue_token;
	requests->expire = packet.hdr.type == autofs_ptype_expire_indirect;
	memcpy(requests->key, packet.name, packet.len);
	requests->key[packet.len] = '\0';
	return 1;
}

static void answer(uint64_t token, int error)
{
	struct autofs_dev_ioctl arg;
	int err;

	init_autofs_dev_ioctl(&arg);
	arg.fail.token = token;
	arg.fail.status = -error;
	if (error)
		err = call(AUTOFS_DEV_IOCTL_FAIL, &arg);
	else
		err = call(AUTOFS_DEV_IOCTL_READY, &arg);
	if (err)
		die("autofs: answer: %m");
}

static int mount_key(const struct side *side, const char *path, char kind)
{
	if (kind == KIND_MISSING)
		return ENOENT;
	if (!mkdir(path, 0755)) {
		mount_on(path, kind);
		return 0;
	}
	if (errno != EEXIST)
		die("autofs: mkdir %s: %m", path);
	/* What it asks for once more is mounted, or only its folder was left. */
	if (is_mounted(side, path))
		side->control->duplicates++;
	else
		mount_on(path, kind);
	return 0;
}

static int unmount_key(const char *path)
{
	if (umount2(path, UMOUNT_NOFOLLOW))
		return errno;
	if (rmdir(path))
		die("autofs: rmdir %s: %m", path);
	return 0;
}

static void serve(const struct side *side, const struct request *request)
{
	char path[PATH_SIZE];
	uint64_t start;
	int error;

	snprintf(path, sizeof(path), "%s/%s", side->root, request->key);
	if (request->expire)
		error = unmount_key(path);
	else
		error = mount_key(side, path, request->key[0]);
	start = now_ns();
	answer(request->id, error);
	side->control->answer_ns = now_ns() - start;
}

static void join_group(pid_t group)
{
	if (setpgid(0, group))
		die("setpgid %d: %m", (int)group);
}

/* Only the daemon's group may ask for that; but a member of it isn't held up. */
static int expire(unsigned int how)
{
	struct autofs_dev_ioctl arg;
	pid_t group = getpgrp();
	int err;

	init_autofs_dev_ioctl(&arg);
	arg.expire.how = how;
	join_group(autofs_side.daemon);
	err = call(AUTOFS_DEV_IOCTL_EXPIRE, &arg) ? errno : 0;
	join_group(group);
	return err;
}

/* autofs picks the key itself: there must be no other that is idle. */
static int expire_key(const char *key)
{
	(void)key;
	return expire(AUTOFS_EXP_IMMEDIATE);
}

static int expire_due(void)
{
	int err = expire(AUTOFS_EXP_NORMAL);

	return err == EAGAIN ? 0 : err;
}

static int expire_all(size_t count)
{
	int err = 0;

	while (count-- && !err)
		err = expire(AUTOFS_EXP_IMMEDIATE);
	return err;
}

struct side autofs_side = {
	.name = "autofs",
	.root = BASE "/a",
	.up = up,
	.receive = receive,
	.serve = serve,
	.connect = open_root,
	.disconnect = close_root,
	.expire_key = expire_key,
	.expire_due = expire_due,
	.expire_all = expire_all,
};
