// SPDX-License-Identifier: GPL-2.0
/* Expiring one idle key at a time while many others are busy. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VICTIMS 10

static int *make_busy(const struct side *side, char kind, unsigned int count)
{
	int *fds = calloc(count + 1, sizeof(*fds));
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	unsigned int i;

	if (!fds)
		die("no memory for %u descriptors", count);
	for (i = 0; i < count; i++) {
		first_walk(side, kind, VICTIMS + i);
		put_path(key, side, kind, VICTIMS + i);
		snprintf(path, sizeof(path), "%s/.", key);
		fds[i] = open(path, O_PATH | O_CLOEXEC);
		if (fds[i] < 0)
			die("%s: %m", path);
	}
	return fds;
}

/* The victims come first: autofs looks at what is newest before them. */
static void among(struct side *side, const char *name, char kind, unsigned int busy)
{
	char key[KEY_SIZE];
	uint64_t start;
	int *fds, err;
	unsigned int i;

	start_side(side);
	if (kind == KIND_KERNEL_BIND)
		load_keys(kind, 0, VICTIMS + busy);
	fill(side, kind, 0, VICTIMS);
	fds = make_busy(side, kind, busy);
	for (i = 0; i < VICTIMS; i++) {
		put_key(key, kind, i);
		settle();
		start = now_ns();
		err = side->expire_key(key);
		if (err)
			die("%s: expire %s: %s", name, key, strerror(err));
		emit("expire-one", busy, name, now_ns() - start);
	}
	for (i = 0; i < busy; i++)
		close(fds[i]);
	free(fds);
	if (kind == KIND_KERNEL_BIND)
		forget_keys();
	stop_side(side);
	settle();
}

void row_expire(void)
{
	static const unsigned int counts[] = { 0, 1000, 10000, 30000, 100000 };
	unsigned int i;

	for (i = 0; i < (plan.quick ? 2 : 5); i++) {
		among(&floor_side, "floor", KIND_BIND, counts[i]);
		among(&autofs_side, "autofs", KIND_BIND, counts[i]);
		among(&amfs_side, "amfs", KIND_BIND, counts[i]);
		among(&amfs_side, "amfs-kernel", KIND_KERNEL_BIND, counts[i]);
	}
}
