// SPDX-License-Identifier: GPL-2.0
/* Walkers of a mounted key while expiry passes run, and while keys get mounted. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTED 3000
#define WALKS 20000

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The mean and the 99th percentile of so many walks, in nanoseconds. */
static void walk_on(const struct side *side, double *mean, double *p99)
{
	static uint32_t each[WALKS];
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	uint64_t start, last, now;
	struct stat st;
	unsigned int i;

	put_path(key, side, KIND_BIND, 0);
	snprintf(path, sizeof(path), "%s/f", key);
	start = last = now_ns();
	for (i = 0; i < WALKS; i++, last = now) {
		if (stat(path, &st))
			die("stat %s: %m", path);
		now = now_ns();
		each[i] = now - last;
	}
	*mean = (double)(last - start) / WALKS;
	qsort(each, WALKS, sizeof(each[0]), compare);
	*p99 = each[WALKS / 100 * 99];
}

static void run_passes(const struct side *side, void *data)
{
	(void)data;
	put_on(0, 1);
	for (;;)
		side->expire_due();
}

/* Mounts one after the other, and unmounts them by hand; the last may be left. */
static void run_storm(const struct side *side, void *data)
{
	unsigned int number = *(unsigned int *)data;

	put_on(0, 1);
	for (;; number++) {
		fill(side, KIND_BIND, number, 1);
		clear(side, KIND_BIND, number, 1);
	}
}

static void one(const char *row, unsigned int arg, const struct side *side,
		void (*disturb)(const struct side *side, void *data))
{
	char tail[48];
	static unsigned int fresh = MOUNTED;
	double quiet, quiet_p99, mean, p99;
	pid_t pid;

	walk_on(side, &quiet, &quiet_p99);
	pid = start_helper(disturb, side, &fresh);
	usleep(20000);
	walk_on(side, &mean, &p99);
	stop_helper(pid);
	settle();
	/* More than one of them gets through. */
	fresh += 100000;
	snprintf(tail, sizeof(tail), "%s-p99", row);
	if (side == &amfs_side) {
		emit(row, arg, "quiet", quiet);
		emit(tail, arg, "quiet", quiet_p99);
	}
	emit(row, arg, side->name, mean);
	emit(tail, arg, side->name, p99);
}

void row_others(void)
{
	unsigned int rep, reps = plan.quick ? 5 : 9;

	/* On one processor who is measured doesn't run while others do. */
	if (plan.counted)
		return;
	start_side(&floor_side);
	start_side(&autofs_side);
	start_side(&amfs_side);
	fill(&floor_side, KIND_BIND, 0, 1);
	fill(&autofs_side, KIND_BIND, 0, MOUNTED);
	fill(&amfs_side, KIND_BIND, 0, MOUNTED);
	put_on(0, 0);
	put_on(autofs_side.daemon, 1);
	put_on(amfs_side.daemon, 1);
	for (rep = 0; rep < reps; rep++) {
		one("others-pass", MOUNTED, &autofs_side, run_passes);
		one("others-pass", MOUNTED, &amfs_side, run_passes);
		one("others-storm", 0, &floor_side, run_storm);
		one("others-storm", 0, &autofs_side, run_storm);
		one("others-storm", 0, &amfs_side, run_storm);
	}
	stop_side(&amfs_side);
	stop_side(&autofs_side);
	stop_side(&floor_side);
	put_on(0, 0);
}
