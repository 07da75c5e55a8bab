/* SPDX-License-Identifier: GPL-2.0 */
/* This process's own mount of an automount point. */
#ifndef AMFS_DAEMON_POINT_H
#define AMFS_DAEMON_POINT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Opens the root of the mount whose st_dev is @dev. Nobody keeps the
 * descriptor longer than for one request: it would hold up umount(8).
 *
 * Return: an O_PATH descriptor, and in @path, unless that is NULL, where it is
 * mounted, which the caller frees; -ENODEV when this mount namespace hasn't got
 * it; another negative errno.
 */
int amfs_point_open(dev_t dev, char **path);

/*
 * Opens what is mounted on the root of the mount whose st_dev is @dev, and so keeps
 * that from being opened.
 *
 * Return: an O_PATH descriptor; -ENODEV; another negative errno.
 */
int amfs_point_open_cover(dev_t dev);

/* The mount table of the calling thread. */
#define AMFS_POINT_TABLE	"/proc/thread-self/mountinfo"

struct libmnt_fs;
struct libmnt_table;

/*
 * Finds the oldest mount of an automount point.
 *
 * Return: its line of @table, or NULL.
 */
struct libmnt_fs *amfs_point_find(struct libmnt_table *table, dev_t dev);

/*
 * The mount options of an automount point, as the mount table has them.
 *
 * Return: 0, and the caller frees @options; -ENODEV; -ENOMEM.
 */
int amfs_point_options(dev_t dev, char **options);

/* The automount point has come or gone: what is remembered of it is void. */
void amfs_point_forget(dev_t dev);

/*
 * Looks in the mount table whether something is mounted on @key of the
 * automount point @mnt_fd. A walk there could ask ourselves for a mount.
 */
bool amfs_point_is_mounted(int mnt_fd, const char *key);

#endif /* AMFS_DAEMON_POINT_H */
