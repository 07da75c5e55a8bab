// SPDX-License-Identifier: GPL-2.0
/*
 * The scene of the storm: four automount points, the keys of their maps, and a folder
 * for each key, whose file "id" and whose time of change tell whose it is.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A walk in a place that isn't rough must never meet the deadline or the grace. */
#define PATIENT "deadline=200,grace=200"

struct place places[PLACES] = {
	[STEADY] = { "steady", "storm-steady", "timeout=1," PATIENT, "timeout=300,negative=0" },
	[ROUGH] = { "rough", "storm-rough", "timeout=1,deadline=2,grace=1",
		    "timeout=300,negative=0,nsattach=yes," PATIENT, .rough = 1 },
	[DIRECT] = { "direct", "storm-direct", "timeout=1,deadline=2,grace=1,direct=/storm",
		     "timeout=300,negative=0,nsattach=yes," PATIENT, .rough = 1 },
	[TREES] = { "trees", "storm-trees", "timeout=1," PATIENT, "timeout=300,negative=0" },
};

const char *const kind_names[KINDS] = {
	"good", "slow", "fickle", "absent", "denied", "strict", "loaded", "deep", "flip", "tree",
	"part",
};

#define KEY(_place, _kind, _name) { .place = _place, .kind = _kind, .name = _name }
#define MAP_OF(_place)							\
	KEY(_place, GOOD, "good0"), KEY(_place, GOOD, "good1"),		\
	KEY(_place, GOOD, "good2"), KEY(_place, GOOD, "good3"),		\
	KEY(_place, GOOD, "good4"), KEY(_place, GOOD, "good5"),		\
	KEY(_place, GOOD, "good6"), KEY(_place, GOOD, "good7"),		\
	KEY(_place, SLOW, "slow"), KEY(_place, STRICT, "strict"),	\
	KEY(_place, FICKLE, "fickle0"), KEY(_place, FICKLE, "fickle1"),	\
	KEY(_place, ABSENT, "absent0"), KEY(_place, ABSENT, "absent1"),	\
	KEY(_place, DENIED, "denied"),					\
	KEY(_place, LOADED, "load0"), KEY(_place, LOADED, "load1"),	\
	KEY(_place, DEEP, "deep/a/load"), KEY(_place, DEEP, "deep/b"),	\
	KEY(_place, FLIP, "flip"), KEY(_place, FLIP, "flip/sub")

/* scene_set() gives them their numbers; the first of a place is the one that all want. */
static struct key table[] = {
	MAP_OF(STEADY),
	MAP_OF(ROUGH),
	KEY(DIRECT, GOOD, "/storm"),
	KEY(TREES, TREE, "tree0"), KEY(TREES, PART, "tree0/p"),
	KEY(TREES, PART, "tree0/q"), KEY(TREES, PART, "tree0/q/r"),
	KEY(TREES, TREE, "tree1"), KEY(TREES, PART, "tree1/p"),
	KEY(TREES, PART, "tree1/q"), KEY(TREES, PART, "tree1/q/r"),
	KEY(TREES, GOOD, "plain0"), KEY(TREES, GOOD, "plain1"),
	KEY(TREES, ABSENT, "absent"),
};

const struct key *const keys = table;
const unsigned int key_count = sizeof(table) / sizeof(table[0]);

static char base[PATH_MAX / 2];

void key_path(char path[PATH_MAX], const struct key *key)
{
	const struct place *place = &places[key->place];

	if (key->place == DIRECT)
		snprintf(path, PATH_MAX, "%.2000s", place->path);
	else
		snprintf(path, PATH_MAX, "%.2000s/%s", place->path, key->name);
}

void source_path(char path[PATH_MAX], const struct key *key)
{
	snprintf(path, PATH_MAX, "%s/src/%u", base, key->number);
}

