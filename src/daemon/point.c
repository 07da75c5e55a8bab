// SPDX-License-Identifier: GPL-2.0
/*
 * Finding an automount point. The mount table tells where it is; since reading
 * it takes longer the more is mounted, the place is remembered. It is a hint
 * only: what is opened there must have the right st_dev, and it is opened from
 * the kernel's cache of names alone (RESOLVE_CACHED), so that a stale hint that
 * leads through another automount point doesn't mount anything. What the table
 * says is a hint too, if a fresher one.
 */
#include "point.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct place {
	LIST_ENTRY(place) all;
	dev_t dev;
	char *path;
};

static LIST_HEAD(, place) places = LIST_HEAD_INITIALIZER(places);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct place *find_locked(dev_t dev)
{
	struct place *place;

	LIST_FOREACH(place, &places, all)
		if (place->dev == dev)
			return place;
	return NULL;
}

static void forget_locked(dev_t dev)
{
	struct place *place = find_locked(dev);

	if (!place)
		return;
	LIST_REMOVE(place, all);
	free(place->path);
	free(place);
}

void amfs_point_forget(dev_t dev)
{
	pthread_mutex_lock(&lock);
	forget_locked(dev);
	pthread_mutex_unlock(&lock);
}

/* Without memory it is looked up again the next time. */
static void remember(dev_t dev, const char *path)
{
	struct place *place = malloc(sizeof(*place));
	char *copy = strdup(path);

	if (!place || !copy) {
		free(place);
		free(copy);
		return;
	}
	place->dev = dev;
	place->path = copy;
	pthread_mutex_lock(&lock);
	forget_locked(dev);
	LIST_INSERT_HEAD(&places, place, all);
	pthread_mutex_unlock(&lock);
}

static char *remembered(dev_t dev)
{
	struct place *place;
	char *path = NULL;

	pthread_mutex_lock(&lock);
	place = find_locked(dev);
	if (place)
		path = strdup(place->path);
	pthread_mutex_unlock(&lock);
	return path;
}

/* Return: -EAGAIN what is cached doesn't tell, RESOLVE_CACHED only; -ENODEV. */
static int open_folder(const char *path, uint64_t resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		return fd;
	return errno == EAGAIN && resolve & RESOLVE_CACHED ? -EAGAIN : -ENODEV;
}

/* Something else may be mounted over the automount point. */
static int open_if_dev(const char *path, dev_t dev, uint64_t resolve)
{
	int fd = open_folder(path, resolve);
	struct stat st;

	if (fd < 0)
		return fd;
	if (!fstatat(fd, "", &st, AT_EMPTY_PATH) && st.st_dev == dev)
		return fd;
	close(fd);
	return -ENODEV;
}

static bool is_mount_of(struct libmnt_fs *fs, dev_t dev)
{
	const char *root = mnt_fs_get_root(fs);

	return mnt_fs_get_devno(fs) == dev && mnt_fs_get_target(fs) &&
	       mnt_fs_match_fstype(fs, "amfs") && root && !strcmp(root, "/");
}

static int open_mount(struct libmnt_fs *fs, dev_t dev, uint64_t resolve,
		      char **path)
{
	const char *target = mnt_fs_get_target(fs);
	int fd = open_if_dev(target, dev, resolve);

	if (fd < 0)
		return fd;
	*path = strdup(target);
	if (*path) {
		remember(dev, target);
		return fd;
	}
	close(fd);
	return -ENOMEM;
}

/* The oldest mount of it first: later ones are binds of that. */
static int open_oldest(struct libmnt_table *table, dev_t dev, uint64_t resolve,
		       char **path)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int found = -ENODEV;

	if (!iter)
		return -ENOMEM;
	while (found == -ENODEV && !mnt_table_next_fs(table, iter, &fs))
		if (is_mount_of(fs, dev))
			found = open_mount(fs, dev, resolve, path);
	mnt_free_iter(iter);
	return found;
}

