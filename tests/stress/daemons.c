// SPDX-License-Identifier: GPL-2.0
/*
 * Who serves what, and how that changes: daemons are killed, replaced, and for a while
 * there is none. The trees have a keeper, see keeper.c.
 */
#include "storm.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define CALM_SECONDS 300	/* until each of them has started, in a slow guest */

static struct {
	pid_t pid;	/* 0: there is none */
	time_t next;	/* then there will be one */
} daemons[TREES];

static pid_t keeper;

static void end_daemon(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid, "daemon", 1);
	op(OP_DAEMON_KILL, 0);
}

/* Now the old daemon dies first, now the new one takes its map away from it. */
static void change(enum place_id place)
{
	pid_t old = daemons[place].pid;

	if (old && !pick(3)) {
		daemons[place].pid = start(DAEMON, run_daemon, place | ADOPTING);
		nap(50000);
		end_daemon(old);
		return;
	}
	if (old)
		end_daemon(old);
	daemons[place].pid = 0;
	if (places[place].rough && !pick(3))
		daemons[place].next = time(NULL) + 1 + pick(3);
	else
		daemons[place].pid = start(DAEMON, run_daemon, place);
}

void daemons_start(void)
{
	enum place_id place;

	for (place = 0; place < TREES; place++)
		daemons[place].pid = start(DAEMON, run_daemon, place);
	keeper = start(KEEPER, run_keeper, 0);
}

/* One of them ends by itself when it finds, after a release, that another has come. */
static void look_after(enum place_id place)
{
	if (daemons[place].pid && reap_within(daemons[place].pid, "daemon", 0)) {
		daemons[place].pid = 0;
		daemons[place].next = 0;
	}
	if (!daemons[place].pid && time(NULL) >= daemons[place].next)
		daemons[place].pid = start(DAEMON, run_daemon, place);
}

void daemons_tend(void)
{
	enum place_id place;

	for (place = 0; place < TREES; place++)
		look_after(place);
	place = pick(TREES);
	if (daemons[place].pid)
		change(place);
}

static int all_bound(void)
{
	enum place_id place;
	int bound = __atomic_load_n(&shared->kept, __ATOMIC_ACQUIRE);

	for (place = 0; place < TREES; place++) {
		daemons[place].next = 0;
		look_after(place);
		bound = bound && amfs_daemon(places[place].map) == daemons[place].pid;
	}
	return bound;
}

/* From now on each map has a daemon that stays; needs their automount points. */
void daemons_calm(void)
{
	time_t end = time(NULL) + CALM_SECONDS;

	while (!all_bound()) {
		if (__atomic_load_n(&shared->failed, __ATOMIC_RELAXED))
			return;
		if (time(NULL) > end) {
			show_stuck(keeper, "keeper");
			keeper_show();
			fail("not each map has a daemon");
		}
		usleep(10000);
	}
}

void daemons_end(void)
{
	enum place_id place;

	for (place = 0; place < TREES; place++)
		end_daemon(daemons[place].pid);
	__atomic_store_n(&shared->over, 1, __ATOMIC_RELEASE);
	reap(keeper, "keeper", 0);
}
