// SPDX-License-Identifier: GPL-2.0
/* Whoever attaches a mount is a reader; the one writer is the end. */
#include "attach.h"

#include <pthread.h>
#include <time.h>

#include "log.h"

static pthread_rwlock_t attaching;

void amfs_attach_init(void)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	/* Else a steady stream of jobs would hold amfs_attach_stop() up. */
	pthread_rwlockattr_setkind_np(&attr,
		PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&attaching, &attr);
	pthread_rwlockattr_destroy(&attr);
}

void amfs_attach_begin(void)
{
	pthread_rwlock_rdlock(&attaching);
}

void amfs_attach_end(void)
{
	pthread_rwlock_unlock(&attaching);
}

void amfs_attach_stop(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	if (pthread_rwlock_clockwrlock(&attaching, CLOCK_MONOTONIC, &until))
		amfs_log(LOG_WARNING, "a mount is still being attached");
}
