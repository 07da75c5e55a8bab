// SPDX-License-Identifier: GPL-2.0
/* Walks that mount; on the floor who walks mounts by himself. */
#include "bench.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* The time it takes, up to the stat that goes through the mount. */
uint64_t first_walk(const struct side *side, char kind, unsigned int number)
{
	char path[PATH_SIZE], inside[PATH_SIZE + 2];
	struct stat st;
	uint64_t start;

	put_path(path, side, kind, number);
	snprintf(inside, sizeof(inside), "%s/.", path);
	start = now_ns();
	if (!side->receive) {
		if (mkdir(path, 0755))
			die("mkdir %s: %m", path);
		mount_on(path, kind);
	}
	if (stat(inside, &st))
		die("stat %s: %m", inside);
	return now_ns() - start;
}

void fill(const struct side *side, char kind, unsigned int first, unsigned int count)
{
	while (count--)
		first_walk(side, kind, first++);
}

/* Unmounts by hand. Folders that are left don't matter: names aren't used again. */
void clear(const struct side *side, char kind, unsigned int first, unsigned int count)
{
	char path[PATH_SIZE];

	for (; count--; first++) {
		put_path(path, side, kind, first);
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
			die("umount %s: %m", path);
		if (!side->receive && rmdir(path))
			die("rmdir %s: %m", path);
	}
}
