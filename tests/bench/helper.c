// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody who disturbs: a process of its own, since the members of a daemon's
 * group, which autofs wants who expires to be, don't wait at keys.
 */
#include "bench.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t start_helper(void (*work)(const struct side *side, void *data), const struct side *side,
		   void *data)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		work(side, data);
		_exit(0);
	}
	return pid;
}

void stop_helper(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The first processor is for who is measured, the second for everybody else. */
void put_on(pid_t pid, unsigned int processor)
{
	cpu_set_t set;

	if (plan.counted)
		return;
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(pid, sizeof(set), &set))
		die("sched_setaffinity: %m");
}
