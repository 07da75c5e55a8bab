// SPDX-License-Identifier: GPL-2.0
/* Filesystem contexts and detached mounts. */
#include "fuzz.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int call_config(struct worker *w, int fd, unsigned int cmd, const char *key,
		       const void *value, int aux)
{
	return DO(w, CALL_FSCONFIG, syscall(SYS_fsconfig, fd, cmd, key, value, aux));
}

/* A detached tmpfs with one file in it, as a daemon makes it. */
int a_tmpfs(struct worker *w)
{
	int fs = DO(w, CALL_FSOPEN, syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
	int mnt = -1, file;

	if (fs < 0)
		return -1;
	if (!call_config(w, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mnt = DO(w, CALL_FSMOUNT, syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
						  chance(w, 10) ? MOUNT_ATTR_NOSUID : 0));
	close(fs);
	if (mnt < 0)
		return -1;
	file = openat(mnt, "hello", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (file >= 0)
		close(file);
	return mnt;
}

void op_fsopen(struct worker *w)
{
	if (chance(w, 30)) {
		pool_put(w, FD_MOUNT, a_tmpfs(w));
		return;
	}
	pool_put(w, FD_CONTEXT, DO(w, CALL_FSOPEN, syscall(SYS_fsopen, chance(w, 97) ? "amfs" :
							   "amfs2", FSOPEN_CLOEXEC)));
}

static void set_one(struct worker *w, int fd)
{
	const char *name = option_name(w);
	char value[600];

	switch (chance(w, 85) ? 0 : pick(w, 5)) {
	case 0:
		call_config(w, fd, FSCONFIG_SET_STRING, name, option_value(w, name, value), 0);
		break;
	case 1:
		call_config(w, fd, FSCONFIG_SET_FLAG, name, NULL, 0);
		break;
	case 2:
		call_config(w, fd, FSCONFIG_SET_BINARY, name, w->buf, 1 + pick(w, 4096));
		break;
	case 3:
		call_config(w, fd, FSCONFIG_SET_FD, name, NULL, pool_any(w, FD_DEVICE));
		break;
	default:
		call_config(w, fd, FSCONFIG_SET_PATH, name, a_path(w, w->buf), AT_FDCWD);
	}
}

/* Some options, and then a mount of it; also twice, and by two threads. */
void op_fsconfig(struct worker *w)
{
	int fd = pool_get(w, FD_CONTEXT), mnt;
	unsigned int count = pick(w, 4);
	char map[600], log[200];

	if (fd < 0) {
		op_fsopen(w);
		return;
	}
	if (chance(w, 85))
		call_config(w, fd, FSCONFIG_SET_STRING, "source", a_map(w, map), 0);
	while (count--)
		set_one(w, fd);
	if (chance(w, 50) && read(fd, log, sizeof(log)) < 0)
		errno = 0;	/* nothing to complain about */
	if (chance(w, 30))
		return;
	if (call_config(w, fd, chance(w, 90) ? FSCONFIG_CMD_CREATE : FSCONFIG_CMD_RECONFIGURE,
			NULL, NULL, 0))
		return;
	mnt = DO(w, CALL_FSMOUNT, syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, 0));
	pool_put(w, chance(w, 50) ? FD_MOUNT : FD_ROOT, mnt);
}

void op_fspick(struct worker *w)
{
	char where[1400];
	int fd;

	fd = DO(w, CALL_FSPICK, syscall(SYS_fspick, AT_FDCWD,
					chance(w, 80) ? a_point(w, where) : a_path(w, where),
					FSPICK_CLOEXEC | (chance(w, 50) ? FSPICK_NO_AUTOMOUNT : 0)));
	if (fd < 0)
		return;
	set_one(w, fd);
	call_config(w, fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	pool_put(w, FD_CONTEXT, fd);
}

void op_move_mount(struct worker *w)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH;
	int from = pool_any(w, FD_MOUNT), to;
	char where[1400];

	if (__atomic_load_n(&w->shared->crowded, __ATOMIC_RELAXED))
		return;
	if (chance(w, 40)) {
		to = pool_any(w, chance(w, 60) ? FD_TARGET : FD_ROOT);
		DO(w, CALL_MOVE_MOUNT, syscall(SYS_move_mount, from, "", to, "",
					       flags | MOVE_MOUNT_T_EMPTY_PATH));
		return;
	}
	DO(w, CALL_MOVE_MOUNT, syscall(SYS_move_mount, from, "", AT_FDCWD, a_path(w, where),
				       flags | (chance(w, 50) ? MOVE_MOUNT_T_AUTOMOUNTS : 0)));
}

void op_open_tree(struct worker *w)
{
	unsigned int flags = chance(w, 60) ? OPEN_TREE_CLONE : 0;
	char where[1400];

	if (flags && chance(w, 50))
		flags |= AT_RECURSIVE;
	if (chance(w, 30))
		flags |= AT_NO_AUTOMOUNT;
	pool_put(w, flags & OPEN_TREE_CLONE ? FD_MOUNT : FD_ROOT,
		 DO(w, CALL_OPEN_TREE, syscall(SYS_open_tree, AT_FDCWD, chance(w, 60) ?
					       a_point(w, where) : a_path(w, where),
					       flags | OPEN_TREE_CLOEXEC)));
}

void op_setattr(struct worker *w)
{
	struct mount_attr attr = { 0 };
	unsigned int flags = chance(w, 30) ? AT_RECURSIVE : 0;
	char where[1400];

	*(chance(w, 50) ? &attr.attr_set : &attr.attr_clr) =
		1U << pick(w, 4) | (chance(w, 5) ? MOUNT_ATTR_NOSYMFOLLOW : 0);
	if (chance(w, 5)) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = pool_any(w, FD_OTHER);
	}
	if (chance(w, 50))
		DO(w, CALL_SETATTR, syscall(SYS_mount_setattr, pool_any(w, FD_MOUNT), "",
					    flags | AT_EMPTY_PATH, &attr, sizeof(attr)));
	else
		DO(w, CALL_SETATTR, syscall(SYS_mount_setattr, AT_FDCWD, a_point(w, where),
					    flags, &attr, sizeof(attr)));
}
