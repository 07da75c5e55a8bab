// SPDX-License-Identifier: GPL-2.0
/* The floor: the same system calls by one program, with no automounter. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

void floor_mount(const char *path, char kind)
{
	if (mkdir(path, 0755))
		die("mkdir %s: %m", path);
	mount_on(path, kind);
}

static void up(const struct side *side)
{
	if (mount("none", side->root, "tmpfs", 0, NULL))
		die("%s: %m", side->root);
}

static void put_of_key(char *path, const char *key)
{
	snprintf(path, PATH_SIZE, "%s/%s", floor_side.root, key);
}

static int expire_key(const char *key)
{
	char path[PATH_SIZE];

	put_of_key(path, key);
	return umount2(path, UMOUNT_NOFOLLOW) ? errno : 0;
}

struct side floor_side = {
	.name = "floor",
	.root = BASE "/f",
	.up = up,
	.expire_key = expire_key,
};
