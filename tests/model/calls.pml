/* SPDX-License-Identifier: GPL-2.0 */
/* what a daemon's system calls do: conn.c, read.c, attach.c, dir.c, and the VFS */

/* the daemon's steps, each of them a call */
#define S_READ 0
#define S_MKDIR 1
#define S_TARGET 2
#define S_MOVE 3	/* move_mount(2) onto the target's descriptor */
#define S_PLACE 4	/* or onto the path */
#define S_DONE 5
#define S_UNDO 6	/* the answer came too late: what is mounted is taken away again */
#define S_EXPIRE 7	/* umount2(2) with MNT_EXPIRE */
#define S_RMDIR 8
#define S_OVER 9

/* between two calls; at the end of a call's walk */
#define READY (phase == W_OVER && !killed)
#define WALKED (phase >= W_STOP && phase <= W_FAILED)

#define SELF (1 << number)
#define SELF_ASLEEP (1 << (WALKERS + number))

/* amfs_walk_exempt() */
#ifdef NO_EXEMPTION
#define EXEMPT(x) 0
#else
#define EXEMPT(x) (owner == number && (dentry[x].state == EXPIRING || \
		   (dentry[x].state == PENDING && dentry[x].path_route)))
#endif

/* find_request() and hold_dentry(): x is the dentry, NONE when the request is over */
inline find_request()
{
	x = NONE;
	if
	:: owner == number && req[job].place == DELIVERED && req[job].pending ->
		get(job);
		x = req[job].dentry;
		hold(x)
	:: else
	fi
}

inline let_go()
{
	d_step { drop_count(x); put(job) }
	release_if_last(x);
	x = NONE
}

/*
 * AMFS_IOC_TARGET: a descriptor, which is t, or by the classic route what mkdir(2)
 * says. E_EXIST: somebody's mount is there.
 */
inline target()
{
	d_step {
		step == S_TARGET && READY ->
		find_request();
		err = (x == NONE -> E_STALE : 0);
		if
#ifndef NO_LOOK_FOR_MOUNT
		:: !err && dentry[x].mounts -> err = E_EXIST
#endif
		:: else
		fi
	}
	if
	:: d_step { !err && !rwsem -> rwsem = 1 }
#if PATH_ROUTE
		take_path_route(x);
#else
		take_fd_route(x);
#endif
		d_step {
			rwsem = 0;
			err = (ok -> 0 : E_STALE);
			if
			:: ok && !PATH_ROUTE -> t = x; hold(t)
			:: else
			fi
		}
	:: err
	fi;
	if
	:: x != NONE -> let_go()
	:: else
	fi
}

/* AMFS_IOC_DONE, with a look at whether it is so */
inline done(error, remembered)
{
	d_step {
		step == S_DONE && READY ->
		find_request();
		if
		:: x == NONE -> err = E_STALE
#ifndef NO_LOOK_AT_SUCCESS
		:: x != NONE && !error && req[job].kind == MOUNT && !dentry[x].mounts ->
			err = E_NODENT
		:: x != NONE && !error && req[job].kind == EXPIRE && dentry[x].mounts ->
			err = E_BUSY
#endif
		:: else -> err = 0
		fi
	}
	if
	:: !err ->
		finish(job, error, remembered, 1);
		if
		:: !ok -> err = E_STALE
		:: else
		fi
	:: else
	fi;
	if
	:: x != NONE -> let_go()
	:: else
	fi
}

/* The daemon walks by path to w, exempt where its own work is. */
inline end_walk()
{
	w = NONE;
	phase = W_OVER;
	back = B_MANAGE;
	excused = 0;
	automount = 0;
	asked = 0;
	count = 0;
	ok = 0
}

/* umount2(2) at the end of its walk */
inline unmount()
{
	d_step {
		(step == S_UNDO || step == S_EXPIRE) && WALKED ->
		ok = 0;
		if
		:: phase != W_INSIDE -> err = (err -> err : E_INVAL); ok = 1
#ifndef NO_MNT_EXPIRE
		:: phase == W_INSIDE && dentry[w].users > 1 -> dentry[w].users--; err = E_BUSY
		:: phase == W_INSIDE && dentry[w].users == 1 && step == S_EXPIRE && !dentry[w].mark ->
			dentry[w].users--;
			dentry[w].mark = 1;
			err = E_AGAIN
#endif
		:: else -> dentry[w].users--; detach(w); ok = 1
		fi
	}
	if
	:: ok -> drop(w)
	:: else
	fi
}

/* move_mount(2) onto the target's descriptor, which is closed */
inline move_onto_target()
{
	d_step {
		step == S_MOVE && READY ->
#ifdef LIAR
		ok = 0;
		err = 0
#else
		attach(t);
		err = (ok -> 0 : E_MAP)
#endif
	}
	if
	:: !ok -> drop(t)
	:: else
	fi
}

