// SPDX-License-Identifier: GPL-2.0
/*
 * After the storm: everything works as if nothing had been, and nothing is left.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#define MOST_SECONDS 120		/* for what workers of the kernel's do, in a slow guest */

/* What a leak for each request would exceed by far. */
#define SPARE_BYTES (4 << 20)
#define BYTES_PER_REQUEST 48

static struct {
	char *mounts;
	unsigned int users;
	uint64_t slabs;
} before;

static char *read_all(const char *path)
{
	size_t room = 1 << 20, len;
	char *text = malloc(room);
	FILE *f = fopen(path, "re");

	if (!f || !text)
		fail("%s: %m", path);
	len = fread(text, 1, room - 1, f);
	if (len == room - 1)
		fail("%s: too long", path);
	text[len] = 0;
	fclose(f);
	return text;
}

static unsigned int users_of_module(void)
{
	char *text = read_all("/sys/module/amfs/refcnt");
	unsigned int users = strtoul(text, NULL, 10);

	free(text);
	return users;
}

static void put_one(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Not every cache lets itself be shrunk. */
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0 && errno != EINVAL && errno != EPERM)
		fail("%s: %m", path);
	close(fd);
}

static uint64_t slab_bytes(void)
{
	unsigned long active, all, size;
	uint64_t sum = 0;
	char *text, *line;
	glob_t found;
	size_t i;

	put_one("/proc/sys/vm/drop_caches", "2");
	if (glob("/sys/kernel/slab/*/shrink", 0, NULL, &found))
		fail("/sys/kernel/slab: nothing there");
	for (i = 0; i < found.gl_pathc; i++)
		put_one(found.gl_pathv[i], "1");
	globfree(&found);
	text = read_all("/proc/slabinfo");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%*s %lu %lu %lu", &active, &all, &size) == 3)
			sum += (uint64_t)active * size;
	free(text);
	return sum;
}

void state_note(void)
{
	before.mounts = read_all("/proc/self/mountinfo");
	before.users = users_of_module();
	before.slabs = slab_bytes();
}

/* --- it works ----------------------------------------------------------------------- */

static void calm(enum place_id place)
{
	const struct place *it = &places[place];
	time_t end = time(NULL) + MOST_SECONDS;

	/* Covered by what is mounted on it, while it is a direct one. */
	while (mount(NULL, it->path, NULL, MS_REMOUNT, it->calm)) {
		if (errno != EINVAL || time(NULL) > end)
			fail("the last remount of %s: %m", it->name);
		amfs_expire(it->map, AMFS_EXPIRE_ALL, NULL);
		usleep(10000);
	}
}

static unsigned int mounted_below(const struct place *place)
{
	char *text = read_all("/proc/self/mountinfo"), *at = text;
	size_t len = strlen(place->path);
	unsigned int found = 0;

	while ((at = strstr(at, place->path))) {
		at += len;
		found += *at == '/' || *at == ' ';
	}
	free(text);
	return found - 1;
}

/* By the first call, unless there were two mounts on a key, or one is just coming. */
static void expire_everything(enum place_id place)
{
	const struct place *it = &places[place];
	time_t end = time(NULL) + MOST_SECONDS;
	unsigned int left;
	int err;

	do {
		err = amfs_expire(it->map, AMFS_EXPIRE_ALL, NULL);
		if (err && err != ENOENT)
			fail("the last expire of %s: %s", it->name, strerrorname_np(err));
		left = mounted_below(it);
		if (left)
			usleep(10000);
	} while (left && time(NULL) < end);
	if (!left)
		return;
	amfs_count(AMFS_LIST_KEYS, "left");
	keeper_log();
	fail("%s: %u mounts don't expire:\n%s", it->name, left, read_all("/proc/self/mountinfo"));
}

/* Nobody is in anybody's way any more: each key is what its map says. */
void check_the_end(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		calm(i);
	for (i = 0; i < key_count; i++)
		walk_well(&keys[i]);
	for (i = 0; i < PLACES; i++)
		expire_everything(i);
	if (amfs_count(AMFS_LIST_KEYS, "left") || amfs_count(AMFS_LIST_REQUESTS, "left"))
		fail("keys or requests are left");
}

/* --- nothing is left ------------------------------------------------------------------ */

void check_nothing_left(void)
{
	unsigned long requests = 0;
	time_t end = time(NULL) + MOST_SECONDS;
	unsigned int i;
	char *mounts;
	int64_t more;

	/* Lazily unmounted automount points end in workers of the kernel's. */
	while (users_of_module() != before.users && time(NULL) < end)
		usleep(10000);
	if (users_of_module() != before.users)
		fail("the module has %u users, had %u", users_of_module(), before.users);
	mounts = read_all("/proc/self/mountinfo");
	if (strcmp(mounts, before.mounts))
		fail("the mount table was:\n%sand is:\n%s", before.mounts, mounts);
	free(mounts);
	for (i = OP_SERVE_FD; i <= OP_SERVE_EXPIRE; i++)
		requests += shared->ops[i][0];
	more = slab_bytes() - before.slabs;
	printf("storm: slabs grew by %lld bytes in %lu requests\n", (long long)more, requests);
	fflush(stdout);
	if (more > (int64_t)(SPARE_BYTES + requests * BYTES_PER_REQUEST))
		fail("something leaks");
}
