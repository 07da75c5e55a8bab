/* SPDX-License-Identifier: GPL-2.0 */
/* dentries: trigger.c, place.c, and what the VFS does to them */

/* dget() or lockref_get_not_dead() of one that the caller knows to be alive */
inline hold(x)
{
	assert(x < DENTRIES && dentry[x].live && !dentry[x].dead);
	dentry[x].refs++
}

inline free_dentry(x)
{
	assert(dentry[x].req == NONE && !dentry[x].pinned && !dentry[x].refs);
	assert(!dentry[x].mounts && !dentry[x].copy);
	dentry[x].live = 0;
	dentry[x].dead = 0;
	dentry[x].positive = 0;
	dentry[x].rmdired = 0;
	dentry[x].transit = 0;
	dentry[x].automount = 0;
	dentry[x].state = 0;
	dentry[x].error = 0;
	dentry[x].path_route = 0;
#ifndef NO_UNTRACK_AT_RELEASE
	dentry[x].tracked = 0;
#endif
	dentry[x].mark = 0
}

/* ->d_delete: only a remembered failure is kept, and only if it is hashed */
inline let_die(x)
{
	SAY(printf("  dentry %d: dies\n", x));
	dentry[x].dead = 1;
	dentry[x].hashed = 0
}

inline drop_count(x)
{
	assert(dentry[x].refs > 0);
	dentry[x].refs--;
	last = (dentry[x].refs == 0 && (!dentry[x].hashed || dentry[x].state != FAILED));
	if
	:: last -> let_die(x)
	:: else
	fi
}

/* dput(); whose last it was goes on to ->d_release, which takes point->lock */
inline release_if_last(x)
{
	if
	:: d_step { last -> free_dentry(x); last = 0 }
	:: else
	fi
}

inline drop(x)
{
	d_step { drop_count(x) }
	release_if_last(x)
}

/* amfs_trigger_flags_locked() */
#if defined NO_TRANSIT_WHEN_BARE
#define TRANSIT_WHEN_BARE(x) false
#elif defined NO_END_OF_TRANSIT
#define TRANSIT_WHEN_BARE(x) (dentry[x].positive)
#else
#define TRANSIT_WHEN_BARE(x) (dentry[x].positive && dentry[x].state != MOUNTED)
#endif

inline set_flags(x)
{
	dentry[x].transit = (dentry[x].state == PENDING || dentry[x].state == EXPIRING ||
			     TRANSIT_WHEN_BARE(x));
	dentry[x].automount = (dentry[x].positive || dentry[x].state != FAILED ||
			       dentry[x].error != E_NOENT)
}

/* amfs_trigger_event_locked(), whose warning is an error here */
inline event(x, what)
{
	n = NEXT(dentry[x].state, what);
	assert(n != FORBIDDEN);
	dentry[x].state = n;
	SAY(printf("  trigger %d: event %d, state %d\n", x, what, n));
	if
	:: n != FAILED -> dentry[x].error = 0
	:: else
	fi;
	set_flags(x)
}

/* amfs_lookup() of a name that has no dentry */
inline new_dentry(x)
{
	x = NONE;
	for (i : 0 .. DENTRIES - 1) {
		/* rule 1: what the name has already would have been found */
		assert(!dentry[i].live || dentry[i].dead);
		if
		:: x == NONE && !dentry[i].live -> x = i
		:: else
		fi
	}
	assert(x != NONE && !dentry[x].tracked);
	SAY(printf("  dentry %d: new\n", x));
	dentry[x].live = 1;
	dentry[x].refs = 1;
	dentry[x].hashed = 1;
	dentry[x].state = IDLE;
	dentry[x].req = NONE;
	dentry[x].path_route = PATH_ROUTE;
	set_flags(x)
}

/* the dcache */
inline find_hashed(x)
{
	x = NONE;
	for (i : 0 .. DENTRIES - 1) {
		if
		:: dentry[i].hashed ->
			assert(x == NONE);
			x = i;
			hold(x)
		:: else
		fi
	};
	i = 0
}

