// SPDX-License-Identifier: GPL-2.0
/* The ioctls of a daemon, as one might call them that has lost its way. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD(arg) .size = sizeof(arg), .version = AMFS_VERSION

void remember(struct worker *w, unsigned int map, const struct amfs_msg *msg)
{
	struct shared *shared = w->shared;
	unsigned int at = __atomic_fetch_add(&shared->seen_next, 1, __ATOMIC_RELAXED) % SEEN;
	struct seen *seen = &shared->seen[at];

	seen->id = msg->id;
	seen->map = map;
	seen->kind = msg->kind;
	seen->flags = msg->flags;
	memcpy(seen->name, msg->name, msg->name_len + 1);
	seen->name[AMFS_NAME_LEN] = 0;
}

/* Anybody's, of any map: long ended, or being answered by him just now. */
struct seen *recall(struct worker *w)
{
	unsigned int next = __atomic_load_n(&w->shared->seen_next, __ATOMIC_RELAXED);

	/* The younger the likelier. */
	return &w->shared->seen[(next - 1 - pick(w, 1 + pick(w, SEEN))) % SEEN];
}

static uint64_t an_id(struct worker *w)
{
	if (chance(w, 90))
		return recall(w)->id;
	return chance(w, 50) ? a_number(w) : next_random(&w->seed);
}

int do_bind(struct worker *w, int fd, unsigned int map, unsigned int flags)
{
	struct amfs_bind arg = { HEAD(arg), .flags = flags };
	char name[600];
	int i, ret;

	if (chance(w, w->spoil))
		put_name(arg.map, a_map(w, name));
	else
		snprintf(arg.map, sizeof(arg.map), "m%u", map);
	ret = fuzz_ioctl(w, CALL_BIND, fd, AMFS_IOC_BIND, &arg, sizeof(arg));
	for (i = 0; !ret && i < POOL_SIZE; i++)
		if (w->pool->fd[FD_DEVICE][i] == fd)
			w->pool->map[i] = map;
	return ret;
}

void op_bind(struct worker *w)
{
	do_bind(w, a_device(w, NULL), pick(w, MAPS), chance(w, 60));
}

void op_release(struct worker *w)
{
	struct amfs_release arg = { HEAD(arg) };

	fuzz_ioctl(w, CALL_RELEASE, a_device(w, NULL), AMFS_IOC_RELEASE, &arg, sizeof(arg));
}

void op_target(struct worker *w)
{
	static const enum call calls[] = { CALL_TARGET, CALL_TARGET_PATH, CALL_TARGET_TREE };
	unsigned int flags = pick(w, 3);
	struct amfs_target arg = {
		HEAD(arg), .id = an_id(w), .flags = flags, .mnt_fd = pool_any(w, FD_ROOT),
	};

	if (fuzz_ioctl(w, calls[flags], a_device(w, NULL), AMFS_IOC_TARGET, &arg, sizeof(arg)))
		return;
	/* The bytes may be those of before, if it went where they can't be read. */
	if (!flags && arg.fd > 2)
		pool_put(w, FD_TARGET, arg.fd);
}

static uint32_t an_errno(struct worker *w)
{
	static const uint32_t good[] = { ENOENT, EIO, EACCES, ETIMEDOUT, EBUSY, EAGAIN, EISDIR,
					 ENOMEM, ESTALE, ELOOP, 511 };

	if (chance(w, 5))
		return a_number(w);
	return good[pick(w, sizeof(good) / sizeof(good[0]))];
}

void op_done(struct worker *w)
{
	static char source[] = "server:/export";
	struct amfs_done arg = { HEAD(arg), .id = an_id(w) };
	enum call call = CALL_DONE_ERROR;

	if (chance(w, 40)) {
		arg.error = an_errno(w);
		arg.mnt_fd = chance(w, 95) ? -1 : pool_any(w, FD_ROOT);
		arg.ttl_ms = chance(w, 60) ? pick(w, 100) : a_number(w);
	} else if (chance(w, 50)) {
		call = CALL_DONE;
		arg.mnt_fd = pool_any(w, FD_ROOT);
	} else {
		call = CALL_DONE_ATTACH;
		arg.flags = AMFS_DONE_ATTACH;
		arg.mnt_fd = pool_any(w, FD_ROOT);
		arg.attach_fd = pool_any(w, FD_MOUNT);
	}
	if (!arg.error && chance(w, 30))
		arg.source = chance(w, 90) ? (uintptr_t)source :
					     (uintptr_t)place(w, w->buf, 1 + pick(w, 4096));
	fuzz_ioctl(w, call, a_device(w, NULL), AMFS_IOC_DONE, &arg, sizeof(arg));
}

void op_expire(struct worker *w)
{
	struct amfs_expire arg = { HEAD(arg), .flags = 1U << pick(w, 3) };
	char name[600];

	if (chance(w, 80))
		put_name(arg.map, a_map(w, name));
	if (arg.flags == AMFS_EXPIRE_KEY) {
		a_key(w, name);
		put_name(arg.key, name);
		arg.key_len = strnlen(name, 300);
	}
	fuzz_ioctl(w, CALL_EXPIRE, a_device(w, NULL), AMFS_IOC_EXPIRE, &arg, sizeof(arg));
}

void op_list(struct worker *w)
{
	struct amfs_list arg = {
		HEAD(arg), .what = 1 + pick(w, 3), .buf_len = 1024, .buf = (uintptr_t)w->buf,
	};
	unsigned int pages = 1 + pick(w, 3);

	if (chance(w, 30))
		arg.buf_len = a_number(w) % BUF_SIZE;
	if (chance(w, w->spoil / 4))
		arg.buf = chance(w, 50) ? (uintptr_t)w->readonly :
					  (uintptr_t)w->fence + FENCE_SIZE - pick(w, 1024);
	if (chance(w, 10))
		arg.cursor[pick(w, 2)] = chance(w, 50) ? a_number(w) : next_random(&w->seed);
	do {
		if (fuzz_ioctl(w, CALL_LIST, a_device(w, NULL), AMFS_IOC_LIST, &arg, sizeof(arg)))
			return;
	} while (arg.used && --pages);
}
