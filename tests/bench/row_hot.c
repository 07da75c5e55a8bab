// SPDX-License-Identifier: GPL-2.0
/* stat of a file under a mounted key, over and over, from one thread and two. */
#include "bench.h"

#include <stdio.h>
#include <sys/stat.h>

struct job {
	char path[PATH_SIZE + 2];
	unsigned int count;
};

static void work(unsigned int number, void *data)
{
	const struct job *job = data;
	unsigned int left = job->count;
	struct stat st;

	(void)number;
	while (left--)
		if (stat(job->path, &st))
			die("stat %s: %m", job->path);
}

static void one(const char *row, const struct side *side, unsigned int threads,
		unsigned int count)
{
	char key[PATH_SIZE];
	struct crowd *crowd;
	struct job job;
	uint64_t start;

	put_path(key, side, KIND_BIND, 1);
	snprintf(job.path, sizeof(job.path), "%s/f", key);
	job.count = count;
	crowd = crowd_new(threads, work, &job);
	settle();
	start = crowd_release(crowd);
	emit(row, threads, side->name,
	     (double)(crowd_finish(crowd) - start) / count / threads);
	crowd_free(crowd);
}

static void all(const char *row, unsigned int threads, unsigned int count)
{
	one(row, &floor_side, threads, count);
	one(row, &amfs_side, threads, count);
	one(row, &autofs_side, threads, count);
}

/* How often the automounter is asked about what is mounted. */
static void count_calls(const struct side *side, const char *function)
{
	struct job job = { .count = 1000 };
	char key[PATH_SIZE];

	put_path(key, side, KIND_BIND, 1);
	snprintf(job.path, sizeof(job.path), "%s/f", key);
	probe_start(function);
	work(0, &job);
	emit("hot-manage", 1, side->name, (double)probe_stop() / job.count);
}

void row_hot(void)
{
	unsigned int reps = plan.quick ? 7 : 15, count = plan.quick ? 10000 : 20000, rep;

	start_side(&floor_side);
	start_side(&autofs_side);
	start_side(&amfs_side);
	fill(&floor_side, KIND_BIND, 1, 1);
	fill(&autofs_side, KIND_BIND, 1, 1);
	fill(&amfs_side, KIND_BIND, 1, 1);
	all("warm", 1, 1000);
	for (rep = 0; rep < reps; rep++) {
		all("hot", 1, count);
		all("hot", 2, count / 2);
	}
	count_calls(&autofs_side, "autofs_d_manage");
	count_calls(&amfs_side, "amfs_d_manage");
	stop_side(&amfs_side);
	stop_side(&autofs_side);
	stop_side(&floor_side);
}
