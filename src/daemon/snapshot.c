// SPDX-License-Identifier: GPL-2.0
/* Maps with a count of users, exchanged under a lock. */
#include "snapshot.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "log.h"
#include "map.h"

/**
 * struct amfs_snapshot - a map as it was read
 * @users: the channel while it is the newest, and who resolves (protected by
 *	lock)
 * @map: invariant
 */
struct amfs_snapshot {
	unsigned int users;
	struct amfs_map *map;
};

/* Protects each channel's snapshot and the snapshots' users. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void put(struct amfs_snapshot *snapshot)
{
	unsigned int left;

	if (!snapshot)
		return;
	pthread_mutex_lock(&lock);
	left = --snapshot->users;
	pthread_mutex_unlock(&lock);
	if (left)
		return;
	amfs_map_free(snapshot->map);
	free(snapshot);
}

static void report(void *ctx, const char *file, unsigned int line,
		   const char *text)
{
	const struct amfs_channel *channel = ctx;

	amfs_log(LOG_WARNING, "%s: %s:%u: %s", channel->shown, file, line,
		 text);
}

/* Whoever writes a map has root mount what he likes. */
static void warn_of_writers(const struct amfs_channel *channel)
{
	struct stat st;

	if (stat(channel->file, &st))
		return;
	if (st.st_mode & (S_IWGRP | S_IWOTH) ||
	    (st.st_uid && st.st_uid != geteuid()))
		amfs_log(LOG_WARNING, "%s: %s can be changed by others than root, who can so have anything mounted; chown it to root, and chmod go-w",
			 channel->shown, channel->file);
}

static int load(struct amfs_channel *channel, struct amfs_snapshot **out)
{
	struct amfs_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int error;

	if (!snapshot)
		return -ENOMEM;
	snapshot->users = 1;
	error = amfs_map_load(channel->file, &snapshot->map, report, channel);
	if (error) {
		free(snapshot);
		return error;
	}
	*out = snapshot;
	return 0;
}

int amfs_snapshot_load(struct amfs_channel *channel)
{
	struct amfs_snapshot *snapshot;
	struct amfs_snapshot *old;
	int error;

	error = load(channel, &snapshot);
	if (error) {
		amfs_log(LOG_ERR, "%s: %s can't be read: %s%s", channel->shown,
			 channel->file, strerror(-error), channel->snapshot ?
			 "; the map stays as it was" : "");
		return error;
	}
	warn_of_writers(channel);
	pthread_mutex_lock(&lock);
	old = channel->snapshot;
	channel->snapshot = snapshot;
	pthread_mutex_unlock(&lock);
	put(old);
	return 0;
}

void amfs_snapshot_drop(struct amfs_channel *channel)
{
	put(channel->snapshot);
	channel->snapshot = NULL;
}

int amfs_snapshot_resolve(struct amfs_channel *channel, const char *key,
			  size_t key_len, struct amfs_mount_spec *spec,
			  struct amfs_why *why)
{
	struct amfs_snapshot *snapshot;
	char *text = NULL;
	int error;

	pthread_mutex_lock(&lock);
	snapshot = channel->snapshot;
	snapshot->users++;
	pthread_mutex_unlock(&lock);
	error = amfs_map_resolve(snapshot->map, key, key_len, spec, &text);
	if (text)
		amfs_why_set(why, "%s", text);
	free(text);
	put(snapshot);
	return error;
}
