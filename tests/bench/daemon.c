// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's process: the same for autofs and amfs, so that they differ in
 * the kernel and in what their interfaces ask for only.
 */
#include "bench.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 64

static void handle(const struct side *side, const struct request *request)
{
	if (request->expire)
		side->control->expires++;
	else
		side->control->mounts++;
	side->serve(side, request);
}

/* Takes as many as are asked for before it serves the first. */
static void gather(const struct side *side, uint32_t wanted, const struct request *first,
		   size_t count)
{
	struct request *all = calloc(wanted + BATCH, sizeof(*all));
	struct control *control = side->control;
	size_t have = count, i;

	if (!all)
		die("no memory for %u requests", wanted);
	memcpy(all, first, count * sizeof(*all));
	while (have < wanted)
		have += side->receive(all + have, BATCH);
	control->gathered_ns = now_ns();
	control->gather = 0;
	post(&control->gathered, 1);
	wait_for(&control->go, 1);
	for (i = 0; i < have; i++)
		handle(side, &all[i]);
	free(all);
}

static void run(const struct side *side)
{
	struct request requests[BATCH];
	size_t count, i;

	for (;;) {
		count = side->receive(requests, BATCH);
		if (side->control->gather) {
			gather(side, side->control->gather, requests, count);
			continue;
		}
		for (i = 0; i < count; i++)
			handle(side, &requests[i]);
	}
}

static pid_t start_daemon(const struct side *side)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Its process group is exempt from waiting. */
		if (setpgid(0, 0))
			die("setpgid: %m");
		side->up(side);
		post(&side->control->ready, 1);
		run(side);
	}
	return pid;
}

static struct control *make_control(void)
{
	struct control *control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (control == MAP_FAILED)
		die("mmap: %m");
	return control;
}

static void start(struct side *side, uint32_t gather)
{
	if (!side->control)
		side->control = make_control();
	memset(side->control, 0, sizeof(*side->control));
	side->control->gather = gather;
	side->daemon = start_daemon(side);
	wait_for(&side->control->ready, 1);
}

/* For who finds requests that a daemon before him has left. */
void gather_from_start(struct side *side, uint32_t wanted)
{
	start(side, wanted);
}

void start_side(struct side *side)
{
	if (!side->receive) {
		side->up(side);
		return;
	}
	start(side, 0);
	side->connect(side);
}

void stop_daemon(struct side *side)
{
	kill(side->daemon, SIGKILL);
	waitpid(side->daemon, NULL, 0);
	side->daemon = 0;
}

void stop_side(struct side *side)
{
	if (side->daemon) {
		stop_daemon(side);
		/* What is open keeps an automount point that expiries of its map look at. */
		side->disconnect();
	}
	/* With all that is mounted in it. */
	if (umount2(side->root, MNT_DETACH))
		die("umount %s: %m", side->root);
}
