// SPDX-License-Identifier: GPL-2.0
/* The descriptors of a process. Whose takes one out alone may close it. */
#include "fuzz.h"

#include <limits.h>
#include <fcntl.h>
#include <unistd.h>

void pool_init(struct pool *pool)
{
	int kind, i;

	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < POOL_SIZE; i++)
			pool->fd[kind][i] = -1;
}

/* In the place of an older one, which is closed. Returns where it is. */
int pool_put(struct worker *w, enum kind kind, int fd)
{
	int at = pick(w, POOL_SIZE), i, old;

	if (fd < 0)
		return -1;
	for (i = 0; i < POOL_SIZE; i++)
		if (__atomic_load_n(&w->pool->fd[kind][i], __ATOMIC_RELAXED) < 0)
			at = i;
	old = __atomic_exchange_n(&w->pool->fd[kind][at], fd, __ATOMIC_ACQ_REL);
	if (old >= 0)
		DO(w, CALL_CLOSE, close(old));
	return at;
}

/* One that is the caller's to close; -1 when there is none. */
int pool_take(struct worker *w, enum kind kind)
{
	return __atomic_exchange_n(&w->pool->fd[kind][pick(w, POOL_SIZE)], -1, __ATOMIC_ACQ_REL);
}

/* One of this kind, if there is any; another thread may close it at any time. */
int pool_get(struct worker *w, enum kind kind)
{
	int at = pick(w, POOL_SIZE), i, fd;

	for (i = 0; i < POOL_SIZE; i++) {
		fd = __atomic_load_n(&w->pool->fd[kind][(at + i) % POOL_SIZE], __ATOMIC_RELAXED);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* What is asked for often is made when there is none. */
static void fill(struct worker *w, enum kind kind)
{
	char where[1400];

	if (pool_get(w, kind) >= 0)
		return;
	if (kind == FD_ROOT)
		pool_put(w, kind, DO(w, CALL_WALK_PATH, open(a_point(w, where),
							     O_PATH | O_DIRECTORY | O_CLOEXEC)));
	else if (kind == FD_MOUNT)
		pool_put(w, kind, a_tmpfs(w));
}

/* As a rule of this kind. */
int pool_any(struct worker *w, enum kind kind)
{
	static const int odd[] = { -1, AT_FDCWD, INT_MAX, INT_MIN, 1 << 20, 999 };

	if (chance(w, 100 - w->spoil / 2)) {
		fill(w, kind);
		return pool_get(w, kind);
	}
	if (chance(w, 75))
		return pool_get(w, pick(w, KINDS));
	return odd[pick(w, sizeof(odd) / sizeof(odd[0]))];
}

/* A file of the device, and what it was bound to last; opens one if there is none. */
int a_device(struct worker *w, unsigned int *map)
{
	int at = pick(w, POOL_SIZE), i, fd;

	for (i = 0; i < POOL_SIZE; i++, at = (at + 1) % POOL_SIZE) {
		fd = __atomic_load_n(&w->pool->fd[FD_DEVICE][at], __ATOMIC_RELAXED);
		if (fd >= 0) {
			if (map)
				*map = w->pool->map[at];
			return fd;
		}
	}
	at = do_open(w);
	if (at < 0)
		return -1;
	if (map)
		*map = w->pool->map[at];
	return w->pool->fd[FD_DEVICE][at];
}
