// SPDX-License-Identifier: GPL-2.0
/* What was called, and what came of it. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char * const call_names[CALLS] = {
	[CALL_OPEN] = "open device", [CALL_CLOSE] = "close", [CALL_READ] = "read",
	[CALL_POLL] = "poll", [CALL_EPOLL] = "epoll", [CALL_FCNTL] = "fcntl",
	[CALL_STEAL] = "pidfd_getfd", [CALL_PASS] = "dup", [CALL_WRITE] = "write",
	[CALL_PREAD] = "pread", [CALL_MMAP] = "mmap", [CALL_STRANGE] = "unknown ioctl",
	[CALL_BIND] = "BIND", [CALL_RELEASE] = "RELEASE", [CALL_TARGET] = "TARGET",
	[CALL_TARGET_PATH] = "TARGET PATH", [CALL_TARGET_TREE] = "TARGET TREE",
	[CALL_DONE] = "DONE", [CALL_DONE_ERROR] = "DONE error", [CALL_DONE_ATTACH] = "DONE ATTACH",
	[CALL_EXPIRE] = "EXPIRE", [CALL_LIST] = "LIST", [CALL_KEYS_ADD] = "KEYS ADD",
	[CALL_KEYS_DEL] = "KEYS DEL", [CALL_KEYS_CLEAR] = "KEYS CLEAR",
	[CALL_KEYS_LIST] = "KEYS LIST", [CALL_KEYS_MAPS] = "KEYS MAPS",
	[CALL_MOUNT] = "mount", [CALL_REMOUNT] = "remount", [CALL_RESTRICT] = "remount,bind",
	[CALL_BIND_MOUNT] = "mount --bind", [CALL_MOVE] = "mount --move",
	[CALL_PROPAGATION] = "propagation", [CALL_UMOUNT] = "umount",
	[CALL_UMOUNT_DETACH] = "umount DETACH", [CALL_UMOUNT_EXPIRE] = "umount EXPIRE",
	[CALL_UMOUNT_FORCE] = "umount FORCE", [CALL_FSOPEN] = "fsopen",
	[CALL_FSCONFIG] = "fsconfig", [CALL_FSMOUNT] = "fsmount",
	[CALL_MOVE_MOUNT] = "move_mount", [CALL_OPEN_TREE] = "open_tree",
	[CALL_FSPICK] = "fspick", [CALL_SETATTR] = "mount_setattr",
	[CALL_WALK_OPEN] = "open", [CALL_WALK_PATH] = "open O_PATH",
	[CALL_WALK_CREATE] = "open O_CREAT", [CALL_WALK_STAT] = "stat",
	[CALL_WALK_STATX] = "statx", [CALL_WALK_ACCESS] = "access",
	[CALL_WALK_LIST] = "getdents", [CALL_WALK_MKDIR] = "mkdir", [CALL_WALK_RMDIR] = "rmdir",
	[CALL_WALK_UNLINK] = "unlink", [CALL_WALK_RENAME] = "rename", [CALL_WALK_LINK] = "link",
	[CALL_WALK_SYMLINK] = "symlink", [CALL_WALK_MKNOD] = "mknod",
	[CALL_WALK_SETXATTR] = "setxattr", [CALL_WALK_GETXATTR] = "getxattr",
	[CALL_WALK_CHMOD] = "chmod", [CALL_WALK_CHOWN] = "chown",
	[CALL_WALK_TRUNCATE] = "truncate", [CALL_WALK_UTIME] = "utimensat",
	[CALL_WALK_STATFS] = "statfs", [CALL_WALK_READLINK] = "readlink",
	[CALL_WALK_CHDIR] = "chdir", [CALL_WALK_INOTIFY] = "inotify",
	[CALL_WALK_HANDLE] = "file handle", [CALL_UNSHARE] = "unshare",
	[CALL_UNSHARE_USER] = "unshare user", [CALL_SETNS] = "setns",
	[CALL_DEBUGFS] = "read debugfs", [CALL_MOUNTINFO] = "read mountinfo",
	[CALL_KILL] = "SIGKILL", [CALL_UNLOAD] = "delete_module", [CALL_LOAD] = "finit_module",
};

/* Nothing of ours makes these succeed, whoever calls them with whatever. */
static const char never[CALLS] = {
	[CALL_WRITE] = 1, [CALL_PREAD] = 1, [CALL_MMAP] = 1, [CALL_STRANGE] = 1,
};

/* A smaller number of calls doesn't say that a kind can't succeed. */
#define ENOUGH	500

/* Lines of the table show so many errnos. */
#define SHOWN	9

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void call_begin(struct worker *w, enum call call)
{
	__atomic_store_n(&w->slot->since, now_ms(), __ATOMIC_RELAXED);
	__atomic_store_n(&w->slot->call, call, __ATOMIC_RELEASE);
	errno = 0;
}

/* @ret as the system call returned it; it and errno are left as they are. */
long call_end(struct worker *w, enum call call, long ret)
{
	struct tally *tally = &w->shared->tally[call];
	int err = errno;
	unsigned long *counter = &tally->ok;

	if (ret < 0)
		counter = &tally->failed[err < MOST_ERRNO ? err : 0];
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&w->shared->calls, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&w->slot->call, CALLS, __ATOMIC_RELEASE);
	errno = err;
	return ret;
}

static unsigned long all_of(const struct tally *tally)
{
	unsigned long sum = tally->ok + tally->killed;
	int i;

	for (i = 0; i < MOST_ERRNO; i++)
		sum += tally->failed[i];
	return sum;
}

static void print_errnos(const struct tally *tally)
{
	unsigned long left[MOST_ERRNO];
	int shown, i, most;

	memcpy(left, tally->failed, sizeof(left));
	for (shown = 0; shown < SHOWN; shown++) {
		for (most = 0, i = 1; i < MOST_ERRNO; i++)
			if (left[i] > left[most])
				most = i;
		if (!left[most])
			return;
		if (strerrorname_np(most))
			printf(" %s %lu", strerrorname_np(most), left[most]);
		else
			printf(" %d %lu", most, left[most]);
		left[most] = 0;
	}
	printf(" ...");
}

void print_tally(const struct shared *shared)
{
	unsigned long sum, calls = 0, ok = 0;
	int call;

	printf("%-14s %8s %8s %6s  errnos\n", "call", "calls", "ok", "killed");
	for (call = 0; call < CALLS; call++) {
		const struct tally *tally = &shared->tally[call];

		sum = all_of(tally);
		printf("%-14s %8lu %8lu %6lu ", call_names[call], sum, tally->ok, tally->killed);
		print_errnos(tally);
		putchar('\n');
		calls += sum;
		ok += tally->ok;
	}
	printf("%-14s %8lu %8lu\n", "all", calls, ok);
	if (shared->covered)
		printf("coverage: %u places in the module, found by %u recipes\n",
		       shared->covered, shared->recipes);
}

/* 0, or 1 when a kind of call always failed, or one succeeded that never may. */
int check_tally(const struct shared *shared, int full)
{
	int call, bad = 0;

	for (call = 0; call < CALLS; call++) {
		const struct tally *tally = &shared->tally[call];

		if (never[call] && tally->ok) {
			printf("fuzz-device: %s succeeded, which it never may\n", call_names[call]);
			bad = 1;
		}
		if (!never[call] && !tally->ok && (full || all_of(tally) >= ENOUGH)) {
			printf("fuzz-device: %s never succeeded: it doesn't test what it is meant to\n",
			       call_names[call]);
			bad = 1;
		}
	}
	return bad;
}
