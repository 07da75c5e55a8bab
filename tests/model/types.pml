/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the model is made of: one automount point with one key, its dentries,
 * its requests, the channel. Sizes and budgets are set with -D; a budget of n is
 * used up to 0..n times, which the start chooses, so that a thing that may happen
 * is never what saves somebody.
 */

#ifndef WALKERS
#define WALKERS 2	/* tasks that walk into the key */
#endif
#ifndef WALKS
#define WALKS 1		/* how often each does */
#endif
#ifndef DAEMONS
#define DAEMONS 1	/* each but the first begins when the one before is dead */
#endif
#ifndef LATE
#define LATE 0		/* whether the first may come later than the walkers */
#endif
#ifndef DEATHS
#define DEATHS 0	/* how many daemons may be killed */
#endif
#ifndef LOOKS
#define LOOKS 1		/* the expiry's looks at the key */
#endif
#ifndef KILLS
#define KILLS 0		/* walkers that may be killed */
#endif
#ifndef UMOUNTS
#define UMOUNTS 0	/* umount(8) by hand */
#endif
#ifndef COPIES
#define COPIES 0	/* private copies of the mount namespace */
#endif
#ifndef FAULTS
#define FAULTS 0	/* read(2)s whose copy to the daemon fails */
#endif
#ifndef DENTRIES
#define DENTRIES 2	/* dentries of the name in memory at one time */
#endif
#ifndef REQUESTS
#define REQUESTS 4	/* requests in memory at one time */
#endif

/* for reading a trail: spin -DTRACE -t */
#ifdef TRACE
#define SAY(what) what
#else
#define SAY(what) skip
#endif

#define NONE 15
#define LOOPS 4		/* the VFS's MAXSYMLINKS is 40 */

/* errnos; E_MAP and E_NOENT are what the map caused */
#define E_MAP 1
#define E_NOENT 2
#define E_TIMEDOUT 3
#define E_NOLINK 4
#define E_INTR 5
#define E_STALE 6
#define E_AGAIN 7
#define E_BUSY 8
#define E_INVAL 9
#define E_EXIST 10
#define E_LOOP 11
#define E_ISDIR 12
#define E_PERM 13
#define E_NODENT 14	/* the ENOENT of the VFS for what has no inode */

/* what a walk is for */
#define OPEN 0		/* triggers, ends in ->open */
#define STAT 1		/* doesn't trigger on a positive dentry, ends in ->getattr */
#define ACCESS 2	/* neither triggers so nor has a last stop */

/* what is asked, enum amfs_req_kind */
#define MOUNT 0
#define EXPIRE 1

/* enum amfs_req_place */
#define NOWHERE 0
#define QUEUED 1
#define DELIVERED 2
#define CANCELLED 3

/* A dentry of the name with its trigger, and what is mounted on it. */
typedef Dentry {
	unsigned refs : 4;
	bit live;		/* there is one in this slot */
	bit dead;		/* its last reference has gone, it isn't freed yet */
	bit hashed;
	bit positive;
	bit rmdired;		/* S_DEAD, DCACHE_CANT_MOUNT */
	bit transit;		/* DCACHE_MANAGE_TRANSIT */
	bit automount;		/* DCACHE_NEED_AUTOMOUNT */
	bit placing;		/* ghost: between getting an inode and its flags */
	unsigned state : 3;
	unsigned req : 4;	/* or NONE */
	unsigned error : 4;	/* for FAILED */
	bit path_route;
	bit pinned;
	bit tracked;
	unsigned mounts : 2;	/* mounts on it where walkers and daemons are */
	unsigned users : 3;	/* who is in there */
	bit mark;		/* the VFS's expiry mark */
	bit copy;		/* mounted, and in use, in a private namespace */
};

typedef Request {
	unsigned refs : 4;
	unsigned names : 2;	/* ghost: daemons that know its id, which isn't reused */
	bit kind;
	unsigned dentry : 4;
	bit pending;
	bit overdue;		/* its deadline was taken off the heap */
	bit ended;
	unsigned error : 4;
	unsigned place : 2;
	bit again;
	bit now;
	bit path_route;
	unsigned asleep : 5;	/* who sleeps on its wait queue, a bit for each task */
};

Dentry dentry[DENTRIES];
Request req[REQUESTS];

unsigned pending : 2;		/* the table's count of requests */
bit rwsem;			/* the root's i_rwsem; lookups of one name exclude each other */
unsigned owner : 2 = 3;		/* the bound daemon */
#define NOBODY 3
unsigned readers : 2;		/* daemons asleep in read(2), a bit for each */
bit grace_over;			/* nobody was bound for so long */
bit grace_armed;		/* the clock will look for that */

unsigned begun : 3;		/* walkers that have, a bit for each */
unsigned finished : 3;		/* and come back */
unsigned buried : 2;		/* daemons that are dead and closed */

/* budgets */
unsigned looks : 2, kills : 2, deaths : 2, umounts : 2, copies : 2, faults : 2;

/* scratch of d_steps */
hidden byte i;
hidden byte n;
hidden byte slot;
