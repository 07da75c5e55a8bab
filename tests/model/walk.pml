/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk meets a trigger: walk.c, and the VFS around it (lookup_fast(),
 * lookup_slow(), traverse_mounts(), follow_automount()). It is in one phase after
 * the other; the walker and the daemon, which walks too, have what it is made of.
 */

#define W_START 0
#define W_SLOW 1	/* not in the dcache: ->lookup */
#define W_FLAGS 2	/* reads d_flags */
#define W_MANAGE 3	/* ->d_manage */
#define W_LOOK 4	/* amfs_walk_follow() */
#define W_WAIT 5	/* asleep on q */
#define W_CROSS 6	/* lookup_mnt() */
#define W_AUTO 7	/* follow_automount() */
#define W_STOP 8	/* on the bare dentry: ->open, ->getattr */
#define W_INSIDE 9
#define W_FAILED 10	/* err; x is still held */
#define W_TRACKED 11	/* parts of W_SLOW, without the lock that makes it one */
#define W_NEW 12
#define W_OVER 13

/* where W_LOOK goes on: back to */
#define B_MANAGE 0
#define B_AUTO 1
#define B_STOP 2

inline ask(x)
{
	if
	:: !dentry[x].hashed && !dentry[x].tracked -> err = E_STALE
	:: else ->
		start(q, x, MOUNT, 0);
		err = (q == NONE -> E_NOLINK : 0)
	fi
}

inline join(x)
{
	q = dentry[x].req;
	get(q)
}

/* look_locked(): q is what to wait for, or NONE; then err */
inline look(x)
{
	assert(dentry[x].live && !dentry[x].dead);
	err = 0;
	q = NONE;
	if
	:: dentry[x].state == EXPIRING ->
#ifdef NO_WAIT_WHEN_EXPIRING
		if
		:: dentry[x].mounts
		:: else -> ask(x)
		fi
#else
		join(x)
#endif
	:: dentry[x].state == PENDING && !dentry[x].mounts ->
#ifdef NO_WAIT_WHEN_PENDING
		ask(x)
#else
		join(x)
#endif
	:: dentry[x].state == MOUNTED && !dentry[x].mounts ->
#ifdef NO_ASK_WHEN_GONE
		skip
#else
		ask(x)
#endif
	:: dentry[x].state == FAILED && !dentry[x].mounts -> err = dentry[x].error
	:: dentry[x].state == IDLE && !dentry[x].mounts -> ask(x)
	:: (dentry[x].state == FAILED || dentry[x].state == IDLE) && dentry[x].mounts ->
		event(x, EV_FOUND)
	:: else
	fi
}

/* rule 6: T is as lifecycle.rst says */
inline check_flags(x)
{
	assert(dentry[x].live && !dentry[x].dead);
	assert(dentry[x].state != MOUNTED || !dentry[x].transit);
	assert(dentry[x].transit ||
	       (dentry[x].state != PENDING && dentry[x].state != EXPIRING));
	assert(dentry[x].transit || dentry[x].placing || !dentry[x].positive ||
	       dentry[x].state == MOUNTED);
	assert(!dentry[x].transit || dentry[x].positive || dentry[x].state == PENDING ||
	       dentry[x].state == EXPIRING)
}

/* Nothing more to manage: the end of the walk, on the dentry itself. */
inline arrive(x)
{
	phase = W_STOP;
	if
	:: !dentry[x].positive ->
		/* only a remembered ENOENT is answered without asking */
		err = (dentry[x].state == FAILED && dentry[x].error == E_NOENT ->
		       E_NOENT : E_NODENT);
		phase = W_FAILED
	:: else
	fi
}

/*
 * One read of d_flags, of which the walk makes the best. managed: ->d_manage has
 * been asked. excused: the dentry was seen mounted, or negative, or MOUNTED, which
 * an umount(8) doesn't change.
 */
inline load_flags(x, managed)
{
	check_flags(x);
	SAY(printf("  %d sees dentry %d: state %d T%d M%d A%d +%d\n", _pid, x, dentry[x].state,
		   dentry[x].transit, dentry[x].mounts, dentry[x].automount,
		   dentry[x].positive));
	excused = ((managed && excused) || dentry[x].mounts || dentry[x].copy ||
		   dentry[x].state == MOUNTED || !dentry[x].positive);
	if
	:: dentry[x].transit && !managed -> phase = W_MANAGE
	:: !(dentry[x].transit && !managed) && (dentry[x].mounts || dentry[x].copy) ->
		phase = W_CROSS;
		automount = dentry[x].automount
	:: !(dentry[x].transit && !managed) && !(dentry[x].mounts || dentry[x].copy) &&
	   dentry[x].automount -> phase = W_AUTO
	:: else -> arrive(x)
	fi
}

/* lookup_mnt(): into what is mounted, if something is */
inline cross(x)
{
	if
	:: dentry[x].mounts ->
		phase = W_INSIDE;
		dentry[x].users++;
		dentry[x].refs--;
		assert(dentry[x].refs)
	:: else
	fi
}

