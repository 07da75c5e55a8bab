// SPDX-License-Identifier: GPL-2.0
/*
 * How many lines anybody can cause.
 *
 * unit-sources: tests/unit/unit.c src/daemon/log.c
 * unit-ldflags: -pthread -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../src/daemon/log.h"
#include "unit.h"

#define MOST		50
#define WHILE_MS	10000

static unsigned int allowed(unsigned int tries, uint64_t now_ms)
{
	unsigned int count = 0;

	while (tries--)
		count += amfs_log_may(now_ms);
	return count;
}

/* What is logged meanwhile goes to a pipe. */
static void run(uint64_t now_ms, unsigned int want, const char *said)
{
	int saved = dup(STDERR_FILENO);
	char text[256] = "";
	unsigned int got;
	int ends[2];

	if (!unit_check(!pipe2(ends, O_CLOEXEC | O_NONBLOCK), "pipe"))
		return;
	dup2(ends[1], STDERR_FILENO);
	got = allowed(100, now_ms);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	if (read(ends[0], text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(ends[0]);
	unit_check(got == want, "%u lines, want %u", got, want);
	unit_check_str("said", text, said);
}

static void test_bursts(void)
{
	const char *told = "amfsd: 50 more failures weren't logged\n";

	run(1000000, MOST, "");
	run(1000000 + WHILE_MS - 1, 0, "");
	/* 150 were left out so far: 50 of the first hundred, and the second. */
	run(1000000 + WHILE_MS, MOST, "amfsd: 150 more failures weren't logged\n");
	run(2000000, MOST, told);
	amfs_log_may(3000000);
	amfs_log_may(4000000);
	run(5000000, MOST, "");
}

static const struct unit_test tests[] = {
	{ "bursts of lines", test_bursts },
};

int main(void)
{
	unit_run("log", tests, ARRAY_SIZE(tests));
	return unit_finish();
}