/* move_mount(2) or mount(2) onto the path, at the end of its walk */
inline mount_on_path()
{
	d_step {
		step == S_PLACE && WALKED ->
		assert(phase != W_INSIDE);	/* no mount is stacked */
		ok = 0;
		if
#ifndef LIAR
		:: !err -> attach(w); err = (ok -> 0 : E_MAP)
#endif
		:: else
		fi
	}
	if
	:: !ok -> drop(w)
	:: else
	fi
}

/* rmdir(2) and mkdir(2) find the dentry under the root's i_rwsem, by dcache or ->lookup. */
inline find_locked()
{
	rwsem = 1;
	find_hashed(w);
	if
	:: w == NONE -> find_tracked(w)
	:: else
	fi
}

inline unlock()
{
	if
	:: w != NONE -> drop(w)
	:: else
	fi;
	d_step { rwsem = 0; w = NONE; ok = 0 }
}

inline make_directory()
{
	d_step {
		step == S_MKDIR && READY && !rwsem ->
		find_locked();
		err = 0;
		if
		/* it would get a new trigger, which nobody asked for */
		:: w == NONE || owner != number -> err = E_PERM
		:: w != NONE && owner == number && dentry[w].hashed && dentry[w].positive ->
			err = E_EXIST
		:: else
		fi
	}
	if
	:: !err ->
		take_path_route(w);
		err = (ok -> 0 : E_PERM)
	:: else
	fi;
	unlock()
}

#ifdef NO_BUSY_IN_RMDIR
#define BUSY_REMOVED true
#else
#define BUSY_REMOVED false
#endif

/*
 * vfs_rmdir() and amfs_rmdir(). The directory's own i_rwsem keeps mounts away
 * from the look at them until it is dead.
 */
inline remove_directory()
{
	d_step {
		step == S_RMDIR && READY && !rwsem ->
		find_locked();
		ok = (w != NONE && dentry[w].positive && !dentry[w].mounts && owner == number &&
		      dentry[w].path_route && dentry[w].pinned &&
		      (!dentry[w].copy || BUSY_REMOVED) &&
		      (dentry[w].state == EXPIRING || dentry[w].state == PENDING));
		if
		:: ok ->
			SAY(printf("  dentry %d: rmdir\n", w));
			dentry[w].pinned = 0;
			dentry[w].refs--;
			dentry[w].tracked = 1;
			dentry[w].hashed = 0
		:: else
		fi
	}
	if
	:: d_step {
		ok ->
		/* detach_mounts(): no expire of the busy */
		assert(!dentry[w].copy && !dentry[w].mounts);
		if
		:: dentry[w].refs == 1 -> dentry[w].positive = 0
		:: else -> dentry[w].rmdired = 1
		fi
	   }
	:: else
	fi;
	unlock()
}

/* AMFS_IOC_BIND, of a map that nobody owns */
inline bind()
{
	assert(owner == NOBODY);
	owner = number;
	grace_over = 0;
	readers = 0
}

/* disown_locked(); then amfs_clock_orphaned() under point->lock */
inline disown()
{
	d_step {
		owner = NOBODY;
		for (i : 0 .. REQUESTS - 1) {
			if
#ifndef NO_REQUEUE
			:: req[i].place == DELIVERED -> req[i].place = QUEUED; req[i].again = 1
#endif
			:: req[i].place == CANCELLED -> req[i].place = NOWHERE; put(i)
			:: else
			fi
		}
		readers = 0;
		i = 0
	}
#ifndef NO_ARM_WHEN_ORPHANED
	d_step { arm_clock() }
#endif
}

/* amfs_conn_read() takes one record: a CANCEL, or a request, which is the job */
inline take_record()
{
	job = NONE;
	slot = NONE;
	for (i : 0 .. REQUESTS - 1) {
		if
		:: req[i].place == CANCELLED -> slot = i
		:: req[i].place == QUEUED -> job = i
		:: else
		fi
	}
	if
	:: slot != NONE ->
		job = NONE;
		req[slot].place = NOWHERE;
		put(slot)
	:: slot == NONE && job != NONE ->
		req[job].place = DELIVERED;
		req[job].names++
	:: else -> readers = readers | SELF
	fi;
	i = 0;
	slot = 0
}

/* The copy to user space failed: unread(). */
inline unread()
{
	faults--;
	if
	:: owner == number && req[job].place == DELIVERED ->
#ifndef NO_UNREAD
		req[job].place = QUEUED
#else
		skip
#endif
	:: else
	fi;
	req[job].names--;
	forget_if_unused(job);
	job = NONE
}
