/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of one key of amfs: walkers, daemons, the clock, the expiry and whoever
 * else has a hand in it. Documentation/model.rst says what it proves and what it
 * leaves out. An atomic step is a critical section of point->lock or
 * channel->lock, or one look or change outside of them.
 */
#include "types.pml"
#include "table.pml"
#include "dentry.pml"
#include "request.pml"
#include "walk.pml"
#include "walker.pml"
#include "calls.pml"
#include "daemon.pml"
#include "clock.pml"

/* When nothing moves any more nothing may be left behind. */
inline audit()
{
	assert(finished == WALKERS);	/* nobody sleeps for ever */
	assert(!rwsem && !pending);
	for (i : 0 .. REQUESTS - 1) {
		assert(!req[i].refs && !req[i].names && req[i].place == NOWHERE);
	}
	for (i : 0 .. DENTRIES - 1) {
		assert(!dentry[i].dead && !dentry[i].users);
		assert(dentry[i].live || !dentry[i].refs);
		assert(!dentry[i].live || dentry[i].hashed || dentry[i].pinned);
		assert(!dentry[i].live ||
		       dentry[i].refs == dentry[i].mounts + dentry[i].pinned + dentry[i].copy);
	};
	i = 0
}

init {
	atomic {
		for (i : 0 .. DENTRIES - 1) {
			dentry[i].req = NONE;
		}
		i = 0;
		select(n : 0 .. LOOKS); looks = n;
		select(n : 0 .. KILLS); kills = n;
		select(n : 0 .. DEATHS); deaths = n;
		select(n : 0 .. UMOUNTS); umounts = n;
		select(n : 0 .. COPIES); copies = n;
		select(n : 0 .. FAULTS); faults = n;
		owner = (LATE -> NOBODY : 0);
		for (n : 0 .. DAEMONS - 1) {
			run Daemon(n);
		}
		run Clock();
		run Others();
		for (n : 0 .. WALKERS - 1) {
			run Walker(n);
		}
		n = 0;
	}
	timeout;
	d_step { audit() }
}
