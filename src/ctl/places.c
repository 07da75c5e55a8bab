// SPDX-License-Identifier: GPL-2.0
/* The kernel's list has device numbers; the mount table has them and paths. */
#include "places.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "device.h"
#include "status.h"

static void add_place(struct amfs_status_point *point, const char *path)
{
	point->places = reallocarray(point->places, point->nr_places + 1,
				     sizeof(*point->places));
	if (!point->places)
		amfs_die(ENOMEM, "the mount table");
	point->places[point->nr_places] = strdup(path);
	if (!point->places[point->nr_places])
		amfs_die(ENOMEM, "the mount table");
	point->nr_places++;
}

static void add_mount(struct amfs_status *status, struct libmnt_fs *fs)
{
	dev_t dev = mnt_fs_get_devno(fs);
	const char *target = mnt_fs_get_target(fs);
	struct amfs_status_point *point;
	size_t i;

	if (!target || !mnt_fs_match_fstype(fs, "amfs"))
		return;
	for (i = 0; i < status->nr_points; i++) {
		point = &status->points[i];
		if (makedev(point->info.dev_major, point->info.dev_minor) ==
		    dev)
			add_place(point, target);
	}
}

void amfs_places_find(struct amfs_status *status)
{
	struct libmnt_table *table;
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;

	table = mnt_new_table_from_file("/proc/self/mountinfo");
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!table || !iter)
		amfs_die(errno, "/proc/self/mountinfo");
	while (!mnt_table_next_fs(table, iter, &fs))
		add_mount(status, fs);
	mnt_free_iter(iter);
	mnt_unref_table(table);
}
