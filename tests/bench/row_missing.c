// SPDX-License-Identifier: GPL-2.0
/* A key that isn't there, looked for again and again. */
#include "bench.h"

#include <errno.h>
#include <sys/stat.h>

static double look(const struct side *side, unsigned int count)
{
	char path[PATH_SIZE];
	unsigned int left = count;
	struct stat st;
	uint64_t start;

	put_path(path, side, KIND_MISSING, 0);
	settle();
	start = now_ns();
	while (left--)
		if (!stat(path, &st) || errno != ENOENT)
			die("stat %s: %m, and not ENOENT", path);
	return (double)(now_ns() - start) / count;
}

static void one(const struct side *side, unsigned int count)
{
	uint64_t before;

	if (!side->receive) {
		emit("missing", 0, side->name, look(side, count));
		return;
	}
	before = side->control->mounts;
	emit("missing", 0, side->name, look(side, count));
	emit("missing-requests", 0, side->name,
	     (double)(side->control->mounts - before) / count);
}

void row_missing(void)
{
	unsigned int reps = plan.quick ? 5 : 15, rep;
	unsigned int count = plan.quick ? 2000 : 10000;

	start_side(&floor_side);
	start_side(&autofs_side);
	start_side(&amfs_side);
	look(&floor_side, 10);
	look(&autofs_side, 10);
	look(&amfs_side, 10);
	for (rep = 0; rep < reps; rep++) {
		one(&floor_side, count);
		one(&autofs_side, count / 20);
		one(&amfs_side, count);
	}
	stop_side(&amfs_side);
	stop_side(&autofs_side);
	stop_side(&floor_side);
}
