// SPDX-License-Identifier: GPL-2.0
/*
 * bench: the same work by hand, through autofs and through amfs.
 *
 *	bench [-q] [-i] ROW...
 *
 * It runs in a guest (tests/bench/run boots one) and writes a line of JSON for
 * each measurement: the row, its argument (a count, or 0), the side, and
 * nanoseconds for one operation unless the row is about something else.
 * -q is the quick set; -i says that the one processor counts instructions.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct plan plan;

static const struct {
	const char *name;
	void (*run)(void);
} rows[] = {
	{ "hot", row_hot },
	{ "switch", row_switch },
	{ "first", row_first },
	{ "missing", row_missing },
	{ "pending", row_pending },
	{ "waiters", row_waiters },
	{ "expire", row_expire },
	{ "idle", row_idle },
	{ "meet", row_meet },
	{ "memory", row_memory },
	{ "others", row_others },
	{ "storm", row_storm },
	{ "adopt", row_adopt },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void run_row(const char *name)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (!strcmp(name, rows[i].name)) {
			fprintf(stderr, "bench: %s\n", name);
			rows[i].run();
			return;
		}
	die("bench: no row %s", name);
}

int main(int argc, char **argv)
{
	int opt, status;
	pid_t pid;

	while ((opt = getopt(argc, argv, "qi")) != -1) {
		if (opt == 'q')
			plan.quick = 1;
		else if (opt == 'i')
			plan.counted = 1;
		else
			return 2;
	}
	/* The leader of a session can't change its process group. */
	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (pid) {
		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status))
			die("bench: killed by signal %d", WTERMSIG(status));
		return WEXITSTATUS(status);
	}
	setpgid(0, 0);
	make_world();
	for (; optind < argc; optind++)
		run_row(argv[optind]);
	return 0;
}
