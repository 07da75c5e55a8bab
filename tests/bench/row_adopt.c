// SPDX-License-Identifier: GPL-2.0
/* A daemon takes over from one that has read requests and answered none. */
#include "bench.h"

#include <stdio.h>
#include <sys/stat.h>

#include <linux/amfs.h>

#define PENDING 10240
#define MOUNTED 30000

static void look(unsigned int number, void *data)
{
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	struct stat st;

	put_path(key, data, KIND_BIND, MOUNTED + number);
	snprintf(path, sizeof(path), "%s/.", key);
	if (stat(path, &st))
		die("stat %s: %m", path);
}

static void adopt(const struct side *side)
{
	amfs_open(side);
	side->control->adopt_ns = now_ns();
	amfs_bind(AMFS_BIND_ADOPT);
}

/* From the call until every request has been read once more. */
static void one(unsigned int mounted, unsigned int pending)
{
	struct side heir = amfs_side;
	struct crowd *crowd;

	start_side(&amfs_side);
	fill(&amfs_side, KIND_BIND, 0, mounted);
	crowd = crowd_new(pending, look, &amfs_side);
	amfs_side.control->gather = pending;
	settle();
	crowd_release(crowd);
	wait_for(&amfs_side.control->gathered, 1);
	settle();
	heir.control = NULL;
	heir.up = adopt;
	gather_from_start(&heir, pending);
	wait_for(&heir.control->gathered, 1);
	emit("adopt", pending, "amfs", heir.control->gathered_ns - heir.control->adopt_ns);
	post(&heir.control->go, 1);
	crowd_finish(crowd);
	crowd_free(crowd);
	stop_daemon(&heir);
	stop_side(&amfs_side);
}

void row_adopt(void)
{
	unsigned int rep, reps = plan.quick ? 1 : 3;

	for (rep = 0; rep < reps; rep++)
		one(MOUNTED, PENDING);
}