const struct key *key_named(enum place_id place, const char *name)
{
	unsigned int i;

	for (i = 0; i < key_count; i++)
		if (keys[i].place == place && !strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* One in three is the first: many at one key, and many keys. */
const struct key *key_in(enum place_id place)
{
	unsigned int first = 0, end;

	while (keys[first].place != place)
		first++;
	for (end = first; end < key_count && keys[end].place == place; end++)
		;
	return &keys[first + (pick(3) ? pick(end - first) : 0)];
}

const struct key *key_any(void)
{
	static const enum place_id mix[] = {
		STEADY, STEADY, STEADY, STEADY, ROUGH, ROUGH, ROUGH, DIRECT, TREES, TREES,
	};

	return key_in(mix[pick(sizeof(mix) / sizeof(mix[0]))]);
}

static void put_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("%s: %m", name);
	close(fd);
}

/* What is mounted on a key: how one sees which it is. */
void source_fill(int dir, const struct key *key)
{
	struct timespec times[2] = { { .tv_sec = 1000000 + key->number },
				     { .tv_sec = 1000000 + key->number } };
	char text[256];

	snprintf(text, sizeof(text), "%s %s\n", places[key->place].name, key->name);
	put_file(dir, "id", text);
	put_file(dir, "scratch", "");
	if (futimens(dir, times))
		fail("futimens: %m");
}

static void make_source(const struct key *key)
{
	char path[PATH_MAX];
	int dir;

	source_path(path, key);
	if (mkdir(path, 0755))
		fail("%s: %m", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		fail("%s: %m", path);
	if (key->kind == TREE && (mkdirat(dir, "p", 0755) || mkdirat(dir, "q", 0755)))
		fail("%s: %m", path);
	if (key->kind == PART && mkdirat(dir, "r", 0755))
		fail("%s: %m", path);
	source_fill(dir, key);
	close(dir);
}

/*
 * Below the automount point that comes and goes each name is a file: ENOTDIR tells a
 * walker that it wasn't there.
 */
static void make_place(enum place_id place)
{
	char path[PATH_MAX], *slash;
	unsigned int i;
	int fd;

	snprintf(places[place].path, sizeof(places[place].path), "%s/%s", base,
		 places[place].name);
	if (mkdir(places[place].path, 0755))
		fail("%s: %m", places[place].path);
	for (i = 0; i < key_count && place == ROUGH; i++) {
		if (keys[i].place != place)
			continue;
		key_path(path, &keys[i]);
		slash = strchr(path + strlen(places[place].path) + 1, '/');
		if (slash)
			*slash = 0;
		fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
		if (fd < 0)
			fail("%s: %m", path);
		close(fd);
	}
	if (place_mount(place))
		fail("mounting %s: %m", places[place].path);
}

int place_mount(enum place_id place)
{
	const struct place *it = &places[place];

	return mount(it->map, it->path, "amfs", 0, it->options) ? errno : 0;
}

/* Is it there, whatever is mounted on it? For the one who mounts and unmounts it. */
int place_mounted(enum place_id place)
{
	char line[2 * PATH_MAX], where[PATH_MAX], *type;
	FILE *table_file = fopen("/proc/self/mountinfo", "re");
	int found = 0;

	if (!table_file)
		fail("/proc/self/mountinfo: %m");
	while (fgets(line, sizeof(line), table_file)) {
		type = strstr(line, " - ");
		if (type && sscanf(line, "%*d %*d %*s %*s %4095s", where) == 1)
			found |= !strcmp(where, places[place].path) &&
				 !strncmp(type + 3, "amfs ", 5);
	}
	fclose(table_file);
	return found;
}

static void mount_tmpfs(const char *path, unsigned long propagation)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		fail("%s: %m", path);
	if (mount("storm", path, "tmpfs", 0, "mode=755") ||
	    mount("", path, NULL, propagation, NULL))
		fail("mounting a tmpfs on %s: %m", path);
}

void scene_set(const char *folder)
{
	char path[PATH_MAX];
	unsigned int i;

	if (snprintf(base, sizeof(base), "%s", folder) >= (int)sizeof(base))
		fail("%s: too long", folder);
	mount_tmpfs(base, MS_SHARED);
	snprintf(path, sizeof(path), "%s/src", base);
	mount_tmpfs(path, MS_PRIVATE);
	for (i = 0; i < key_count; i++) {
		table[i].number = i;
		make_source(&keys[i]);
	}
	for (i = 0; i < PLACES; i++)
		make_place(i);
}

static void take_down(const char *path)
{
	unsigned int tries = 2000;

	/* Busy is what the last namespace leaves to a worker of the kernel's. */
	while (umount2(path, UMOUNT_NOFOLLOW)) {
		if (errno != EBUSY || !--tries)
			fail("unmounting %s: %m", path);
		usleep(10000);
	}
}

void scene_strike(void)
{
	char path[PATH_MAX];
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		take_down(places[i].path);
	snprintf(path, sizeof(path), "%s/src", base);
	take_down(path);
	take_down(base);
}
