// SPDX-License-Identifier: GPL-2.0
/* Many waiters on one key: how long the answer takes, and each of them. */
#include "bench.h"

#include <stdio.h>
#include <sys/stat.h>

#define WAITERS 1024

static void look(unsigned int number, void *data)
{
	const struct side *side = data;
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	struct stat st;

	(void)number;
	put_path(key, side, KIND_BIND, 0);
	snprintf(path, sizeof(path), "%s/.", key);
	if (stat(path, &st))
		die("stat %s: %m", path);
}

/* As many threads that wait for a futex, and then look at what is mounted. */
static void by_hand(void)
{
	struct crowd *crowd;
	uint64_t start;

	start_side(&floor_side);
	fill(&floor_side, KIND_BIND, 0, 1);
	crowd = crowd_new(WAITERS, look, &floor_side);
	settle();
	start = crowd_release(crowd);
	emit("waiters", WAITERS, "floor", (double)(crowd_finish(crowd) - start) / WAITERS);
	crowd_free(crowd);
	stop_side(&floor_side);
}

static void by_daemon(struct side *side)
{
	struct control *control;
	struct crowd *crowd;
	uint64_t start;

	start_side(side);
	control = side->control;
	crowd = crowd_new(WAITERS, look, side);
	control->gather = 1;
	crowd_release(crowd);
	wait_for(&control->gathered, 1);
	crowd_wait_blocked(WAITERS);
	settle();
	start = now_ns();
	post(&control->go, 1);
	emit("waiters", WAITERS, side->name, (double)(crowd_finish(crowd) - start) / WAITERS);
	emit("waiters-answer", WAITERS, side->name, control->answer_ns);
	crowd_free(crowd);
	stop_side(side);
}

void row_waiters(void)
{
	unsigned int reps = plan.quick ? 3 : 9;

	while (reps--) {
		by_hand();
		by_daemon(&autofs_side);
		by_daemon(&amfs_side);
	}
}
