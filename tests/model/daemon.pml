/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: src/daemon's serve.c, classic.c and expire.c. It takes one step,
 * that is one system call, after the other, and may be killed between any two.
 * calls.pml has what the calls do.
 */

#if PATH_ROUTE
#define S_FIRST S_MKDIR
#define S_ATTACH S_PLACE
#else
#define S_FIRST S_TARGET
#define S_ATTACH S_MOVE
#endif

inline job_over()
{
	req[job].names--;
	forget_if_unused(job);
	job = NONE;
	step = S_READ;
	code = 0;
	ttl = 0;
	tries = 0;
	theirs = 0;
	after = 0
}

/* Go on with that; by the classic route only after an rmdir(2). */
inline clean_up_then(what)
{
#if PATH_ROUTE
	step = S_RMDIR;
	after = what
#else
	step = what
#endif
}

inline answer(error, remembered)
{
	step = S_DONE;
	code = error;
	ttl = remembered
}

/* What a job begins with; a key can fail in several ways. */
#define TO_BEGIN(what) (step == S_READ && job != NONE && !killed && req[job].kind == what)

inline begin()
{
	if
	:: d_step { TO_BEGIN(EXPIRE) -> step = S_EXPIRE }
	:: d_step { TO_BEGIN(MOUNT) -> step = S_FIRST }
#ifdef FAILURES
	:: d_step { TO_BEGIN(MOUNT) -> answer(E_MAP, 1) }
	:: d_step { TO_BEGIN(MOUNT) -> answer(E_NOENT, 1) }
	:: d_step { TO_BEGIN(MOUNT) -> answer(E_MAP, 0) }
#endif
	fi
}

inline after_target()
{
	if
	:: !err -> theirs = 0; step = S_ATTACH
	/* a daemon before us got as far as this */
	:: err == E_EXIST -> theirs = 1; answer(0, 0)
	:: else -> clean_up_then(S_OVER)
	fi
}

inline after_attach()
{
	if
	:: !err -> answer(0, 0)
	:: else -> answer(E_MAP, 1); clean_up_then(S_DONE)
	fi
}

#define IS_MOUNTED(x) (dentry[x].hashed && dentry[x].mounts)

inline after_done()
{
	if
	:: err == E_STALE && req[job].kind == MOUNT && !code && !theirs ->
		clean_up_then(S_OVER);
		if
		:: IS_MOUNTED(0) || IS_MOUNTED(DENTRIES - 1) -> step = S_UNDO
		:: else
		fi
	/* umount(8) came between mount and answer: again */
	:: err == E_NODENT && tries < 1 -> tries++; clean_up_then(S_FIRST)
	:: err == E_NODENT && tries -> answer(E_MAP, 1); clean_up_then(S_DONE)
	:: err == E_BUSY -> answer(E_BUSY, 0)
	:: else -> step = S_OVER
	fi
}

inline after_expire()
{
	if
	:: err == E_AGAIN && req[job].now && !tries -> tries++
	:: err == E_INVAL || err == E_NOENT || err == E_NODENT || !err ->
		answer(0, 0);
		if
		:: req[job].path_route -> step = S_RMDIR; after = S_DONE
		:: else
		fi
	:: else -> answer(err, 0)
	fi
}

inline one_step()
{
	if
	:: make_directory();
	   d_step {
		SAY(printf("daemon %d: mkdir, errno %d\n", number, err));
		if
		:: !err || err == E_EXIST -> step = S_TARGET
		:: else -> clean_up_then(S_OVER)
		fi
	   }
	:: target();
	   d_step {
		SAY(printf("daemon %d: target, errno %d\n", number, err));
		after_target()
	   }
	:: move_onto_target(); d_step { t = NONE; after_attach() }
	:: remove_directory(); step = after
	:: done(code, ttl);
	   d_step {
		SAY(printf("daemon %d: done %d, errno %d\n", number, code, err));
		after_done()
	   }
	:: d_step {
		(step == S_PLACE || step == S_UNDO || step == S_EXPIRE) && READY ->
		phase = W_START
	   }
	:: mount_on_path(); d_step { after_attach(); end_walk() }
	:: unmount();
	   d_step {
		SAY(printf("daemon %d: umount, errno %d\n", number, err));
		if
		:: step == S_UNDO -> clean_up_then(S_OVER)
		:: else -> after_expire()
		fi;
		end_walk()
	   }
	fi;
	d_step { err = 0; ok = 0 }
}

proctype Daemon(byte number)
{
	byte job = NONE, q = NONE, x = NONE, w = NONE, t = NONE;
	byte phase = W_OVER, back, count, step, after, err, code, tries, gone;
	bit ttl, killed, theirs, automount, asked, excused;
	bit ok, last, keep;

end_unborn:
	if
	:: d_step { buried == number && (LATE || number) -> bind() }
	:: owner == number && !LATE && !number
	fi;
end_reading:
	do
	:: d_step { step == S_READ && job == NONE && !killed && !(readers & SELF) -> take_record() }
	:: d_step { step == S_READ && job != NONE && !killed && faults > 0 -> unread() }
	:: begin()
	:: walk_step(w, STAT, SELF_ASLEEP, deaths, EXEMPT(w))
	:: one_step()
	:: d_step { step == S_OVER && READY -> job_over() }
	/* killed between two calls, or in its sleep */
	:: d_step { READY && deaths > 0 -> deaths--; killed = 1 }
	:: killed && phase == W_OVER -> break
	od;
	if
	:: t != NONE -> drop(t)
	:: else
	fi;
	disown();
	d_step {
		SAY(printf("daemon %d: dead\n", number));
		t = NONE;
		if
		:: job != NONE -> job_over()
		:: else
		fi;
		buried++
	}
}
