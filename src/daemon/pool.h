/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jobs, one for each request, and the threads that do them.
 *
 * MOUNT and EXPIRE have a queue and threads each: however many keys are slow
 * to mount, idle ones are unmounted meanwhile.
 */
#ifndef AMFS_DAEMON_POOL_H
#define AMFS_DAEMON_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <linux/amfs.h>

struct amfs_channel;
struct amfs_lane;

/**
 * struct amfs_job - one request on its way
 * @queue: in its lane (protected by the pool's lock)
 * @bucket: in the table by id, until it ends (protected by the pool's lock)
 * @channel: where to answer (invariant, holds a reference)
 * @lane: the queue and threads for its kind (invariant, as all up to @shown)
 * @id: of the request
 * @flags: AMFS_MSG_F_*
 * @dev: st_dev of the automount point
 * @pid: who asked first, 0 for the kernel
 * @uid: as whom
 * @comm: its name as the log shows it
 * @started_ms: when it came
 * @key: the key, NUL-terminated
 * @key_len: bytes in @key
 * @shown: @key as the log shows it
 * @stray: the automount point isn't mounted where we run (the thread's that has it)
 * @running: a thread has it (protected by the pool's lock)
 * @cancelled: nobody waits for it any more (protected by the pool's lock)
 * @victim: what kill(2) gets when it is cancelled, 0 for nothing (protected by
 *	the pool's lock)
 */
struct amfs_job {
	TAILQ_ENTRY(amfs_job) queue;
	LIST_ENTRY(amfs_job) bucket;
	struct amfs_channel *channel;
	struct amfs_lane *lane;
	uint64_t id;
	unsigned int flags;
	dev_t dev;
	pid_t pid;
	uid_t uid;
	char comm[16 * 4 + 1];
	uint64_t started_ms;
	size_t key_len;
	char *shown;
	bool stray;
	bool running;
	bool cancelled;
	pid_t victim;
	char key[AMFS_NAME_SIZE];
};

/* Sets the greatest number of threads for MOUNT; before the first job. */
void amfs_pool_init(unsigned int workers);

/* Whether a thread is at a job, or one is queued. */
bool amfs_pool_at_work(void);

/*
 * Queues the request in @msg.
 *
 * Return: 0; a negative errno when it can't be done and must be answered.
 */
int amfs_pool_add(struct amfs_channel *channel, const struct amfs_msg *msg);

/* The request ended without us: forget it, or kill its helper. */
void amfs_pool_cancel(struct amfs_channel *channel, uint64_t id);

/*
 * Says what to kill when the job is cancelled: a child that isn't reaped yet,
 * or with a minus its process group. Kills at once when it was before.
 */
void amfs_job_set_victim(struct amfs_job *job, pid_t victim);

/* Before the child is reaped: from then on its number may be another's. */
void amfs_job_clear_victim(struct amfs_job *job);

/* Whether the request ended without us. */
bool amfs_job_is_cancelled(struct amfs_job *job);

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t amfs_clock_ms(void);

#endif /* AMFS_DAEMON_POOL_H */
