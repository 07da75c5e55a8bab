/* SPDX-License-Identifier: GPL-2.0 */
/* what happens because time passes: clock.c, expire.c; and what others do */

#ifndef TTL_OF_TIMEOUT
#define TTL_OF_TIMEOUT 1	/* the mount option negative= is, or isn't, 0 */
#endif

/* A daemon that asks itself would be answered by another of its threads. */
#ifdef DEADLINE
#define TIMED(q) (req[q].pending && !req[q].overdue)
#else
#define TIMED(q) (req[q].pending && !req[q].overdue && req[q].place == QUEUED && \
		  req[q].asleep >= (1 << WALKERS))
#endif
#if REQUESTS == 4
#define ANY_TIMED (TIMED(0) || TIMED(1) || TIMED(2) || TIMED(3))
#else
#define ANY_TIMED (TIMED(0) || TIMED(1) || TIMED(2) || TIMED(3) || TIMED(4))
#endif
inline take_overdue(q)
{
	q = NONE;
	for (i : 0 .. REQUESTS - 1) {
		if
		:: TIMED(i) -> q = i
		:: else
		fi
	}
	if
	:: q != NONE -> req[q].overdue = 1; get(q)
	:: else
	fi
}

inline take_any(q)
{
	q = NONE;
	for (i : 0 .. REQUESTS - 1) {
		if
		:: req[i].pending -> q = i
		:: else
		fi
	}
	if
	:: q != NONE -> get(q)
	:: else
	fi
}

/* take_due(), expire_all(): a trigger in this state, held */
inline take_trigger(x, what)
{
	x = NONE;
	for (i : 0 .. DENTRIES - 1) {
		if
		:: dentry[i].live && !dentry[i].dead && dentry[i].state == what -> x = i
		:: else
		fi
	}
	if
	:: x != NONE -> hold(x)
	:: else
	fi
}

/* start_locked() of expire.c; q is the request or NONE */
inline start_expire(x, mark_and_take)
{
	q = NONE;
	if
	:: dentry[x].state == EXPIRING -> join(x)
#ifdef NO_STATE_IN_EXPIRE
	:: dentry[x].state == PENDING -> join(x)
#endif
	:: dentry[x].state == MOUNTED && !dentry[x].mounts && !dentry[x].copy ->
		event(x, EV_GONE)
	:: dentry[x].state == MOUNTED && (dentry[x].mounts || dentry[x].copy) ->
		start(q, x, EXPIRE, mark_and_take)
	:: else
	fi;
	/* rule 5; the clock doesn't wait for it */
	if
	:: q != NONE -> assert(req[q].kind == EXPIRE); put(q); q = NONE
	:: else
	fi
}

#define ANY_LIVE(what) (LIVES(0, what) || LIVES(DENTRIES - 1, what))
#define LIVES(x, what) (dentry[x].live && !dentry[x].dead && dentry[x].state == what)

proctype Clock()
{
	byte x = NONE, q = NONE, code, gone;
	bit ok, last, keep;

end_idle:
	do
	:: if
	   :: d_step { ANY_TIMED -> take_overdue(q); code = E_TIMEDOUT }
	   :: d_step {
		grace_armed && owner == NOBODY && grace_over && pending ->
		grace_armed = 0;
		take_any(q);
		code = E_NOLINK
	      }
	   fi;
	   finish(q, code, code == E_TIMEDOUT && TTL_OF_TIMEOUT, 0);
	   d_step { put(q); q = NONE; ok = 0; code = 0; arm_clock() }
	/* the timer of a grace that a daemon has ended */
	:: d_step { grace_armed && (owner != NOBODY || !pending) -> grace_armed = 0 }
	:: d_step {
		ANY_LIVE(FAILED) ->
		take_trigger(x, FAILED);
		event(x, EV_TTL);
		if
		:: dentry[x].pinned -> dentry[x].pinned = 0; dentry[x].refs--
		:: else
		fi
	   }
	   drop(x);
	   x = NONE
	:: d_step { looks > 0 && ANY_LIVE(MOUNTED) -> looks--; take_trigger(x, MOUNTED) }
	   if
	   :: d_step { start_expire(x, 0) }
	   :: d_step { start_expire(x, 1) }
	   fi;
	   drop(x);
	   x = NONE
	od
}

#define UNUSED ((dentry[0].live && !dentry[0].dead && !dentry[0].refs) || \
		(dentry[DENTRIES - 1].live && !dentry[DENTRIES - 1].dead && \
		 !dentry[DENTRIES - 1].refs))
#define IDLE_MOUNT ((dentry[0].mounts && !dentry[0].users) || \
		    (dentry[DENTRIES - 1].mounts && !dentry[DENTRIES - 1].users))

/* umount(8), the shrinker, and a private copy of the mount namespace */
proctype Others()
{
	byte x = NONE;
	bit last, ok;

end_others:
	do
	:: d_step { owner == NOBODY && !grace_over -> grace_over = 1 }
	:: d_step {
		ANY_LIVE(FAILED) && UNUSED ->
		x = (dentry[0].live && !dentry[0].dead && !dentry[0].refs -> 0 : DENTRIES - 1);
		let_die(x);
		last = 1
	   }
	   release_if_last(x);
	   x = NONE
	:: d_step {
		umounts > 0 && IDLE_MOUNT ->
		umounts--;
		x = (dentry[0].mounts && !dentry[0].users -> 0 : DENTRIES - 1);
		detach(x)
	   }
	   drop(x);
	   x = NONE
	:: d_step {
		copies > 0 && (dentry[0].mounts || dentry[DENTRIES - 1].mounts) ->
		copies--;
		x = (dentry[0].mounts -> 0 : DENTRIES - 1);
		dentry[x].copy = 1;
		hold(x)
	   }
	   /* its users leave, and it goes */
	   d_step { dentry[x].copy = 0 }
	   drop(x);
	   x = NONE
	od
}
