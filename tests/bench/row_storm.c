// SPDX-License-Identifier: GPL-2.0
/* Walkers of a few keys that are expired all the time: what may never happen. */
#include "bench.h"

#include <errno.h>
#include <sys/stat.h>

#define KEYS 16
#define WALKERS 8

struct storm {
	const struct side *side;
	dev_t root;
	unsigned int walks;	/* of each walker */
	unsigned int bare, errors;
};

static void work(unsigned int number, void *data)
{
	struct storm *storm = data;
	char path[PATH_SIZE];
	struct stat st;
	unsigned int i;

	for (i = 0; i < storm->walks; i++) {
		put_path(path, storm->side, KIND_BIND, (number + i * 7) % KEYS);
		if (stat(path, &st))
			__atomic_add_fetch(&storm->errors, 1, __ATOMIC_RELAXED);
		else if (st.st_dev == storm->root)
			__atomic_add_fetch(&storm->bare, 1, __ATOMIC_RELAXED);
	}
}

static void run_expiry(const struct side *side, void *data)
{
	(void)data;
	/* Whether there is one to be had doesn't matter. */
	for (;;)
		side->expire_all(1);
}

static void one(struct side *side, unsigned int walks)
{
	struct storm storm = { .side = side, .walks = walks };
	double all = (double)walks * WALKERS;
	struct crowd *crowd;
	struct stat st;
	pid_t pid;

	start_side(side);
	if (stat(side->root, &st))
		die("%s: %m", side->root);
	storm.root = st.st_dev;
	pid = start_helper(run_expiry, side, NULL);
	crowd = crowd_new(WALKERS, work, &storm);
	crowd_release(crowd);
	crowd_finish(crowd);
	crowd_free(crowd);
	stop_helper(pid);
	emit("storm-mounts", 0, side->name, side->control->mounts);
	emit("storm-duplicates", 0, side->name,
	     (double)side->control->duplicates / side->control->mounts);
	emit("storm-bare", 0, side->name, storm.bare / all);
	emit("storm-errors", 0, side->name, storm.errors / all);
	stop_side(side);
	settle();
}

void row_storm(void)
{
	unsigned int rep;

	for (rep = 0; rep < 3; rep++) {
		one(&autofs_side, 1000);
		one(&amfs_side, 1000);
	}
}
