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

/* Calls @look with each record there is, until it says false. */
static void each(enum amfs_list_what what, bool (*look)(const void *record, void *data), void *data)
{
	_Alignas(8) static char buf[65536];
	struct amfs_list arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.what = what,
		.buf_len = sizeof(buf),
		.buf = (uintptr_t)buf,
	};
	uint32_t pos;
	int err;

	do {
		err = call_once(AMFS_IOC_LIST, &arg);
		if (err)
			fail("list: %s", strerrorname_np(err));
		for (pos = 0; pos < arg.used; pos += *(uint32_t *)(buf + pos))
			if (!look(buf + pos, data))
				return;
	} while (arg.used);
}

struct owner {
	const char *map;
	pid_t pid;
};

static bool look_for_owner(const void *record, void *data)
{
	const struct amfs_info_point *point = record;
	struct owner *owner = data;

	if (strcmp(point->map, owner->map))
		return true;
	owner->pid = point->daemon_pid;
	return false;
}

/* The process that has bound the map, 0: none. The map has an automount point. */
pid_t amfs_daemon(const char *map)
{
	struct owner owner = { .map = map };

	each(AMFS_LIST_POINTS, look_for_owner, &owner);
	return owner.pid;
}

struct oldest {
	enum place_id place;
	uint64_t age_ms;
};

static bool look_for_oldest(const void *record, void *data)
{
	const struct amfs_info_request *req = record;
	struct oldest *oldest = data;
	unsigned int i;

	for (i = 0; i < key_count; i++)
		if (keys[i].place == oldest->place && !strcmp(keys[i].name, req->name) &&
		    req->age_ms > oldest->age_ms)
			oldest->age_ms = req->age_ms;
	return true;
}

/* The age of the oldest request for a key of that place, 0: there is none. */
uint64_t amfs_oldest_ms(enum place_id place)
{
	struct oldest oldest = { .place = place };

	each(AMFS_LIST_REQUESTS, look_for_oldest, &oldest);
	return oldest.age_ms;
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

struct tally {
	enum amfs_list_what what;
	const char *why;
	unsigned int found;
};

static bool look_and_count(const void *record, void *data)
{
	const struct amfs_info_key *key = record;
	struct tally *tally = data;

	if (tally->what == AMFS_LIST_KEYS && key->state == AMFS_INFO_FAILED)
		return true;
	if (tally->why)
		show(tally->what, record, tally->why);
	tally->found++;
	return true;
}

/* Records of a kind that there are, those of remembered failures not counted; @why: show them. */
unsigned int amfs_count(enum amfs_list_what what, const char *why)
{
	struct tally tally = { .what = what, .why = why };

	each(what, look_and_count, &tally);
	return tally.found;
}
