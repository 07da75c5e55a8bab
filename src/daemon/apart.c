// SPDX-License-Identifier: GPL-2.0
/*
 * Locks of the device's file, a byte for each key: who takes a tree apart writes, who
 * mounts one of its parts reads. The kernel drops them with the process, however it
 * ends; and they hold between two amfsd, of which one has taken the map over while the
 * other still puts a tree back. A tree whose server is dead holds up those who want a
 * part of it, and nobody else.
 */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/amfs.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "hash.h"
#include "pool.h"

/* Of the first @len characters of the job's key. Keys that share one may wait in vain. */
static off_t byte_of(const struct amfs_job *job, size_t len)
{
	const char *map = job->channel->name;
	uint64_t hash = amfs_hash(AMFS_HASH_START, map, strlen(map) + 1);

	return (off_t)(amfs_hash(hash, job->key, len) >> 2);
}

static int open_locks(void)
{
	int fd = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Return: 0 or a negative errno. */
static int lock_key(int fd, int how, short type, const struct amfs_job *job,
		    size_t len)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte_of(job, len),
		.l_len = 1,
	};
	int ret;

	do {
		ret = fcntl(fd, how, &lock);
	} while (ret && errno == EINTR);
	return ret ? -errno : 0;
}

/* Closes @fd after a failure. */
static int held(int fd, int error)
{
	if (!error)
		return fd;
	close(fd);
	return error;
}

int amfs_apart_begin(const struct amfs_job *job)
{
	int fd = open_locks();
	int error;

	if (fd < 0)
		return fd;
	/*
	 * Never waits: who mounts a part may himself stand at this key until it has
	 * expired, when another amfsd has taken his map over.
	 */
	error = lock_key(fd, F_OFD_SETLK, F_WRLCK, job, job->key_len);
	return held(fd, error == -EAGAIN || error == -EACCES ? -EBUSY : error);
}

int amfs_apart_wait(const struct amfs_job *job)
{
	int fd = open_locks();
	int error = 0;
	size_t len;

	if (fd < 0)
		return fd;
	/* The tree's key is a beginning of the part's, up to a slash. */
	for (len = 1; len < job->key_len && !error; len++)
		if (job->key[len] == '/')
			error = lock_key(fd, F_OFD_SETLKW, F_RDLCK, job, len);
	return held(fd, error);
}
