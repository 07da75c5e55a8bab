// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel mounts on what is in the caller's mount namespace only, so a tree
 * can't be built detached. One thread, started for the first tree, lives in a
 * mount namespace of its own that has nothing but a small tmpfs: there each tree
 * is put together, cloned off, and taken away again. It is one thread, and one
 * namespace, since making one costs as much as there are mounts.
 */
#include "assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helper.h"

#define PLACE	"/tree"

/**
 * struct order - what the thread is to do (protected by lock)
 * @root: see amfs_assemble(); NULL @pieces mean: only say whether you can
 * @pieces: likewise
 * @count: likewise
 * @result: a descriptor or a negative errno
 * @done: @result is there
 */
struct order {
	int root;
	const struct amfs_piece *pieces;
	size_t count;
	int result;
	bool done;
};

/* Held by the one who has an order given. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static bool running;	/* protected by turn */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct order *current;	/* protected by lock */

/* Leaves nothing of the daemon's mount namespace, which it would keep busy. */
static int enter_stage(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(AMFS_STAGE_DIR, 0700) && errno != EEXIST) ||
	    mount("amfs-stage", AMFS_STAGE_DIR, "tmpfs",
		  MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=64k") ||
	    chdir(AMFS_STAGE_DIR) || mkdir("." PLACE, 0700) ||
	    syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
	    chdir("/"))
		return -errno;
	return 0;
}

static int put_pieces(const struct order *order)
{
	const struct amfs_piece *piece = order->pieces;
	size_t i;
	int fd;

	for (i = 0; i < order->count; i++, piece++)
		if (move_mount(piece->mount, "", piece->folder, "",
			       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
			return -errno;
	fd = open_tree(order->root, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
		       AT_EMPTY_PATH | AT_RECURSIVE);
	return fd < 0 ? -errno : fd;
}

static int carry_out(const struct order *order)
{
	int result;

	if (!order->pieces)
		return 0;
	if (move_mount(order->root, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH))
		return -errno;
	result = put_pieces(order);
	/* The next tree needs the place; one below another would do as well. */
	if (umount2(PLACE, MNT_DETACH) && result >= 0) {
		close(result);
		result = -EIO;
	}
	return result;
}

static struct order *next_order_locked(void)
{
	while (!current)
		pthread_cond_wait(&changed, &lock);
	return current;
}

static void *work(void *unused)
{
	int error = enter_stage();
	struct order *order;
	int result;

	(void)unused;
	/* NOLINTNEXTLINE(bugprone-infinite-loop): it ends with the process */
	do {
		pthread_mutex_lock(&lock);
		order = next_order_locked();
		pthread_mutex_unlock(&lock);
		result = error ? error : carry_out(order);
		pthread_mutex_lock(&lock);
		order->result = result;
		order->done = true;
		current = NULL;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	} while (!error);
	return NULL;
}

static int give(struct order *order)
{
	pthread_mutex_lock(&lock);
	current = order;
	pthread_cond_broadcast(&changed);
	while (!order->done)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return order->result;
}

/* A thread that can't have its namespace ends, and the next tree tries again. */
static int start(void)
{
	struct order ask = { 0 };
	pthread_t thread;
	int error;

	error = pthread_create(&thread, NULL, work, NULL);
	if (error)
		return -error;
	pthread_detach(thread);
	error = give(&ask);
	running = !error;
	return error;
}

int amfs_assemble(int root, const struct amfs_piece *pieces, size_t count)
{
	struct order order = {
		.root = root, .pieces = pieces, .count = count,
	};
	int result = 0;

	pthread_mutex_lock(&turn);
	if (!running)
		result = start();
	if (!result)
		result = give(&order);
	pthread_mutex_unlock(&turn);
	return result;
}
