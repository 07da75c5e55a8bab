// SPDX-License-Identifier: GPL-2.0
/*
 * Threads are started while there is more to do than threads that are free,
 * and end when they had nothing to do for a while. Each has a current folder
 * of its own, because umount2(2) and mkdir(2) are done relative to it.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "channel.h"
#include "expire.h"
#include "log.h"
#include "serve.h"

#define BUCKETS			4096
#define EXPIRE_WORKERS		8
#define IDLE_SECONDS		30
#define STACK_SIZE		(512 * 1024)

TAILQ_HEAD(job_queue, amfs_job);
LIST_HEAD(job_bucket, amfs_job);

/**
 * struct amfs_lane - a queue and its threads (all but @serve and @limit protected
 * by lock)
 * @jobs: not started yet
 * @wake: signalled for each new job
 * @queued: number of @jobs
 * @threads: number of threads
 * @idle: of these, waiting
 * @limit: greatest number of @threads (invariant)
 * @serve: does one job (invariant)
 */
struct amfs_lane {
	struct job_queue jobs;
	pthread_cond_t wake;
	unsigned int queued;
	unsigned int threads;
	unsigned int idle;
	unsigned int limit;
	void (*serve)(struct amfs_job *job);
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job_bucket buckets[BUCKETS];
static struct amfs_lane mount_lane = { .serve = amfs_serve_mount };
static struct amfs_lane expire_lane = { .serve = amfs_expire };

uint64_t amfs_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void lane_init(struct amfs_lane *lane, unsigned int limit)
{
	pthread_condattr_t attr;

	TAILQ_INIT(&lane->jobs);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->wake, &attr);
	pthread_condattr_destroy(&attr);
	lane->limit = limit;
}

void amfs_pool_init(unsigned int workers)
{
	lane_init(&mount_lane, workers);
	lane_init(&expire_lane, EXPIRE_WORKERS);
}

static bool at_work_locked(const struct amfs_lane *lane)
{
	return lane->queued || lane->threads > lane->idle;
}

bool amfs_pool_at_work(void)
{
	bool at_work;

	pthread_mutex_lock(&lock);
	at_work = at_work_locked(&mount_lane) || at_work_locked(&expire_lane);
	pthread_mutex_unlock(&lock);
	return at_work;
}

static struct job_bucket *bucket_of(uint64_t id)
{
	return &buckets[id % BUCKETS];
}

static void job_free(struct amfs_job *job)
{
	amfs_channel_put(job->channel);
	free(job->shown);
	free(job);
}

static struct amfs_job *job_new(struct amfs_channel *channel,
				const struct amfs_msg *msg)
{
	struct amfs_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->shown = malloc(AMFS_ESCAPED_SIZE);
	if (!job->shown) {
		free(job);
		return NULL;
	}
	job->channel = amfs_channel_get(channel);
	job->lane = msg->kind == AMFS_MSG_EXPIRE ? &expire_lane : &mount_lane;
	job->id = msg->id;
	job->flags = msg->flags;
	job->dev = makedev(msg->dev_major, msg->dev_minor);
	job->pid = (pid_t)msg->pid;
	job->uid = msg->uid;
	amfs_escape(job->comm, sizeof(job->comm), msg->comm,
		    strnlen(msg->comm, sizeof(msg->comm)));
	job->started_ms = amfs_clock_ms();
	job->key_len = msg->name_len;
	memcpy(job->key, msg->name, msg->name_len);
	amfs_escape(job->shown, AMFS_ESCAPED_SIZE, job->key, job->key_len);
	return job;
}

/* Return: the next job, NULL after a while without one. */
static struct amfs_job *next_job_locked(struct amfs_lane *lane)
{
	struct amfs_job *job;
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	while (!(job = TAILQ_FIRST(&lane->jobs)) && error != ETIMEDOUT) {
		lane->idle++;
		error = pthread_cond_timedwait(&lane->wake, &lock, &until);
		lane->idle--;
	}
	if (job) {
		TAILQ_REMOVE(&lane->jobs, job, queue);
		lane->queued--;
		job->running = true;
	}
	return job;
}

