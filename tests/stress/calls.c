// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of /dev/amfs, each as a function that returns 0 or the errno.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int amfs_device(void)
{
	int dev = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);

	if (dev < 0)
		fail("%s: %m", AMFS_DEVICE);
	return dev;
}

static int call(int dev, unsigned long command, void *arg)
{
	return ioctl(dev, command, arg) ? errno : 0;
}

static int call_once(unsigned long command, void *arg)
{
	int dev = amfs_device();
	int err = call(dev, command, arg);

	close(dev);
	return err;
}

int amfs_bind(int dev, const char *map, unsigned int flags)
{
	struct amfs_bind arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.flags = flags,
	};

	snprintf(arg.map, sizeof(arg.map), "%s", map);
	return call(dev, AMFS_IOC_BIND, &arg);
}

int amfs_release(int dev)
{
	struct amfs_release arg = { .size = sizeof(arg), .version = AMFS_VERSION };

	return call(dev, AMFS_IOC_RELEASE, &arg);
}

int amfs_target(int dev, uint64_t id, unsigned int flags, int point, int *fd)
{
	struct amfs_target arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.flags = flags,
		.mnt_fd = point,
	};
	int err = call(dev, AMFS_IOC_TARGET, &arg);

	*fd = arg.fd;
	return err;
}

int amfs_done(int dev, uint64_t id, int error, int point, uint32_t ttl_ms)
{
	struct amfs_done arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.error = error,
		.mnt_fd = error ? -1 : point,
		.ttl_ms = ttl_ms,
	};

	return call(dev, AMFS_IOC_DONE, &arg);
}

int amfs_attach(int dev, uint64_t id, int point, int mnt)
{
	struct amfs_done arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.flags = AMFS_DONE_ATTACH,
		.mnt_fd = point,
		.attach_fd = mnt,
	};

	return call(dev, AMFS_IOC_DONE, &arg);
}

int amfs_expire(const char *map, unsigned int flags, const char *key)
{
	struct amfs_expire arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.flags = flags,
	};

	snprintf(arg.map, sizeof(arg.map), "%s", map);
	if (key)
		arg.key_len = snprintf(arg.key, sizeof(arg.key), "%s", key);
	return call_once(AMFS_IOC_EXPIRE, &arg);
}

int amfs_keys(const char *map, enum amfs_keys_op what, unsigned int flags, void *buf, uint32_t len,
	      uint32_t *used)
{
	struct amfs_keys arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.op = what,
		.flags = flags,
		.buf = (uintptr_t)buf,
		.buf_len = len,
	};
	int err;

	snprintf(arg.map, sizeof(arg.map), "%s", map);
	err = call_once(AMFS_IOC_KEYS, &arg);
	if (used)
		*used = arg.buf_len;
	return err;
}

static void list(struct amfs_list *arg)
{
	int err = call_once(AMFS_IOC_LIST, arg);

	if (err)
		fail("list: %s", strerrorname_np(err));
}

/* The process that has bound the map, 0: none. The map has an automount point. */
pid_t amfs_daemon(const char *map)
{
	_Alignas(8) static char buf[65536];
	struct amfs_list arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.what = AMFS_LIST_POINTS,
		.buf_len = sizeof(buf),
		.buf = (uintptr_t)buf,
	};
	uint32_t pos;

	do {
		list(&arg);
		for (pos = 0; pos < arg.used; pos += *(uint32_t *)(buf + pos)) {
			const struct amfs_info_point *point = (const void *)(buf + pos);

			if (!strcmp(point->map, map))
				return point->daemon_pid;
		}
	} while (arg.used);
	return 0;
}

/* What a record has to say when there is one too many. */
static void show(enum amfs_list_what what, const void *record, const char *why)
{
	const struct amfs_info_request *req = record;
	const struct amfs_info_key *key = record;

	if (what == AMFS_LIST_KEYS)
		fprintf(stderr, "%s: key %s: state %u, error %u, flags %#x\n", why, key->name,
			key->state, key->error, key->flags);
	else if (what == AMFS_LIST_REQUESTS)
		fprintf(stderr, "%s: request %llu for %s: kind %u, %u waiters, %s, age %llu ms\n",
			why, (unsigned long long)req->id, req->name, req->kind, req->waiters,
			req->delivered ? "delivered" : "not read", (unsigned long long)req->age_ms);
}

static int counts(enum amfs_list_what what, const void *record)
{
	const struct amfs_info_key *key = record;

	return what != AMFS_LIST_KEYS || key->state != AMFS_INFO_FAILED;
}

/* Records of a kind that there are, those of remembered failures not counted; @why: show them. */
unsigned int amfs_count(enum amfs_list_what what, const char *why)
{
	_Alignas(8) static char buf[65536];
	struct amfs_list arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.what = what,
		.buf_len = sizeof(buf),
		.buf = (uintptr_t)buf,
	};
	unsigned int found = 0;
	uint32_t pos;

	do {
		list(&arg);
		for (pos = 0; pos < arg.used; pos += *(uint32_t *)(buf + pos)) {
			if (!counts(what, buf + pos))
				continue;
			if (why)
				show(what, buf + pos, why);
			found++;
		}
	} while (arg.used);
	return found;
}
