// SPDX-License-Identifier: GPL-2.0
/* amfs: records from /dev/amfs, mounts by the trigger-fd route. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <linux/amfs.h>

/* Nothing is due, and nothing ends by itself, while a row runs. */
#define OPTIONS "timeout=1000000,deadline=0,grace=0,negative=1000000"

static int device = -1, root = -1;

void amfs_open(const struct side *side)
{
	device = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		die(AMFS_DEVICE ": %m");
	root = open(side->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		die("%s: %m", side->root);
}

static void amfs_close(void)
{
	close(device);
	close(root);
}

void amfs_bind(unsigned int flags)
{
	struct amfs_bind arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.flags = flags,
		.map = MAP,
	};

	if (ioctl(device, AMFS_IOC_BIND, &arg))
		die("amfs: bind: %m");
}

static void up(const struct side *side)
{
	if (mount(MAP, side->root, "amfs", 0, OPTIONS))
		die("amfs on %s: %m", side->root);
	amfs_open(side);
	amfs_bind(0);
}

static size_t receive(struct request *requests, size_t most)
{
	static _Alignas(8) char buf[16384];
	const struct amfs_msg *msg;
	ssize_t len, pos;
	size_t count = 0;

	/* No more than fit, also if all of them have the shortest names. */
	if (most > sizeof(buf) / sizeof(*msg))
		most = sizeof(buf) / sizeof(*msg);
	do {
		len = read(device, buf, most * sizeof(*msg));
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		die("amfs: read: %m");
	for (pos = 0; pos < len; pos += msg->size) {
		msg = (const struct amfs_msg *)(buf + pos);
		if (msg->kind != AMFS_MSG_MOUNT && msg->kind != AMFS_MSG_EXPIRE)
			continue;
		requests[count].id = msg->id;
		requests[count].expire = msg->kind == AMFS_MSG_EXPIRE;
		requests[count].now = msg->flags & AMFS_MSG_F_NOW;
		snprintf(requests[count].key, KEY_SIZE, "%s", msg->name);
		count++;
	}
	return count;
}

static void answer(uint64_t id, int error)
{
	struct amfs_done arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.error = error,
		.mnt_fd = error ? -1 : root,
		.ttl_ms = AMFS_MS_DEFAULT,
	};

	if (ioctl(device, AMFS_IOC_DONE, &arg))
		die("amfs: answer %d: %m", error);
}

static int mount_key(const struct side *side, const struct request *request)
{
	struct amfs_target arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = request->id,
		.mnt_fd = root,
	};

	if (request->key[0] == KIND_MISSING)
		return ENOENT;
	if (ioctl(device, AMFS_IOC_TARGET, &arg)) {
		if (errno != EEXIST)
			die("amfs: target: %m");
		side->control->duplicates++;
		return 0;
	}
	mount_at(arg.fd, request->key[0]);
	close(arg.fd);
	return 0;
}

static int unmount_key(const char *key, int now)
{
	return umount2(key, (now ? 0 : MNT_EXPIRE) | UMOUNT_NOFOLLOW) ? errno : 0;
}

static void serve(const struct side *side, const struct request *request)
{
	char path[PATH_SIZE];
	uint64_t start;
	int error;

	if (request->expire) {
		snprintf(path, sizeof(path), "%s/%s", side->root, request->key);
		error = unmount_key(path, request->now);
	} else {
		error = mount_key(side, request);
	}
	start = now_ns();
	answer(request->id, error);
	side->control->answer_ns = now_ns() - start;
}

static int expire(unsigned int flags, const char *key, size_t count)
{
	struct amfs_expire arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.flags = flags,
		.map = MAP,
	};

	arg.key_len = snprintf(arg.key, sizeof(arg.key), "%s", key);
	if (ioctl(device, AMFS_IOC_EXPIRE, &arg))
		return errno;
	return arg.expired >= count ? 0 : EBUSY;
}

static int expire_key(const char *key)
{
	return expire(AMFS_EXPIRE_KEY, key, 1);
}

static int expire_due(void)
{
	return expire(AMFS_EXPIRE_DUE, "", 0);
}

static int expire_all(size_t count)
{
	return expire(AMFS_EXPIRE_ALL, "", count);
}

struct side amfs_side = {
	.name = "amfs",
	.root = BASE "/m",
	.up = up,
	.receive = receive,
	.serve = serve,
	.connect = amfs_open,
	.disconnect = amfs_close,
	.expire_key = expire_key,
	.expire_due = expire_due,
	.expire_all = expire_all,
};
