// SPDX-License-Identifier: GPL-2.0
/* A walk that comes just when its own key is being expired. */
#include "bench.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tick slept through, and more: autofs polls ten times a second. */
#define SLOW_NS 50000000

/* Between the walker and whoever expires: a process, since groups count. */
struct turns {
	uint32_t wanted, begun, over;
};

static void run_expirer(const struct side *side, void *data)
{
	struct turns *turns = data;
	char key[KEY_SIZE];
	uint32_t turn;

	put_key(key, KIND_BIND, 0);
	for (turn = 1;; turn++) {
		wait_for(&turns->wanted, turn);
		post(&turns->begun, turn);
		/* The walker may be first, and keep it busy: no failure. */
		side->expire_key(key);
		post(&turns->over, turn);
	}
}

static void look(const struct side *side)
{
	char key[PATH_SIZE], path[PATH_SIZE + 2];
	struct stat st;

	put_path(key, side, KIND_BIND, 0);
	snprintf(path, sizeof(path), "%s/.", key);
	if (stat(path, &st))
		die("stat %s: %m", path);
}

static void by_daemon(struct side *side, struct turns *turns, unsigned int times)
{
	unsigned int slow = 0;
	uint64_t start, took;
	uint32_t turn;
	pid_t pid;

	start_side(side);
	*turns = (struct turns){ 0 };
	pid = start_helper(run_expirer, side, turns);
	for (turn = 1; turn <= times; turn++) {
		look(side);
		settle();
		post(&turns->wanted, turn);
		wait_for(&turns->begun, turn);
		/* From its very beginning to where most are over. */
		usleep(turn % 8 * 10);
		start = now_ns();
		look(side);
		took = now_ns() - start;
		emit("meet", 0, side->name, took);
		slow += took > SLOW_NS;
		wait_for(&turns->over, turn);
	}
	stop_helper(pid);
	emit("meet-slow", 0, side->name, (double)slow / times);
	stop_side(side);
}

static void by_hand(unsigned int times)
{
	char path[PATH_SIZE];
	uint64_t start;

	start_side(&floor_side);
	put_path(path, &floor_side, KIND_BIND, 0);
	floor_mount(path, KIND_BIND);
	while (times--) {
		settle();
		start = now_ns();
		if (umount2(path, UMOUNT_NOFOLLOW))
			die("umount %s: %m", path);
		mount_on(path, KIND_BIND);
		look(&floor_side);
		emit("meet", 0, "floor", now_ns() - start);
	}
	stop_side(&floor_side);
}

void row_meet(void)
{
	unsigned int times = plan.quick ? 30 : 100;
	struct turns *turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (turns == MAP_FAILED)
		die("mmap: %m");
	/* Sleep no longer than asked for. */
	prctl(PR_SET_TIMERSLACK, 1);
	by_hand(times);
	by_daemon(&autofs_side, turns, times);
	by_daemon(&amfs_side, turns, times);
	munmap(turns, sizeof(*turns));
}
