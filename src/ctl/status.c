// SPDX-License-Identifier: GPL-2.0
/* Reading and sorting; what it looks like is in table.c and json.c. */
#include "status.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "places.h"
#include "text.h"

static int compare_numbers(__u64 a, __u64 b)
{
	return a < b ? -1 : a > b;
}

static int compare_devices(__u32 major_a, __u32 minor_a, __u32 major_b,
			   __u32 minor_b)
{
	int order = compare_numbers(major_a, major_b);

	return order ? order : compare_numbers(minor_a, minor_b);
}

static int compare_points(const void *a, const void *b)
{
	const struct amfs_info_point *x =
		&((const struct amfs_status_point *)a)->info;
	const struct amfs_info_point *y =
		&((const struct amfs_status_point *)b)->info;

	return compare_devices(x->dev_major, x->dev_minor, y->dev_major,
			       y->dev_minor);
}

static int compare_keys(const void *a, const void *b)
{
	const struct amfs_info_key *x = a;
	const struct amfs_info_key *y = b;
	int order = compare_devices(x->dev_major, x->dev_minor, y->dev_major,
				    y->dev_minor);

	return order ? order : strcmp(x->name, y->name);
}

static int compare_requests(const void *a, const void *b)
{
	const struct amfs_info_request *x = a;
	const struct amfs_info_request *y = b;
	int order = compare_devices(x->dev_major, x->dev_minor, y->dev_major,
				    y->dev_minor);

	return order ? order : compare_numbers(x->id, y->id);
}

static void sort(void *array, size_t count, size_t size,
		 int (*compare)(const void *a, const void *b))
{
	/* qsort(3) mustn't be given NULL. */
	if (count)
		qsort(array, count, size, compare);
}

static void read_points(struct amfs_status *status, int fd, const char *map)
{
	struct amfs_info_point *all;
	size_t count;
	size_t i;

	amfs_device_list(fd, AMFS_LIST_POINTS, sizeof(*all), &all, &count);
	status->points = calloc(count + 1, sizeof(*status->points));
	if (!status->points)
		amfs_die(ENOMEM, "the list");
	for (i = 0; i < count; i++)
		if (!map || !strcmp(map, all[i].map))
			status->points[status->nr_points++].info = all[i];
	free(all);
	sort(status->points, status->nr_points, sizeof(*status->points),
	     compare_points);
}

static const struct amfs_status_point *
find_point(const struct amfs_status *status, __u32 dev_major, __u32 dev_minor)
{
	struct amfs_status_point wanted = {
		.info.dev_major = dev_major,
		.info.dev_minor = dev_minor,
	};

	return bsearch(&wanted, status->points, status->nr_points,
		       sizeof(*status->points), compare_points);
}

const char *amfs_status_map(const struct amfs_status *status, __u32 dev_major,
			    __u32 dev_minor)
{
	const struct amfs_status_point *point = find_point(status, dev_major,
							   dev_minor);

	return point ? point->info.map : "";
}

/* Those of other maps, and of points that came after the list, go. */
static void read_keys(struct amfs_status *status, int fd)
{
	struct amfs_info_key *keys;
	size_t count;
	size_t i;

	amfs_device_list(fd, AMFS_LIST_KEYS, sizeof(*keys), &keys, &count);
	for (i = 0; i < count; i++)
		if (find_point(status, keys[i].dev_major, keys[i].dev_minor))
			keys[status->nr_keys++] = keys[i];
	status->keys = keys;
	sort(keys, status->nr_keys, sizeof(*keys), compare_keys);
}

static void read_requests(struct amfs_status *status, int fd)
{
	struct amfs_info_request *all;
	size_t count;
	size_t i;

	amfs_device_list(fd, AMFS_LIST_REQUESTS, sizeof(*all), &all, &count);
	for (i = 0; i < count; i++)
		if (find_point(status, all[i].dev_major, all[i].dev_minor))
			all[status->nr_requests++] = all[i];
	status->requests = all;
	sort(all, status->nr_requests, sizeof(*all), compare_requests);
}

void amfs_status_read(struct amfs_status *status, int fd, const char *map)
{
	char shown[AMFS_TEXT_SIZE];

	memset(status, 0, sizeof(*status));
	read_points(status, fd, map);
	if (map && !status->nr_points)
		amfs_die(0, "no automount point of the map %s is mounted",
			 strlen(map) > AMFS_NAME_LEN ? "of that name" :
			 amfs_text_show(shown, map, strlen(map)));
	read_keys(status, fd);
	read_requests(status, fd);
	amfs_places_find(status);
}

void amfs_status_clear(struct amfs_status *status)
{
	size_t i;
	size_t k;

	for (i = 0; i < status->nr_points; i++) {
		for (k = 0; k < status->points[i].nr_places; k++)
			free(status->points[i].places[k]);
		free(status->points[i].places);
	}
	free(status->points);
	free(status->keys);
	free(status->requests);
	memset(status, 0, sizeof(*status));
}

const char *amfs_status_user(__u32 uid)
{
	static char name[AMFS_TEXT_SIZE];
	static __u32 last;
	static bool known;
	struct passwd *user;

	/* Many in a row are the same user's. */
	if (known && last == uid)
		return name;
	user = getpwuid(uid);
	if (user && strlen(user->pw_name) <= AMFS_NAME_LEN)
		amfs_text_show(name, user->pw_name, strlen(user->pw_name));
	else
		snprintf(name, sizeof(name), "%u", uid);
	last = uid;
	known = true;
	return name;
}
