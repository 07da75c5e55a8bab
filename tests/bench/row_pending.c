// SPDX-License-Identifier: GPL-2.0
/* P names asked for at once: until the daemon has all of them, and serving them. */
#include "bench.h"

#include <stdio.h>
#include <sys/stat.h>

static void look(unsigned int number, void *data)
{
	const struct side *side = data;
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	struct stat st;

	put_path(key, side, KIND_BIND, number);
	snprintf(path, sizeof(path), "%s/.", key);
	/* On the floor nothing is there the first time. */
	if (stat(path, &st) && side->receive)
		die("stat %s: %m", path);
}

static void put_figures(const char *name, unsigned int pending, uint64_t enqueue,
			uint64_t serve)
{
	emit("enqueue", pending, name, (double)enqueue / pending);
	emit("serve", pending, name, (double)serve / pending);
}

/* The same threads look for what isn't there; one program mounts; they look again. */
static void by_hand(unsigned int pending)
{
	struct crowd *crowd = crowd_new(pending, look, &floor_side);
	char path[PATH_SIZE];
	uint64_t start, enqueue;
	unsigned int i;

	settle();
	start = crowd_release(crowd);
	enqueue = crowd_finish(crowd) - start;
	crowd_free(crowd);
	crowd = crowd_new(pending, look, &floor_side);
	settle();
	start = now_ns();
	for (i = 0; i < pending; i++) {
		put_path(path, &floor_side, KIND_BIND, i);
		floor_mount(path, KIND_BIND);
	}
	crowd_release(crowd);
	put_figures("floor", pending, enqueue, crowd_finish(crowd) - start);
	crowd_free(crowd);
}

static void by_daemon(struct side *side, unsigned int pending)
{
	struct control *control = side->control;
	struct crowd *crowd = crowd_new(pending, look, side);
	uint64_t start, enqueue;

	control->gather = pending;
	settle();
	start = crowd_release(crowd);
	wait_for(&control->gathered, 1);
	enqueue = control->gathered_ns - start;
	settle();
	start = now_ns();
	post(&control->go, 1);
	put_figures(side->name, pending, enqueue, crowd_finish(crowd) - start);
	crowd_free(crowd);
}

static void one(struct side *side, unsigned int pending)
{
	start_side(side);
	if (side->receive)
		by_daemon(side, pending);
	else
		by_hand(pending);
	stop_side(side);
	settle();
}

/* autofs needs minutes for 30,000. */
#define AUTOFS_MOST 10240

void row_pending(void)
{
	static const unsigned int counts[] = { 64, 1024, 10240, 30720 };
	unsigned int i, rep, reps;

	for (i = 0; i < (plan.quick ? 2 : 4); i++) {
		reps = counts[i] > 1024 ? 1 : 3;
		for (rep = 0; rep < reps; rep++) {
			one(&floor_side, counts[i]);
			if (counts[i] <= AUTOFS_MOST)
				one(&autofs_side, counts[i]);
			one(&amfs_side, counts[i]);
		}
	}
}
