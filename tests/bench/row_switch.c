// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to have another process do something, and be told: a byte there and
 * back, through pipes. Whoever asks a daemon pays that on top of the daemon's work.
 */
#include "bench.h"

#include <unistd.h>

struct way {
	int there[2];
	int back[2];
};

static void pass(int from, int to)
{
	char byte;

	if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
		die("pipe: %m");
}

static void echo(const struct side *side, void *data)
{
	const struct way *way = data;

	(void)side;
	while (1)
		pass(way->there[0], way->back[1]);
}

static uint64_t there_and_back(const struct way *way)
{
	uint64_t from = now_ns();
	char byte = 'x';

	if (write(way->there[1], &byte, 1) != 1 || read(way->back[0], &byte, 1) != 1)
		die("pipe: %m");
	return now_ns() - from;
}

void row_switch(void)
{
	unsigned int reps = plan.quick ? 5 : 15, count = plan.quick ? 40 : 100, rep, i;
	struct way way;
	pid_t other;

	if (pipe(way.there) || pipe(way.back))
		die("pipe: %m");
	other = start_helper(echo, NULL, &way);
	there_and_back(&way);
	for (rep = 0; rep < reps; rep++) {
		uint64_t sum = 0;

		settle();
		for (i = 0; i < count; i++)
			sum += there_and_back(&way);
		emit("switch", 0, "floor", (double)sum / count);
	}
	stop_helper(other);
	for (i = 0; i < 2; i++) {
		close(way.there[i]);
		close(way.back[i]);
	}
}
