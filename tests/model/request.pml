/* SPDX-License-Identifier: GPL-2.0 */
/* requests: request.c, settle.c, channel.c, core/request.c */

inline forget_if_unused(q)
{
	if
	:: req[q].refs == 0 ->
		/* rule 4: neither in a table nor in a queue */
		assert(!req[q].pending && req[q].place == NOWHERE && !req[q].asleep);
		if
		:: req[q].names == 0 ->
			req[q].kind = 0;
			req[q].dentry = 0;
			req[q].overdue = 0;
			req[q].ended = 0;
			req[q].error = 0;
			req[q].again = 0;
			req[q].now = 0;
			req[q].path_route = 0
		:: else
		fi
	:: else
	fi
}

inline put(q)
{
	assert(req[q].refs > 0);
	req[q].refs--;
	forget_if_unused(q)
}

inline get(q)
{
	assert(req[q].refs > 0);
	req[q].refs++
}

inline find_pending(q, what)
{
	q = NONE;
#ifndef NO_JOIN
	for (i : 0 .. REQUESTS - 1) {
		if
		:: req[i].pending && req[i].kind == what -> q = i
		:: else
		fi
	};
	i = 0
#endif
}

inline new_request(q, x, what, mark_and_take)
{
	q = NONE;
	for (i : 0 .. REQUESTS - 1) {
		/* rule 1 and 5: one request for the name, of whatever kind */
		assert(!req[i].pending);
		if
		:: q == NONE && !req[i].refs && !req[i].names -> q = i
		:: else
		fi
	}
	assert(q != NONE);
	SAY(printf("  request %d: new, kind %d\n", q, what));
	req[q].refs = 1;
	req[q].kind = what;
	req[q].dentry = x;
	req[q].pending = 1;
	pending++;
	req[q].now = mark_and_take;
	req[q].path_route = dentry[x].path_route
}

/* amfs_clock_arm_locked(), for the grace */
inline arm_clock()
{
	if
	:: owner == NOBODY && pending -> grace_armed = 1
	:: else
	fi
}

#ifdef NO_HOLD_BY_REQUEST
#define HELD false
#else
#define HELD true
#endif

/*
 * amfs_request_start_locked(): q becomes the pending request, with a reference,
 * or NONE without hope of a daemon. One critical section of point->lock; what
 * happens to channel->lock in between (bind, close) is as if it came before or
 * after.
 */
inline start(q, x, what, mark_and_take)
{
	find_pending(q, what);
	if
	:: q != NONE -> get(q)
	:: q == NONE && owner == NOBODY && (grace_over || what == EXPIRE) -> skip
	:: else ->
		new_request(q, x, what, mark_and_take);
		req[q].refs++;
		if
		:: HELD -> hold(x)
		:: else
		fi;
		dentry[x].req = q;
		if
		:: what == MOUNT -> event(x, EV_ASK)
		:: else -> event(x, EV_EXPIRE)
		fi;
		req[q].place = QUEUED;
#ifndef NO_WAKE_OF_READER
		readers = 0;
#endif
#ifndef NO_ARM_AT_START
		arm_clock()
#endif
	fi
}

/* settle_failure_locked(); keep: the request's reference is the pin now */
inline settle_failure(x, err, ttl)
{
	if
	:: !ttl -> event(x, EV_MOUNT_DROP)
	:: else ->
		dentry[x].error = err;
		event(x, EV_MOUNT_FAIL);
		if
		:: !dentry[x].hashed && !dentry[x].pinned ->
			dentry[x].pinned = 1;
			keep = 1
		:: else
		fi
	fi
}

inline settle(x, what, err, ttl)
{
	keep = 0;
	if
	:: what == MOUNT && err -> settle_failure(x, err, ttl)
	:: what == MOUNT && !err -> event(x, EV_MOUNT_OK)
	:: what == EXPIRE && (!err || !(dentry[x].mounts || dentry[x].copy)) ->
		event(x, EV_EXPIRE_OK)
	:: else -> event(x, EV_EXPIRE_NO)
	fi
}

/* amfs_channel_withdraw() */
inline withdraw(q, told)
{
	if
#ifdef NO_WITHDRAW
	:: true
#endif
	:: req[q].place == DELIVERED && !told && owner != NOBODY ->
		req[q].place = CANCELLED;
		req[q].refs++;
		readers = 0
	:: else -> req[q].place = NOWHERE
	fi
}

inline wake(q)
{
#ifdef NO_WAKE_OF_ALL
	if
	:: req[q].asleep & 1 -> req[q].asleep = req[q].asleep & ~1
	:: else -> req[q].asleep = req[q].asleep & ~2
	fi
#else
	req[q].asleep = 0
#endif
}

/*
 * amfs_request_end(): the caller has a reference; ok tells whether it was the
 * one who ended it. told: the daemon did it itself.
 */
inline finish(q, err, ttl, told)
{
	d_step {
#ifdef NO_END_ONCE
		ok = 1;
#else
		ok = req[q].pending;
#endif
		if
		:: ok ->
			req[q].pending = 0;
			pending--;
			SAY(printf("  request %d: ends, errno %d\n", q, err));
			req[q].error = err;
			dentry[req[q].dentry].req = NONE;
			settle(req[q].dentry, req[q].kind, err, ttl)
		:: else
		fi
	}
	if
	:: d_step { ok -> withdraw(q, told) }
#ifdef NO_END_BEFORE_WAKE
		d_step { req[q].asleep = 0 }
		d_step { req[q].ended = 1 }
#else
		d_step { req[q].ended = 1 }
		d_step { wake(q) }
#endif
		d_step {
			if
			:: !keep && HELD -> drop_count(req[q].dentry); gone = req[q].dentry
			:: else
			fi;
			keep = 0;
			put(q)
		}
		release_if_last(gone);
		gone = 0
	:: else
	fi
}

/* wait_over(): the request has ended; only a MOUNT's errno is the walker's */
inline waited(q)
{
#ifdef NO_KIND_IN_WAIT
	err = req[q].error;
#else
	err = (req[q].kind == MOUNT -> req[q].error : 0);
#endif
	put(q);
	q = NONE
}