static void *work(void *arg)
{
	struct amfs_lane *lane = arg;
	struct amfs_job *job;

	/* Without it umount2(2) would go to another thread's folder. */
	if (unshare(CLONE_FS)) {
		amfs_log(LOG_CRIT, "unshare: %s; amfsd can't work here",
			 strerror(errno));
		abort();
	}
	pthread_mutex_lock(&lock);
	while ((job = next_job_locked(lane))) {
		pthread_mutex_unlock(&lock);
		lane->serve(job);
		pthread_mutex_lock(&lock);
		LIST_REMOVE(job, bucket);
		pthread_mutex_unlock(&lock);
		job_free(job);
		pthread_mutex_lock(&lock);
	}
	lane->threads--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int start_thread_locked(struct amfs_lane *lane)
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	error = pthread_attr_init(&attr);
	if (error)
		return -error;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	error = pthread_create(&thread, &attr, work, lane);
	pthread_attr_destroy(&attr);
	if (!error)
		lane->threads++;
	return -error;
}

static int queue_locked(struct amfs_job *job)
{
	struct amfs_lane *lane = job->lane;
	int error;

	if (lane->queued >= lane->idle && lane->threads < lane->limit) {
		error = start_thread_locked(lane);
		/* With other threads there it only takes longer. */
		if (error && !lane->threads)
			return error;
	}
	TAILQ_INSERT_TAIL(&lane->jobs, job, queue);
	LIST_INSERT_HEAD(bucket_of(job->id), job, bucket);
	lane->queued++;
	pthread_cond_signal(&lane->wake);
	return 0;
}

int amfs_pool_add(struct amfs_channel *channel, const struct amfs_msg *msg)
{
	struct amfs_job *job = job_new(channel, msg);
	int error;

	if (!job)
		return -ENOMEM;
	pthread_mutex_lock(&lock);
	error = queue_locked(job);
	pthread_mutex_unlock(&lock);
	if (error)
		job_free(job);
	return error;
}

static void kill_victim_locked(struct amfs_job *job)
{
	/* Not reaped yet, so the number is still the child's. */
	if (job->victim && kill(job->victim, SIGKILL) && errno != ESRCH)
		amfs_log(LOG_WARNING, "%s: %s: the mount helper can't be killed: %s",
			 job->channel->shown, job->shown, strerror(errno));
}

static struct amfs_job *find_locked(struct amfs_channel *channel, uint64_t id)
{
	struct amfs_job *job;

	LIST_FOREACH(job, bucket_of(id), bucket)
		if (job->id == id && job->channel == channel)
			return job;
	return NULL;
}

void amfs_pool_cancel(struct amfs_channel *channel, uint64_t id)
{
	struct amfs_job *job;

	pthread_mutex_lock(&lock);
	job = find_locked(channel, id);
	if (job) {
		job->cancelled = true;
		kill_victim_locked(job);
	}
	/* A thread that has it answers, hears that it is late, and frees it. */
	if (job && job->running)
		job = NULL;
	if (job) {
		TAILQ_REMOVE(&job->lane->jobs, job, queue);
		job->lane->queued--;
		LIST_REMOVE(job, bucket);
	}
	pthread_mutex_unlock(&lock);
	if (!job)
		return;
	if (amfs_log_may(amfs_clock_ms()))
		amfs_log(LOG_WARNING, "%s: %s: gave up after %.1f s in the queue; all workers are busy (-n allows more)",
			 channel->shown, job->shown,
			 (double)(amfs_clock_ms() - job->started_ms) / 1000);
	job_free(job);
}

void amfs_job_set_victim(struct amfs_job *job, pid_t victim)
{
	pthread_mutex_lock(&lock);
	job->victim = victim;
	if (job->cancelled)
		kill_victim_locked(job);
	pthread_mutex_unlock(&lock);
}

void amfs_job_clear_victim(struct amfs_job *job)
{
	pthread_mutex_lock(&lock);
	job->victim = 0;
	pthread_mutex_unlock(&lock);
}

bool amfs_job_is_cancelled(struct amfs_job *job)
{
	bool cancelled;

	pthread_mutex_lock(&lock);
	cancelled = job->cancelled;
	pthread_mutex_unlock(&lock);
	return cancelled;
}