struct libmnt_fs *amfs_point_find(struct libmnt_table *table, dev_t dev)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs, *found = NULL;

	while (iter && !found && !mnt_table_next_fs(table, iter, &fs))
		if (is_mount_of(fs, dev))
			found = fs;
	mnt_free_iter(iter);
	return found;
}

int amfs_point_options(dev_t dev, char **options)
{
	struct libmnt_table *table = mnt_new_table_from_file(AMFS_POINT_TABLE);
	struct libmnt_fs *fs = table ? amfs_point_find(table, dev) : NULL;
	const char *text = fs ? mnt_fs_get_fs_options(fs) : NULL;
	int error = -ENOMEM;

	if (table && !fs)
		error = -ENODEV;
	else if (table && (*options = strdup(text ? text : "")))
		error = 0;
	mnt_unref_table(table);
	return error;
}

typedef int finder(struct libmnt_table *table, dev_t dev, uint64_t resolve,
		   char **path);

static int search_once(finder *find, dev_t dev, uint64_t resolve, char **path)
{
	struct libmnt_table *table;
	int fd;

	table = mnt_new_table_from_file(AMFS_POINT_TABLE);
	if (!table)
		return errno ? -errno : -ENOMEM;
	fd = find(table, dev, resolve, path);
	mnt_unref_table(table);
	return fd;
}

/*
 * Where the mount table leads may have been unmounted since, and then a walk would
 * wait at a key of our own, for ourselves. So the table has to say it twice before
 * we walk.
 */
static int search(finder *find, dev_t dev, char **path)
{
	int fd = search_once(find, dev, RESOLVE_CACHED, path);

	return fd == -EAGAIN ? search_once(find, dev, 0, path) : fd;
}

int amfs_point_open(dev_t dev, char **path)
{
	char *place = remembered(dev);
	int fd = -ENODEV;

	if (place)
		fd = open_if_dev(place, dev, RESOLVE_CACHED);
	if (fd < 0) {
		free(place);
		place = NULL;
		fd = search(open_oldest, dev, &place);
	}
	if (path && fd >= 0)
		*path = place;
	else
		free(place);
	return fd;
}

/* Return: the number that the mount table has for the mount, 0 for none. */
static uint64_t mount_id(int fd)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) ||
	    !(stx.stx_mask & STATX_MNT_ID))
		return 0;
	return stx.stx_mnt_id;
}

static bool is_mounted_on(struct libmnt_table *table, struct libmnt_fs *point,
			  uint64_t id)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	bool found = false;

	while (iter && !found && !mnt_table_next_child_fs(table, iter, point, &fs))
		found = (uint64_t)mnt_fs_get_id(fs) == id;
	mnt_free_iter(iter);
	return found;
}

static int open_cover(struct libmnt_table *table, dev_t dev, uint64_t resolve,
		      char **unused)
{
	struct libmnt_fs *point = amfs_point_find(table, dev);
	int fd;

	(void)unused;
	if (!point)
		return -ENODEV;
	fd = open_folder(mnt_fs_get_target(point), resolve);
	if (fd < 0 || is_mounted_on(table, point, mount_id(fd)))
		return fd;
	close(fd);
	return -ENODEV;
}

int amfs_point_open_cover(dev_t dev)
{
	return search(open_cover, dev, NULL);
}

static bool is_on_key(struct libmnt_fs *fs, uint64_t parent, const char *key)
{
	const char *target = mnt_fs_get_target(fs);
	const char *name = target ? strrchr(target, '/') : NULL;

	return name && (uint64_t)mnt_fs_get_parent_id(fs) == parent &&
	       !strcmp(name + 1, key);
}

bool amfs_point_is_mounted(int mnt_fd, const char *key)
{
	uint64_t parent = mount_id(mnt_fd);
	struct libmnt_table *table;
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;
	bool found = false;

	table = mnt_new_table_from_file(AMFS_POINT_TABLE);
	iter = mnt_new_iter(MNT_ITER_BACKWARD);
	while (parent && table && iter && !found &&
	       !mnt_table_next_fs(table, iter, &fs))
		found = is_on_key(fs, parent, key);
	mnt_free_iter(iter);
	mnt_unref_table(table);
	return found;
}
