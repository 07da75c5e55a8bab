/* SPDX-License-Identifier: GPL-2.0 */
/* a task that walks into the key, for one thing or another, and comes back */

/* what the walkers are after, one after the other: OPEN, STAT or ACCESS */
#ifndef KIND0
#define KIND0 OPEN
#endif
#ifndef KIND1
#define KIND1 STAT
#endif
#ifndef KIND2
#define KIND2 OPEN
#endif
/* Those who are after the same are alike: they begin in order. */
#define BEGUN(who) (begun & (1 << who))
#define MAY_BEGIN (number == 0 || (number == 1 && (KIND1 != KIND0 || BEGUN(0))) || \
		   (number == 2 && (KIND2 != KIND0 || BEGUN(0)) && (KIND2 != KIND1 || BEGUN(1))))
#define WHY (number == 0 -> KIND0 : (number == 1 -> KIND1 : KIND2))

inline come_back()
{
	SAY(printf("walker %d: back, errno %d\n", number, err));
	x = NONE;
	err = 0;
	phase = W_START;
	back = B_MANAGE;
	excused = 0;
	automount = 0;
	asked = 0;
	count = 0;
	retried = 0;
	walks++;
	if
	:: killed || walks == WALKS -> phase = W_OVER
	:: else
	fi
}

/* the errnos that there is a reason for */
#if defined FAILURES || defined LIAR
#define MAP_SAYS(err) (err == E_MAP || err == E_NOENT)
#else
#define MAP_SAYS(err) false
#endif
/* a daemon whose request ended in its grace may wait for itself, see TIMED() */
#if defined DEADLINE || LATE + DEATHS > 0
#define TIME_SAYS(err) (err == E_TIMEDOUT)
#else
#define TIME_SAYS(err) false
#endif
#define MAY_SAY(err) (MAP_SAYS(err) || TIME_SAYS(err) || (err == E_NOLINK && (LATE || DEATHS)))

proctype Walker(byte number)
{
	byte x = NONE, q = NONE, phase, back, err, count, walks;
	bit automount, asked, excused, killed, retried;
	bit ok, last, keep;
	byte gone;

	d_step { MAY_BEGIN -> begun = begun | (1 << number) }
	do
	:: walk_step(x, WHY, 1 << number, kills, 0)
	:: phase == W_OVER -> break
	:: d_step { phase == W_STOP -> stop(WHY) }
	/* rule 2: the mount, and nothing but the mount */
	:: d_step {
		phase == W_INSIDE ->
		assert(dentry[x].mounts == 1);
		dentry[x].users--;
		dentry[x].mark = 0;
		come_back()
	   }
	/* ESTALE makes the VFS walk again, once */
	:: d_step {
		phase == W_FAILED ->
		/* rule 4: an errno that the map, the time or the kill caused */
		assert(!err || MAY_SAY(err) || (err == E_INTR && killed) ||
		       (err == E_STALE && !retried));
		drop_count(x)
	   }
		release_if_last(x);
		if
		:: d_step {
			err == E_STALE ->
			retried = 1;
			err = 0;
			x = NONE;
			phase = W_START;
			back = B_MANAGE;
			asked = 0;
			count = 0
		   }
		:: d_step { err != E_STALE -> come_back() }
		fi
	od;
	finished++
}
