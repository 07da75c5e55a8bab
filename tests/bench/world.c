// SPDX-License-Identifier: GPL-2.0
/* The guest, made ready: limits, folders, what keys show. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY 1000000

static void write_setting(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("%s: %m", path);
	close(fd);
}

static void lift_limits(void)
{
	struct rlimit files = { MANY, MANY };
	struct rlimit tasks = { RLIM_INFINITY, RLIM_INFINITY };

	write_setting("/proc/sys/fs/mount-max", "1000000");
	write_setting("/proc/sys/kernel/pid_max", "200000");
	write_setting("/proc/sys/kernel/threads-max", "100000");
	write_setting("/proc/sys/vm/max_map_count", "1000000");
	if (setrlimit(RLIMIT_NOFILE, &files) || setrlimit(RLIMIT_NPROC, &tasks))
		die("setrlimit: %m");
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		die("%s: %m", path);
}

void make_world(void)
{
	int fd;

	lift_limits();
	make_folder(BASE);
	/* Private: nobody else pays for what is mounted here, nor do we. */
	if (mount("tmpfs", BASE, "tmpfs", 0, NULL) ||
	    mount(NULL, BASE, NULL, MS_PRIVATE, NULL))
		die("%s: %m", BASE);
	make_folder(SOURCE);
	fd = open(SOURCE "/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		die("%s: %m", SOURCE);
	close(fd);
	make_folder(floor_side.root);
	make_folder(autofs_side.root);
	make_folder(amfs_side.root);
	/* Nothing is to be read from a disk later. */
	if (mlockall(MCL_CURRENT))
		die("mlockall: %m");
}

void put_key(char *key, char kind, unsigned int number)
{
	snprintf(key, KEY_SIZE, "%c%07u", kind, number);
}

void put_path(char *path, const struct side *side, char kind, unsigned int number)
{
	snprintf(path, PATH_SIZE, "%s/%c%07u", side->root, kind, number);
}
