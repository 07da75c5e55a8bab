// SPDX-License-Identifier: GPL-2.0
/* Automount points coming, changing and going, by the old system calls. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a mount of any sort is put on or taken from. */
static const char *a_place(struct worker *w, char buf[1400])
{
	return chance(w, 70) ? a_point(w, buf) : a_path(w, buf);
}

static void mount_oddly(struct worker *w, const char *where, const char *map)
{
	char opts[5000];

	options(w, opts);
	/* mount(2) copies what there is, up to a page. */
	DO(w, CALL_MOUNT, mount(map, where, "amfs", pick(w, 16) & ~MS_REMOUNT,
				place(w, opts, 600)));
}

void op_mount(struct worker *w)
{
	static const unsigned long restrictions[] = { 0, 0, 0, MS_RDONLY, MS_NOSUID | MS_NODEV,
						      MS_NOEXEC, MS_SILENT, 1UL << 31 };
	char where[1400], map[600], opts[5000];

	if (__atomic_load_n(&w->shared->crowded, __ATOMIC_RELAXED)) {
		op_umount(w);
		return;
	}
	a_place(w, where);
	a_map(w, map);
	if (chance(w, 3)) {
		mount_oddly(w, where, map);
		return;
	}
	if (DO(w, CALL_MOUNT, mount(map, where, "amfs", restrictions[pick(w, 8)], options(w, opts))))
		return;
	pool_put(w, FD_ROOT, DO(w, CALL_WALK_PATH, open(where, O_PATH | O_DIRECTORY | O_CLOEXEC)));
}

void op_remount(struct worker *w)
{
	static const unsigned long flags[] = { 0, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC,
					       MS_NOATIME, 256 /* MS_NOSYMFOLLOW */ };
	char where[1400], opts[5000];

	a_place(w, where);
	if (chance(w, 70))
		DO(w, CALL_REMOUNT, mount("x", where, "amfs", MS_REMOUNT | flags[pick(w, 3)],
					  options(w, opts)));
	else
		DO(w, CALL_RESTRICT, mount(NULL, where, NULL, MS_REMOUNT | MS_BIND |
					   flags[pick(w, 7)] | flags[pick(w, 7)], NULL));
}

void op_rearrange(struct worker *w)
{
	static const unsigned long ways[] = { MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE };
	unsigned long rec = chance(w, 50) ? MS_REC : 0;
	char from[1400], to[1400];

	a_place(w, to);
	switch (__atomic_load_n(&w->shared->crowded, __ATOMIC_RELAXED) ? 2 : pick(w, 3)) {
	case 0:
		DO(w, CALL_BIND_MOUNT, mount(a_place(w, from), to, NULL, MS_BIND | rec, NULL));
		break;
	case 1:
		DO(w, CALL_MOVE, mount(a_place(w, from), to, NULL, MS_MOVE, NULL));
		break;
	default:
		DO(w, CALL_PROPAGATION, mount(NULL, to, NULL, ways[pick(w, 4)] | rec, NULL));
	}
}

void op_umount(struct worker *w)
{
	static const int flags[] = { 0, MNT_DETACH, MNT_EXPIRE, MNT_FORCE };
	static const enum call calls[] = { CALL_UMOUNT, CALL_UMOUNT_DETACH, CALL_UMOUNT_EXPIRE,
					   CALL_UMOUNT_FORCE };
	unsigned int way = pick(w, 4);
	char where[1400];

	/* More often what is on a point than the point. */
	if (chance(w, 25))
		a_point(w, where);
	else
		a_path(w, where);
	DO(w, calls[way], umount2(where, flags[way] | (chance(w, 50) ? UMOUNT_NOFOLLOW : 0)));
	/* An unused mount goes at the second look. */
	if (way == 2 && chance(w, 70))
		DO(w, calls[way], umount2(where, MNT_EXPIRE));
}
