// SPDX-License-Identifier: GPL-2.0
/*
 * Those who get in the walkers' way: who expires, unmounts, remounts, and takes the
 * automount points themselves away.
 */
#include "storm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* --- keys ------------------------------------------------------------------------ */

static int umountable(const struct key *key)
{
	/*
	 * Of a direct one it might be the automount point; so it might be of a part. Who
	 * is in a tree that is unmounted by hand sees the parts' bare folders.
	 */
	return key->place != DIRECT && key->kind != TREE && key->kind != PART;
}

/* By one who isn't the daemon, as root may. */
void umount_key(const struct key *key, enum home home)
{
	static const struct {
		enum op op;
		int flags;
	} ways[] = {
		{ OP_UMOUNT_DETACH, MNT_DETACH }, { OP_UMOUNT, 0 }, { OP_UMOUNT_EXPIRE, MNT_EXPIRE },
	};
	unsigned int way = pick(3);
	int err, tries = ways[way].flags == MNT_EXPIRE ? 2 : 1;
	char path[PATH_MAX];

	if (!umountable(key))
		return;
	key_path(path, key);
	do {
		err = umount2(path, ways[way].flags | UMOUNT_NOFOLLOW) ? errno : 0;
	} while (err == EAGAIN && --tries);
	/* EINVAL: not mounted any more, or locked in a user's namespace. */
	if (err && err != EBUSY && err != EAGAIN && err != EINVAL && !lawful(key, home, err))
		fail("umount of %s %s: %s", places[key->place].name, key->name,
		     strerrorname_np(err));
	op(ways[way].op, err);
}

void run_umounter(unsigned int number)
{
	(void)number;
	while (!stopped()) {
		umount_key(key_any(), AT_HOME);
		nap(20000);
	}
	_exit(0);
}

void run_expirer(unsigned int number)
{
	static const enum op ops[] = { OP_EXPIRE_KEY, OP_EXPIRE_ALL, OP_EXPIRE_DUE };
	static const unsigned int flags[] = { AMFS_EXPIRE_KEY, AMFS_EXPIRE_ALL, AMFS_EXPIRE_DUE };
	const struct key *key;
	unsigned int way;
	int err;

	(void)number;
	while (!stopped()) {
		key = key_any();
		way = pick(3);
		err = amfs_expire(places[key->place].map, flags[way],
				  flags[way] == AMFS_EXPIRE_KEY ? key->name : NULL);
		/* Nothing mounted, or no automount point; between two daemons. */
		if (err && err != ENOENT && err != ENOLINK)
			fail("expire: %s", strerrorname_np(err));
		op(ops[way], err);
		nap(20000);
	}
	_exit(0);
}

/* --- automount points ------------------------------------------------------------ */

static const char *any_of(const char *const *words, unsigned int count)
{
	return words[pick(count)];
}

#define ANY(...) any_of((const char *const[]){ __VA_ARGS__ }, \
			sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void remount(enum place_id place)
{
	const struct place *it = &places[place];
	char options[256];
	int err;

	if (it->rough)
		snprintf(options, sizeof(options), "timeout=%s,negative=%s,deadline=%s,grace=%s,nsattach=%s",
			 ANY("0", "1", "2"), ANY("0", "1", "30"), ANY("1", "2", "5"),
			 ANY("0", "1", "5"), ANY("yes", "no"));
	else
		snprintf(options, sizeof(options), "timeout=%s,negative=%s,deadline=%s,grace=%s,mode=%s",
			 ANY("1", "2", "60"), ANY("0", "1", "60"), ANY("200", "300", "0"),
			 ANY("200", "300"), ANY("0755", "0711"));
	if (place == STEADY || place == ROUGH)
		snprintf(options + strlen(options), sizeof(options) - strlen(options), ",route=%s",
			 ANY("fd", "path", "kernel"));
	err = mount(NULL, it->path, NULL, MS_REMOUNT, options) ? errno : 0;
	/* EINVAL of a rough one: it isn't there, or covered. */
	if (err && !of_the_storm(it, err))
		fail("remount of %s with %s: %s", it->name, options, strerrorname_np(err));
	op(OP_REMOUNT_STEADY + place, err);
}

void run_remounter(unsigned int number)
{
	(void)number;
	while (!stopped()) {
		remount(pick(PLACES));
		nap(200000);
	}
	_exit(0);
}

static int umount_point(enum place_id place, enum op what, int flags)
{
	int err = umount2(places[place].path, flags | UMOUNT_NOFOLLOW) ? errno : 0;

	/* To get to a direct one is a walk. */
	if (err && err != EBUSY && err != EAGAIN && !of_the_storm(&places[place], err))
		fail("umount of %s: %s", places[place].name, strerrorname_np(err));
	return op(what, err);
}

/* While nobody has got there yet. */
static void umount_idle(enum place_id place)
{
	switch (pick(3)) {
	case 0:
		umount_point(place, OP_POINT_UMOUNT, 0);
		break;
	case 1:
		umount_point(place, OP_POINT_FORCE, MNT_FORCE);
		break;
	default:
		if (umount_point(place, OP_POINT_EXPIRE, MNT_EXPIRE) == EAGAIN)
			umount_point(place, OP_POINT_EXPIRE, MNT_EXPIRE);
	}
}

/* The daemon may have taken it for the key's mount, which had gone before. */
static void mount_point(enum place_id place)
{
	int err;

	if (place_mounted(place))
		return;
	err = op(OP_POINT_MOUNT, place_mount(place));
	if (err)
		fail("mounting %s: %s", places[place].name, strerrorname_np(err));
	remount(place);
}

void run_mounter(unsigned int place)
{
	while (!stopped()) {
		nap(1500000);
		if (pick(2))
			umount_point(place, OP_POINT_FORCE, MNT_FORCE);
		while (place_mounted(place))
			umount_point(place, OP_POINT_DETACH, MNT_DETACH);
		if (pick(2))
			nap(50000);
		mount_point(place);
		umount_idle(place);
		mount_point(place);
	}
	_exit(0);
}
