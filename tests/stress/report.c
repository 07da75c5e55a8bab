// SPDX-License-Identifier: GPL-2.0
/*
 * What is counted, and how it is shown: a line now and then, a table at the end.
 */
#include "storm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Seconds in which everything has to have happened. */
#define LONG_STORM 60

struct shared *shared;

/* Only look whether everything has happened. */
static bool silent;

static const char *const op_names[OPS] = {
	[OP_EXPIRE_KEY] = "expire a key",
	[OP_EXPIRE_ALL] = "expire all",
	[OP_EXPIRE_DUE] = "expire what is due",
	[OP_UMOUNT] = "umount a key",
	[OP_UMOUNT_DETACH] = "umount a key, MNT_DETACH",
	[OP_UMOUNT_EXPIRE] = "umount a key, MNT_EXPIRE",
	[OP_POINT_UMOUNT] = "umount a point",
	[OP_POINT_DETACH] = "umount a point, MNT_DETACH",
	[OP_POINT_FORCE] = "umount a point, MNT_FORCE",
	[OP_POINT_EXPIRE] = "umount a point, MNT_EXPIRE",
	[OP_POINT_MOUNT] = "mount a point again",
	[OP_REMOUNT_STEADY] = "remount steady",
	[OP_REMOUNT_ROUGH] = "remount rough",
	[OP_REMOUNT_DIRECT] = "remount direct",
	[OP_REMOUNT_TREES] = "remount trees",
	[OP_KEYS_ADD] = "load a key",
	[OP_KEYS_REPLACE] = "replace a loaded key",
	[OP_KEYS_DEL] = "delete a loaded key",
	[OP_KEYS_CLEAR] = "clear loaded keys",
	[OP_KEYS_LIST] = "list loaded keys",
	[OP_BIND] = "bind",
	[OP_ADOPT] = "bind, adopting",
	[OP_RELEASE] = "release",
	[OP_DAEMON_KILL] = "kill a daemon",
	[OP_AMFSD_KILL] = "kill amfsd",
	[OP_AMFSD_END] = "end amfsd",
	[OP_AMFSD_REPLACE] = "amfsd --replace",
	[OP_AMFSD_RELOAD] = "amfsd, SIGHUP",
	[OP_SERVE_FD] = "serve: by descriptor",
	[OP_SERVE_PATH] = "serve: by path",
	[OP_SERVE_ATTACH] = "serve: DONE with ATTACH",
	[OP_REFUSE] = "serve: an errno",
	[OP_SERVE_EXPIRE] = "serve: expire",
	[OP_NS_SHARED] = "walker's namespace: shared",
	[OP_NS_SLAVE] = "walker's namespace: slave",
	[OP_NS_PRIVATE] = "walker's namespace: private",
	[OP_NS_USER] = "... in a user namespace",
	[OP_WALKER_KILL] = "kill a walker",
	[OP_WALKER_SIGNAL] = "signal a walker",
	[OP_WALKER_STOP] = "stop a walker",
};

const char *const way_names[WAYS] = {
	"open", "stat", "list", "access", "chdir", "opath", "statfs", "create", "hold", "meddle",
};

static void tell(const char *fmt, va_list args)
{
	char text[16384];

	vsnprintf(text, sizeof(text), fmt, args);
	fprintf(stderr, "storm: FAIL: %s\n", text);
	if (shared)
		__atomic_store_n(&shared->failed, 1, __ATOMIC_RELAXED);
}

static void __attribute__((noreturn)) end_all(void)
{
	if (shared)
		__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
	_exit(1);
}

/* It can't go on. The first one's word is the reason; the others end because of it. */
void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(fmt, args);
	va_end(args);
	end_all();
}

/* A wrong answer: the storm has failed, but may go on to find more. */
void wrong(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(fmt, args);
	va_end(args);
	if (!shared->patient)
		end_all();
}

void count(unsigned long row[ERRNOS], int err)
{
	if (err < 0 || err >= ERRNOS)
		fail("an errno of %d", err);
	__atomic_add_fetch(&row[err], 1, __ATOMIC_RELAXED);
}

int op(enum op what, int err)
{
	count(shared->ops[what], err);
	return err;
}

