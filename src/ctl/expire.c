// SPDX-License-Identifier: GPL-2.0
/* The kernel chooses, asks the daemon and counts; this tells. */
#include "expire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "status.h"
#include "text.h"

/* So many of the keys that stayed are named. */
#define NAMED	20

static void print_stayed(int fd, const char *map)
{
	char shown[AMFS_TEXT_SIZE];
	struct amfs_status status;
	size_t named = 0;
	size_t i;

	amfs_status_read(&status, fd, map);
	for (i = 0; i < status.nr_keys; i++) {
		if (status.keys[i].state != AMFS_INFO_MOUNTED)
			continue;
		if (named++ < NAMED)
			printf("  still mounted: %s\n",
			       amfs_text_show(shown, status.keys[i].name,
					      strnlen(status.keys[i].name,
						      AMFS_NAME_LEN)));
	}
	if (named > NAMED)
		printf("  and %zu more\n", named - NAMED);
	amfs_status_clear(&status);
}

static void print_outcome(const char *shown, const struct amfs_expire *expire)
{
	if (!expire->chosen)
		printf("%s: nothing to expire\n", shown);
	else if (expire->expired == expire->chosen)
		printf("%s: %u expired\n", shown, expire->expired);
	else
		printf("%s: %u expired, %u busy, %u failed\n", shown,
		       expire->expired, expire->busy, expire->failed);
}

static int print_key(const char *shown, const struct amfs_expire *expire)
{
	char key[AMFS_TEXT_SIZE];

	amfs_text_show(key, expire->key, expire->key_len);
	if (expire->expired) {
		printf("%s: %s: expired\n", shown, key);
		return AMFS_EXIT_OK;
	}
	if (expire->busy)
		printf("%s: %s: busy\n", shown, key);
	else if (expire->failed)
		printf("%s: %s: failed; amfsd's log says why\n", shown, key);
	else
		printf("%s: %s: not mounted\n", shown, key);
	return expire->busy || expire->failed ? AMFS_EXIT_BUSY : AMFS_EXIT_OK;
}

/* What the ioctl itself failed with. */
static int explain(const char *shown, const struct amfs_expire *expire,
		   int error)
{
	switch (error) {
	case ENOLINK:
		fflush(stdout);
		fprintf(stderr, "amfsctl: %s has no daemon; start one: amfsd %s=FILE\n",
			shown, shown);
		return AMFS_EXIT_CANNOT;
	case ENOENT:
		/* That the map is there was seen before. */
		if (expire->flags == AMFS_EXPIRE_KEY)
			return print_key(shown, expire);
		/* Unmounted since then. */
		return AMFS_EXIT_OK;
	default:
		amfs_die(error, "%s can't be expired", shown);
	}
}

static int expire_map(int fd, bool due, const char *map, const char *key)
{
	struct amfs_expire expire = {
		.size = sizeof(expire),
		.version = AMFS_VERSION,
		.flags = key ? AMFS_EXPIRE_KEY :
			 due ? AMFS_EXPIRE_DUE : AMFS_EXPIRE_ALL,
		.key_len = key ? (__u32)strlen(key) : 0,
	};
	char shown[AMFS_TEXT_SIZE];

	strncpy(expire.map, map, AMFS_NAME_LEN);
	if (key)
		strncpy(expire.key, key, AMFS_NAME_LEN);
	amfs_text_show(shown, map, strlen(map));
	if (ioctl(fd, AMFS_IOC_EXPIRE, &expire))
		return explain(shown, &expire, errno);
	if (key)
		return print_key(shown, &expire);
	print_outcome(shown, &expire);
	if (expire.expired == expire.chosen)
		return AMFS_EXIT_OK;
	if (!due)
		print_stayed(fd, map);
	return AMFS_EXIT_BUSY;
}

static bool seen_before(const struct amfs_status *status, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strcmp(status->points[k].info.map,
			    status->points[i].info.map))
			return true;
	return false;
}

int amfs_expire(int fd, bool due, const char *map, const char *key)
{
	const struct amfs_info_point *info;
	struct amfs_status status;
	int worst = AMFS_EXIT_OK;
	int outcome;
	size_t i;

	amfs_status_read(&status, fd, map);
	if (!status.nr_points)
		puts("No automount point is mounted.");
	for (i = 0; i < status.nr_points; i++) {
		info = &status.points[i].info;
		if (seen_before(&status, i))
			continue;
		/* Without a daemon, but nothing to do either. */
		if (!map && !info->daemon_pid && !info->mounted)
			continue;
		outcome = expire_map(fd, due, info->map, key);
		if (outcome > worst)
			worst = outcome;
	}
	amfs_status_clear(&status);
	return worst;
}
