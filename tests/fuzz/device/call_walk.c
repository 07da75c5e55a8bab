// SPDX-License-Identifier: GPL-2.0
/* Walkers: whatever a program does to a path. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Now and then it is kept open, and keeps the key busy. */
static void done_with(struct worker *w, int fd)
{
	if (fd < 0)
		return;
	if (chance(w, 3))
		pool_put(w, FD_OTHER, fd);
	else
		close(fd);
}

static void list(struct worker *w, const char *path)
{
	int fd = DO(w, CALL_WALK_OPEN, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	if (fd < 0)
		return;
	while (DO(w, CALL_WALK_LIST, syscall(SYS_getdents64, fd, w->buf,
					     chance(w, 80) ? 4096 : 16 + pick(w, 64))) > 0)
		;
	if (chance(w, 20))
		lseek(fd, a_number(w), SEEK_SET);
	done_with(w, fd);
}

/* The bare directory itself, by way of a descriptor that opens nothing. */
static void go_on_from(struct worker *w, const char *path)
{
	char key[600];
	struct stat st;
	int fd;

	fd = DO(w, CALL_WALK_PATH, open(path, O_PATH | O_CLOEXEC |
					(chance(w, 30) ? O_NOFOLLOW : 0)));
	if (fd < 0)
		return;
	if (chance(w, 50))
		DO(w, CALL_WALK_STAT, fstat(fd, &st));
	else if (chance(w, 50))
		DO(w, CALL_WALK_STAT, fstatat(fd, "hello", &st, 0));
	else
		done_with(w, DO(w, CALL_WALK_OPEN, openat(fd, a_key(w, key),
							  O_RDONLY | O_CLOEXEC)));
	done_with(w, fd);
}

void op_walk(struct worker *w)
{
	static const int flags[] = { O_RDONLY, O_RDONLY, O_DIRECTORY, O_RDWR, O_NOFOLLOW, O_TMPFILE | O_RDWR };
	struct statx stx;
	struct stat st;
	char path[1400];

	a_path(w, path);
	switch (pick(w, 9)) {
	case 0:
	case 1:
		done_with(w, DO(w, CALL_WALK_OPEN, open(path, flags[pick(w, 6)] | O_NONBLOCK |
							O_CLOEXEC, 0600)));
		break;
	case 2:
		go_on_from(w, path);
		break;
	case 3:
		DO(w, CALL_WALK_STAT, chance(w, 50) ? stat(path, &st) : lstat(path, &st));
		break;
	case 4:
		DO(w, CALL_WALK_STATX, statx(AT_FDCWD, path,
					     AT_NO_AUTOMOUNT | (pick(w, 4) << 13), STATX_ALL, &stx));
		break;
	case 5:
		DO(w, CALL_WALK_ACCESS, access(path, pick(w, 8)));
		break;
	case 6:
		list(w, path);
		break;
	case 7:
		done_with(w, DO(w, CALL_WALK_CREATE, open(path, O_CREAT | O_WRONLY | O_CLOEXEC |
							  (chance(w, 30) ? O_EXCL : 0), 0600)));
		break;
	default:
		DO(w, CALL_WALK_CHDIR, chdir(path));
		/* Who stays there keeps it busy, until he is killed. */
		if (chance(w, 95) && chdir("/"))
			fail("chdir: %m");
	}
}

/* Names made and taken away: in what is mounted that works, in the point never. */
void op_change(struct worker *w)
{
	char path[1400], other[1500];

	a_file(w, path, "new");
	switch (pick(w, 7)) {
	case 0:
		DO(w, CALL_WALK_MKDIR, mkdir(path, 0755));
		break;
	case 1:
		DO(w, CALL_WALK_RMDIR, rmdir(path));
		break;
	case 2:
		DO(w, CALL_WALK_UNLINK, unlink(path));
		break;
	case 3:
		snprintf(other, sizeof(other), "%s2", path);
		DO(w, CALL_WALK_RENAME, syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD,
						chance(w, 50) ? other : a_path(w, other),
						chance(w, 70) ? 0 : 1U << pick(w, 3)));
		break;
	case 4:
		snprintf(other, sizeof(other), "%s.l", path);
		DO(w, CALL_WALK_LINK, link(path, chance(w, 70) ? other : a_path(w, other)));
		break;
	case 5:
		DO(w, CALL_WALK_SYMLINK, symlink(a_point(w, other), path));
		break;
	default:
		DO(w, CALL_WALK_MKNOD, mknod(path, (chance(w, 50) ? S_IFIFO : S_IFREG) | 0600, 0));
	}
}

void op_attribute(struct worker *w)
{
	static const char * const names[] = { "user.x", "trusted.x", "security.x",
					      "system.posix_acl_access" };
	const char *name = names[pick(w, 4)];
	char path[1400];

	a_file(w, path, "hello");
	switch (pick(w, 7)) {
	case 0:
		DO(w, CALL_WALK_SETXATTR, setxattr(path, name, "y", 1, 0));
		break;
	case 1:
		DO(w, CALL_WALK_GETXATTR, chance(w, 50) ? getxattr(path, name, w->buf, 4096) :
							  listxattr(path, w->buf, 4096));
		break;
	case 2:
		DO(w, CALL_WALK_CHMOD, chmod(path, 0700 | pick(w, 0100)));
		break;
	case 3:
		DO(w, CALL_WALK_CHOWN, lchown(path, pick(w, 3), pick(w, 3)));
		break;
	case 4:
		DO(w, CALL_WALK_TRUNCATE, truncate(path, pick(w, 100)));
		break;
	default:
		DO(w, CALL_WALK_UTIME, utimensat(AT_FDCWD, path, NULL, 0));
	}
}

void op_look(struct worker *w)
{
	struct file_handle *handle = (struct file_handle *)w->buf;
	struct statfs fs;
	char path[1400];
	int id, fd;

	a_file(w, path, "new");
	switch (pick(w, 4)) {
	case 0:
		DO(w, CALL_WALK_STATFS, statfs(path, &fs));
		break;
	case 1:
		DO(w, CALL_WALK_READLINK, readlink(path, w->buf, 4096));
		break;
	case 2:
		fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (fd < 0)
			return;
		DO(w, CALL_WALK_INOTIFY, inotify_add_watch(fd, path, IN_ALL_EVENTS));
		done_with(w, fd);
		break;
	default:
		handle->handle_bytes = 128;
		DO(w, CALL_WALK_HANDLE, name_to_handle_at(AT_FDCWD, path, handle, &id, 0));
	}
}