int stopped(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static unsigned long sum(const unsigned long row[ERRNOS])
{
	unsigned long all = 0;
	int err;

	for (err = 0; err < ERRNOS; err++)
		all += row[err];
	return all;
}

static unsigned long sum_of(const unsigned long (*rows)[ERRNOS], unsigned int from,
			    unsigned int to)
{
	unsigned long all = 0;

	for (; from <= to; from++)
		all += rows[from][0];
	return all;
}

static unsigned long walks_ok(enum place_id place)
{
	return sum_of(shared->walks[place], 0, KINDS - 1);
}

void progress(unsigned int seconds)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < WAYS; i++)
		all += sum(shared->ways[i]);
	printf("storm: %5u s: %lu walks (saw it: steady %lu, rough %lu, direct %lu, trees %lu), "
	       "%lu served, %lu expired, %lu umounts, %lu remounts, %lu daemons, %lu namespaces\n",
	       seconds, all, walks_ok(STEADY), walks_ok(ROUGH), walks_ok(DIRECT), walks_ok(TREES),
	       sum_of(shared->ops, OP_SERVE_FD, OP_SERVE_ATTACH), shared->ops[OP_SERVE_EXPIRE][0],
	       sum_of(shared->ops, OP_UMOUNT, OP_POINT_EXPIRE),
	       sum_of(shared->ops, OP_REMOUNT_STEADY, OP_REMOUNT_TREES),
	       sum_of(shared->ops, OP_BIND, OP_ADOPT) + sum_of(shared->ops, OP_AMFSD_KILL,
							      OP_AMFSD_REPLACE),
	       sum_of(shared->ops, OP_NS_SHARED, OP_NS_PRIVATE));
	fflush(stdout);
}

static void heading(const char *text)
{
	if (!silent)
		puts(text);
}

static void line(const char *name, const unsigned long row[ERRNOS])
{
	int err;

	if (silent)
		return;
	printf("  %-28s", name);
	for (err = 0; err < ERRNOS; err++)
		if (row[err])
			printf(" %s %lu", err ? strerrorname_np(err) : "ok", row[err]);
	putchar('\n');
}

static const unsigned long *walks_by(enum place_id place, enum kind kind)
{
	const unsigned long *row = shared->walks[place][kind];

	return sum(row) ? row : NULL;
}

/* What has to have been the outcome at least once for the kind to have been tried. */
static int expected(enum kind kind)
{
	return kind == ABSENT ? ENOENT : kind == DENIED ? EACCES : 0;
}

static int check_row(const char *what, const char *name, unsigned long happened)
{
	if (happened)
		return 0;
	if (!silent)
		fprintf(stderr, "storm: %s: %s: never happened\n", what, name);
	return 1;
}

static int show_walks(unsigned int seconds)
{
	unsigned int place, kind, missing = 0;
	const unsigned long *row;
	char name[64];

	heading("walks by the kind of key");
	for (place = 0; place < PLACES; place++) {
		for (kind = 0; kind < KINDS; kind++) {
			row = walks_by(place, kind);
			if (!row)
				continue;
			snprintf(name, sizeof(name), "%s %s", places[place].name, kind_names[kind]);
			line(name, row);
			/* In a rough place it may take a while. */
			if (!places[place].rough || seconds >= LONG_STORM)
				missing += check_row("walk", name, row[expected(kind)]);
		}
	}
	return missing;
}

static unsigned long calls(void)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < OPS; i++)
		all += sum(shared->ops[i]);
	for (i = 0; i < WAYS; i++)
		all += sum(shared->ways[i]);
	return all;
}

static int show_all(unsigned int seconds)
{
	unsigned int i, missing = 0;

	heading("walks by the way of walking");
	for (i = 0; i < WAYS; i++) {
		line(way_names[i], shared->ways[i]);
		/* Who meddles is to be refused, in one way or the other. */
		missing += check_row("walk", way_names[i],
				     i == WAY_MEDDLE ? sum(shared->ways[i]) : shared->ways[i][0]);
	}
	missing += show_walks(seconds);
	heading("what got in their way");
	for (i = 0; i < OPS; i++) {
		line(op_names[i], shared->ops[i]);
		missing += check_row("operation", op_names[i],
				     i == OP_REFUSE ? sum(shared->ops[i]) : shared->ops[i][0]);
	}
	return missing;
}

/* What never succeeded wasn't tested: is there such a thing? */
bool all_happened(unsigned int seconds)
{
	int missing;

	silent = true;
	missing = show_all(seconds);
	silent = false;
	return !missing;
}

/* Returns how many such things there are. */
int closing_table(unsigned int seconds)
{
	int missing;

	printf("storm: %lu calls\n", calls());
	missing = show_all(seconds);
	fflush(stdout);
	return missing;
}
