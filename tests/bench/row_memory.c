// SPDX-License-Identifier: GPL-2.0
/* Bytes in slabs for each name that is pending, and for each that is mounted. */
#include "bench.h"

#include <stdio.h>
#include <sys/stat.h>

#define COUNT 4096

static void look(unsigned int number, void *data)
{
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	struct stat st;

	put_path(key, data, KIND_BIND, number);
	snprintf(path, sizeof(path), "%s/.", key);
	if (stat(path, &st))
		die("stat %s: %m", path);
}

/* The threads are there before, and what they wait for costs no slab. */
static void pending(struct side *side)
{
	struct control *control;
	struct crowd *crowd;
	uint64_t before;

	start_side(side);
	control = side->control;
	crowd = crowd_new(COUNT, look, side);
	control->gather = COUNT;
	settle();
	before = slab_bytes();
	crowd_release(crowd);
	wait_for(&control->gathered, 1);
	settle();
	emit("memory-pending", COUNT, side->name, (double)(slab_bytes() - before) / COUNT);
	post(&control->go, 1);
	crowd_finish(crowd);
	crowd_free(crowd);
	stop_side(side);
	settle();
}

static void mounted(struct side *side, const char *name, char kind)
{
	uint64_t before;

	start_side(side);
	if (kind == KIND_KERNEL_BIND)
		load_keys(kind, 0, COUNT);
	settle();
	before = slab_bytes();
	fill(side, kind, 0, COUNT);
	settle();
	emit("memory-mounted", COUNT, name, (double)(slab_bytes() - before) / COUNT);
	if (kind == KIND_KERNEL_BIND)
		forget_keys();
	stop_side(side);
	settle();
}

void row_memory(void)
{
	unsigned int reps = plan.quick ? 1 : 3;

	while (reps--) {
		pending(&autofs_side);
		pending(&amfs_side);
		mounted(&floor_side, "floor", KIND_BIND);
		mounted(&autofs_side, "autofs", KIND_BIND);
		mounted(&amfs_side, "amfs", KIND_BIND);
		mounted(&amfs_side, "amfs-kernel", KIND_KERNEL_BIND);
	}
}
