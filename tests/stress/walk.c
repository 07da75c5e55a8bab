// SPDX-License-Identifier: GPL-2.0
/*
 * One walk to a key, and whether what came of it is right: whoever gets there has to
 * see that key's mount, and who doesn't has to have an errno that the map or the
 * storm has caused.
 */
#include "storm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* --- was it the right one? ------------------------------------------------------- */

static void check_text(int fd, const struct key *key, const char *way)
{
	char want[256], got[256];
	ssize_t len = pread(fd, got, sizeof(got) - 1, 0);

	snprintf(want, sizeof(want), "%s %s\n", places[key->place].name, key->name);
	if (len < 0)
		fail("%s(%s): read: %m", way, key->name);
	got[len] = 0;
	if (strcmp(got, want))
		wrong("%s: expected \"%.*s\", got \"%s\"", way, (int)strlen(want) - 1, want, got);
}

static int check_id(int dir, const char *name, const struct key *key, const char *way)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	check_text(fd, key, way);
	close(fd);
	return 0;
}

static void check_fs(const struct statfs *fs, const struct key *key, const char *way)
{
	if (fs->f_type == AMFS_SUPER_MAGIC)
		wrong("%s(%s %s) shows the bare trigger", way, places[key->place].name, key->name);
}

/* --- ways of walking; each returns 0 or the errno --------------------------------- */

static int way_open(const char *path, const struct key *key)
{
	char file[PATH_MAX + 8];

	snprintf(file, sizeof(file), "%s/id", path);
	return check_id(AT_FDCWD, file, key, "open");
}

static int way_stat(const char *path, const struct key *key)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (S_ISREG(st.st_mode))
		return ENOTDIR;
	if (st.st_mtim.tv_sec != (time_t)(1000000 + key->number))
		wrong("stat(%s) shows the wrong directory: inode %lu of device %#lx, mode %#o, changed %lld",
		      path, (unsigned long)st.st_ino, (unsigned long)st.st_dev, st.st_mode,
		      (long long)st.st_mtim.tv_sec);
	return 0;
}

static int way_list(const char *path, const struct key *key)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	struct statfs fs;
	int found = 0;

	if (!dir)
		return errno;
	if (fstatfs(dirfd(dir), &fs))
		fail("fstatfs(%s): %m", path);
	check_fs(&fs, key, "list");
	while ((entry = readdir(dir)))
		found |= !strcmp(entry->d_name, "id");
	if (found)
		found = !check_id(dirfd(dir), "id", key, "list");
	closedir(dir);
	return found ? 0 : ENOENT;
}

static int way_access(const char *path, const struct key *key)
{
	(void)key;
	return access(path, X_OK) ? errno : 0;
}

static int way_chdir(const char *path, const struct key *key)
{
	int err = chdir(path) ? errno : 0;

	if (err)
		return err;
	err = check_id(AT_FDCWD, "id", key, "chdir");
	if (chdir("/"))
		fail("chdir /: %m");
	return err;
}

static int way_opath(const char *path, const struct key *key)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), err;

	if (dir < 0)
		return errno;
	err = check_id(dir, "id", key, "opath");
	close(dir);
	return err;
}

static int way_statfs(const char *path, const struct key *key)
{
	struct statfs fs;

	if (statfs(path, &fs))
		return errno;
	check_fs(&fs, key, "statfs");
	return 0;
}