/* amfs_walk_follow() is over. */
inline followed(x, why)
{
	if
	:: err -> phase = W_FAILED
	:: !err && back == B_STOP -> phase = W_CROSS
	:: else -> phase = W_FLAGS
	fi
}

/* Who ends up on the bare dentry: ->open, ->getattr, or nothing. */
inline stop(why)
{
	if
	:: why == OPEN -> err = E_STALE; phase = W_FAILED
	:: why == STAT ->
#ifdef NO_GETATTR
		assert(false);	/* rule 7: an empty directory */
#endif
		back = B_STOP;
		phase = W_LOOK
	:: else ->
		/*
		 * It may see an empty directory in the instant between the VFS's two
		 * looks at a mount that goes, after an umount(8), and between its two
		 * looks at a negative dentry that becomes positive.
		 */
		assert(excused);
		phase = W_FAILED
	fi
}

/* arrived() */
#define ARRIVED(q, x) (req[q].kind == MOUNT && !req[q].error && \
		       dentry[x].state == MOUNTED && (dentry[x].mounts || dentry[x].copy))

#ifdef NO_RWSEM_IN_LOOKUP
#define CAN_LOOK_UP true
#else
#define CAN_LOOK_UP (!rwsem)
#endif

/* The walk's own steps; it is over in W_STOP (for the daemon), W_INSIDE and W_FAILED. */
inline walk_step(x, why, me, budget, exempt)
{
	if
	:: d_step {
		phase == W_START ->
		find_hashed(x);
		phase = (x == NONE -> W_SLOW : W_FLAGS);
		back = B_MANAGE
	   }
	/* one step, since who changes what is looked at holds the root's i_rwsem */
	:: d_step {
		phase == W_SLOW && CAN_LOOK_UP && ROOM ->
		find_hashed(x);
		phase = W_FLAGS;
#ifdef NO_RWSEM_IN_LOOKUP
		if
		:: x == NONE -> phase = W_TRACKED
		:: else
		fi
#else
		if
		:: x == NONE -> find_tracked(x)
		:: else
		fi;
		if
		:: x == NONE -> new_dentry(x)
		:: else
		fi
#endif
	   }
#ifdef NO_RWSEM_IN_LOOKUP
	:: d_step {
		phase == W_TRACKED ->
		find_tracked(x);
		phase = (x == NONE -> W_NEW : W_FLAGS)
	   }
	:: d_step { phase == W_NEW && ROOM -> new_dentry(x); phase = W_FLAGS }
#endif
	:: d_step { phase == W_FLAGS -> load_flags(x, asked); asked = 0 }
	:: d_step {
		phase == W_MANAGE ->
		asked = 1;
		excused = (!dentry[x].positive || dentry[x].state == MOUNTED);
		back = B_MANAGE;
#ifdef NO_MANAGE
		phase = W_FLAGS
#else
		phase = ((dentry[x].state == MOUNTED || (exempt) || !dentry[x].positive) ->
			 W_FLAGS : W_LOOK)
#endif
	   }
	:: d_step {
		phase == W_LOOK ->
		look(x);
		phase = W_WAIT;
		excused = (q == NONE && dentry[x].mounts);
		if
		:: q == NONE -> followed(x, why)
		:: else
		fi
	   }
	/* the waiter is on the queue before it looks at ended */
	:: d_step {
		phase == W_WAIT && !(req[q].asleep & me) ->
		if
		:: req[q].ended ->
			excused = ARRIVED(q, x);
			waited(q);
			phase = W_LOOK;
			if
			:: err -> phase = W_FAILED
			:: !err && excused -> followed(x, why)
			:: else
			fi
		:: else -> req[q].asleep = req[q].asleep | me
		fi
	   }
	:: d_step {
		phase == W_WAIT && budget > 0 && (req[q].asleep & me) ->
		budget--;
		req[q].asleep = req[q].asleep & ~me;
		err = E_INTR;
		killed = 1;
		phase = W_FAILED;
#ifndef KILLED_ENDS_ALL
		put(q);
		q = NONE
#endif
	   }
#ifdef KILLED_ENDS_ALL
	   finish(q, E_INTR, 0, 0);
	   d_step { put(q); q = NONE; ok = 0 }
#endif
	:: d_step {
		phase == W_CROSS ->
		cross(x);
		if
		:: phase == W_INSIDE
		:: phase != W_INSIDE && back == B_STOP -> phase = W_LOOK
		:: phase != W_INSIDE && back != B_STOP && automount -> phase = W_AUTO
		:: else -> arrive(x)
		fi;
		automount = 0
	   }
	:: d_step {
		phase == W_AUTO ->
		if
		:: why != OPEN && dentry[x].positive -> phase = W_STOP
		:: dentry[x].path_route && (exempt) -> arrive(x)
		:: else ->
			count++;
			assert(count < LOOPS);	/* rule 2: no ELOOP */
			back = B_AUTO;
			phase = W_LOOK
		fi
	   }
	fi
}