/* amfs_trigger_tracked(), by lockref_get_not_dead() */
#ifdef NO_LOOK_FOR_DEAD
#define DEAD_FOUND true
#else
#define DEAD_FOUND false
#endif

inline find_tracked(x)
{
	x = NONE;
#ifndef NO_TRACKED_LOOKUP
	for (i : 0 .. DENTRIES - 1) {
		if
		:: dentry[i].tracked && (!dentry[i].dead || DEAD_FOUND) ->
			assert(x == NONE);
			x = i;
			hold(x)
		:: else
		fi
	};
	i = 0
#endif
}

#define ROOM (DENTRY_FREE(0) || DENTRY_FREE(DENTRIES - 1))
#define DENTRY_FREE(x) (!dentry[x].live)

#ifdef NO_RWSEM_IN_LOOKUP
#define LOOKUP_LOCK skip
#define LOOKUP_UNLOCK skip
#else
#define LOOKUP_LOCK atomic { !rwsem -> rwsem = 1 }
#define LOOKUP_UNLOCK rwsem = 0
#endif

/* A walk's look at the name: the dcache, then ->lookup. */
inline lookup(x)
{
	d_step { find_hashed(x) }
	if
	:: x == NONE ->
		LOOKUP_LOCK;
		d_step { find_hashed(x) }
		if
		:: x == NONE -> d_step { find_tracked(x) }
		:: else
		fi;
		if
		:: d_step { x == NONE && ROOM -> new_dentry(x) }
		:: x != NONE
		fi;
		LOOKUP_UNLOCK
	:: else
	fi
}

/* amfs_trigger_make_positive(), the root's i_rwsem is held */
inline make_positive(x)
{
	d_step {
		SAY(printf("  dentry %d: becomes positive\n", x));
		dentry[x].placing = 1;
		dentry[x].positive = 1;
#ifndef NO_REVIVAL
		dentry[x].rmdired = 0
#endif
	}
	if
	:: d_step { !dentry[x].hashed -> dentry[x].hashed = 1 }
	:: else
	fi;
	d_step {
		dentry[x].tracked = 0;
		dentry[x].placing = 0;
#ifndef NO_FLAGS_WHEN_PLACED
		set_flags(x)
#endif
	}
}

/* amfs_trigger_take_path_route(), the root's i_rwsem is held; ok tells */
inline take_path_route(x)
{
	d_step {
		ok = (dentry[x].state == PENDING);
		if
		:: ok -> dentry[x].path_route = 1
		:: else
		fi
	}
	if
	:: ok ->
		make_positive(x);
		d_step {
			if
			:: !dentry[x].pinned -> dentry[x].pinned = 1; hold(x)
			:: else
			fi
		}
	:: else
	fi
}

/* take_fd_route(); ok tells */
inline take_fd_route(x)
{
	d_step {
		ok = (dentry[x].state == PENDING);
		if
		:: ok && !dentry[x].pinned -> dentry[x].path_route = 0
		:: else
		fi
	}
	if
	:: ok -> make_positive(x)
	:: else
	fi
}

/* The VFS attaches a mount; it takes over the caller's reference if it can. */
inline attach(x)
{
	ok = (dentry[x].hashed && dentry[x].positive && !dentry[x].rmdired);
	if
	:: ok ->
		assert(dentry[x].mounts == 0);	/* no mount is stacked */
		SAY(printf("  dentry %d: mounted\n", x));
		dentry[x].mounts = 1;
		dentry[x].mark = 0
	:: else
	fi
}

/* The VFS takes a mount away, whose reference to the dentry is the caller's to drop. */
inline detach(x)
{
	assert(dentry[x].mounts == 1 && dentry[x].users == 0);	/* no expire of the busy */
	SAY(printf("  dentry %d: unmounted\n", x));
	dentry[x].mounts = 0;
	dentry[x].mark = 0
}
