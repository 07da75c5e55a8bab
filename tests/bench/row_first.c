// SPDX-License-Identifier: GPL-2.0
/* The first walk of a key: asked for, mounted, crossed. */
#include "bench.h"

static void one(const char *row, const struct side *side, const char *name, char kind,
		unsigned int first, unsigned int count)
{
	uint64_t sum = 0;
	unsigned int i;

	settle();
	for (i = 0; i < count; i++)
		sum += first_walk(side, kind, first + i);
	emit(row, 0, name, (double)sum / count);
	clear(side, kind, first, count);
}

static void rows(const char *row, char kind, char kernel_kind, unsigned int reps,
		 unsigned int count)
{
	static unsigned int first;
	unsigned int rep;

	for (rep = 0; rep < reps; rep++, first += count) {
		one(row, &floor_side, "floor", kind, first, count);
		one(row, &autofs_side, "autofs", kind, first, count);
		one(row, &amfs_side, "amfs", kind, first, count);
		load_keys(kernel_kind, first, count);
		one(row, &amfs_side, "amfs-kernel", kernel_kind, first, count);
		forget_keys();
	}
}

void row_first(void)
{
	unsigned int reps = plan.quick ? 5 : 15, count = plan.quick ? 40 : 100;

	start_side(&floor_side);
	start_side(&autofs_side);
	start_side(&amfs_side);
	/* What is done once, such as the first use of a cache. */
	rows("warm", KIND_BIND, KIND_KERNEL_BIND, 1, 5);
	rows("first-bind", KIND_BIND, KIND_KERNEL_BIND, reps, count);
	rows("first-tmpfs", KIND_TMPFS, KIND_KERNEL_TMPFS, reps, count);
	stop_side(&amfs_side);
	stop_side(&autofs_side);
	stop_side(&floor_side);
}