static int way_create(const char *path, const struct key *key)
{
	char file[PATH_MAX + 16];
	int fd;

	(void)key;
	snprintf(file, sizeof(file), "%s/scratch", path);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int way_hold(const char *path, const struct key *key)
{
	char file[PATH_MAX + 8];
	int fd;

	snprintf(file, sizeof(file), "%s/id", path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	nap(100000);
	check_text(fd, key, "hold");
	close(fd);
	return 0;
}

/* What nobody may do, in whatever state the key is. */
static int way_meddle(const char *path, const struct key *key)
{
	int err;

	if (pick(2))
		err = mkdir(path, 0755) ? errno : 0;
	else
		err = rmdir(path) ? errno : 0;
	if (!err)
		wrong("meddle: %s %s was made or removed", places[key->place].name, key->name);
	return err;
}

/* --- what may come of it ----------------------------------------------------------- */

static int of_the_map(const struct key *key, int err)
{
	switch (key->kind) {
	case ABSENT:
		return err == ENOENT;
	case DENIED:
		return err == EACCES;
	case FICKLE:
		return !err || err == EIO;
	case LOADED:
		return !err || err == ENOENT;
	case DEEP:
	case FLIP:
		/* ESTALE: the name has changed between key and folder twice. */
		return !err || err == ENOENT || err == ESTALE;
	default:
		return !err;
	}
}

/* Of walkers in a mount namespace of their own. */
static int of_the_namespace(const struct key *key, enum home home, int err)
{
	if (home == AT_HOME)
		return 0;
	switch (err) {
	case EPERM:
		/* Restrictions would be lost; a tree is more than one mount. */
		return key->kind == STRICT || key->kind == TREE || key->kind == PART;
	case EREMOTE:
		return places[key->place].rough;
	case ENOENT:
		/*
		 * A part's folder, while a tree is taken apart in vain. Or the VFS has put
		 * a key's mount in the automount point's place, see orphan.c.
		 */
		return key->kind == PART || places[key->place].rough;
	case ESTALE:
		/* A tree that is left here, and that amfsd has no more. */
		return key->kind == PART;
	default:
		return 0;
	}
}

int of_the_storm(const struct place *place, int err)
{
	if (!place->rough)
		return 0;
	switch (err) {
	case ETIMEDOUT:		/* deadline */
	case ENOLINK:		/* grace */
	case ECANCELED:		/* umount -f */
	case EHOSTUNREACH:	/* the daemon doesn't see this automount point any more */
	case EINVAL:		/* nor does the VFS, which is to attach something there */
	case ENOTDIR:		/* the automount point isn't there, see make_place() */
		return 1;
	case ENOENT:		/* likewise */
		return place == &places[DIRECT];
	default:
		return 0;
	}
}

/* For who walks because he has to get there. */
int lawful(const struct key *key, enum home home, int err)
{
	return of_the_map(key, err) || of_the_namespace(key, home, err) ||
	       of_the_storm(&places[key->place], err);
}

/* What isn't a walk into a key fails in ways of its own. */
static int of_the_way(const struct key *key, enum way way, int err)
{
	switch (way) {
	case WAY_MEDDLE:
		return err == EPERM || err == EEXIST || err == EBUSY || err == ENOENT ||
		       err == ENOTDIR || err == EACCES;
	case WAY_OPATH:
		/* design.rst, known limits: the bare trigger. */
		return err == ESTALE;
	case WAY_ACCESS:
	case WAY_STATFS:
		/* Of a file, or the folder, that is there without the automount point. */
		return !err && places[key->place].rough;
	default:
		return 0;
	}
}

static int tried(const struct key *key, enum way way, enum home home)
{
	switch (way) {
	case WAY_STAT:
		/* A direct root is shown as it is, and so is a part's. */
		return key->place != DIRECT && key->kind != PART && key->kind != FLIP;
	case WAY_MEDDLE:
		/* Elsewhere it might be an ordinary folder. */
		return (key->place == STEADY || (key->place == ROUGH && home == AT_HOME)) &&
		       key->kind != FLIP;
	case WAY_OPEN:
		return 1;
	case WAY_ACCESS:
	case WAY_STATFS:
	case WAY_CREATE:
		/* Nor would these tell a direct root that isn't there from one that is. */
		return key->kind != FLIP && key->place != DIRECT;
	default:
		return key->kind != FLIP;
	}
}

/* The errno that it ended with; ends the storm when that is wrong. */
int walk(const struct key *key, enum way way, enum home home)
{
	static int (*const ways[WAYS])(const char *path, const struct key *key) = {
		way_open, way_stat, way_list, way_access, way_chdir, way_opath, way_statfs,
		way_create, way_hold, way_meddle,
	};
	char path[PATH_MAX];
	int err;

	if (!tried(key, way, home))
		way = WAY_OPEN;
	key_path(path, key);
	err = ways[way](path, key);
	if (!lawful(key, home, err) && !of_the_way(key, way, err))
		wrong("%s(%s %s) in namespace %d: %s", way_names[way], places[key->place].name,
		      key->name, home, err ? strerrorname_np(err) : "success");
	count(shared->ways[way], err);
	if (way != WAY_MEDDLE)
		count(shared->walks[key->place][key->kind], err);
	return err;
}

/* When nothing is in its way any more. */
void walk_well(const struct key *key)
{
	char path[PATH_MAX];
	int err;

	key_path(path, key);
	err = way_open(path, key);
	if (!of_the_map(key, err))
		fail("the last walk to %s %s: %s", places[key->place].name, key->name,
		     err ? strerrorname_np(err) : "success");
}
