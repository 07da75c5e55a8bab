// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's root is the host's (9p, read-only) under a tmpfs overlay, with
 * file systems of its own where the host's would be wrong or shared.
 */
#define _GNU_SOURCE
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "report.h"

static void mount_at(const char *type, const char *source, const char *where,
		     unsigned long flags, const char *options)
{
	make_dirs(where);
	if (mount(source, where, type, flags, options))
		fail("cannot mount %s at %s: %s", type, where, strerror(errno));
}

static bool try_mount(const char *type, const char *where)
{
	return !access(where, F_OK) && !mount(type, where, type, 0, NULL);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fail("cannot load %s: %s (see the console log)", path, strerror(errno));
	close(fd);
}

/* The modules that the flavour needs to get at its root, in that order. */
static void load_boot_modules(void)
{
	for (char **module = get_words("/modules/order"); *module; module++)
		load_module(*module);
}

static void mount_root(void)
{
	mount_at("9p", "root", "/lower", MS_RDONLY,
		 "trans=virtio,version=9p2000.L,cache=loose,msize=512000,access=any");
	mount_at("tmpfs", "rw", "/rw", 0, "mode=755,size=60%");
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	mount_at("overlay", "overlay", "/guest", 0, "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
}

/*
 * Folders of the host that lie below one of the guest's own tmpfs, such as a
 * checkout in /tmp, are taken hold of before and put back afterwards.
 */
static int hold(const char *path)
{
	char below[PATH_MAX];

	snprintf(below, sizeof(below), "/guest%s", path);
	return syscall(SYS_open_tree, AT_FDCWD, below, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static void put_back(int tree, const char *path)
{
	char below[PATH_MAX];

	snprintf(below, sizeof(below), "/guest%s", path);
	make_dirs(below);
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, below, MOVE_MOUNT_F_EMPTY_PATH))
		fail("cannot put %s in its place: %s", path, strerror(errno));
	close(tree);
}

static void mount_own(void)
{
	mount_at("tmpfs", "tmpfs", "/guest/run", 0, "mode=755");
	mount_at("tmpfs", "tmpfs", "/guest/tmp", 0, "mode=1777");
	mount_at("tmpfs", "tmpfs", "/guest/var/tmp", 0, "mode=1777");
	mount_at("tmpfs", "tmpfs", "/guest/var/lib/nfs", 0, "mode=755");
	make_dirs("/guest/var/lib/nfs/v4recovery");
	make_dirs("/guest/var/lib/nfs/sm");
	make_dirs("/guest/var/lib/nfs/sm.bak");
	put_file("/guest/var/lib/nfs/etab", "");
	put_file("/guest/var/lib/nfs/rmtab", "");
	make_dirs("/guest/run/lock");
	mount_at("proc", "proc", "/guest/proc", 0, NULL);
	mount_at("sysfs", "sysfs", "/guest/sys", 0, NULL);
	mount_at("devtmpfs", "dev", "/guest/dev", 0, "mode=755");
	mount_at("devpts", "devpts", "/guest/dev/pts", 0, "mode=620,gid=5,ptmxmode=666");
	mount_at("tmpfs", "shm", "/guest/dev/shm", 0, "mode=1777");
	try_mount("debugfs", "/guest/sys/kernel/debug");
	try_mount("tracefs", "/guest/sys/kernel/tracing");
	try_mount("cgroup2", "/guest/sys/fs/cgroup");
	symlink("/proc/self/fd", "/guest/dev/fd");
	symlink("/proc/self/fd/0", "/guest/dev/stdin");
	symlink("/proc/self/fd/1", "/guest/dev/stdout");
	symlink("/proc/self/fd/2", "/guest/dev/stderr");
}

static void mount_kernel_modules(void)
{
	const char *release = setting("release"), *modules = setting("modules");
	char from[PATH_MAX], to[PATH_MAX];

	if (!release || !modules)
		return;
	snprintf(from, sizeof(from), "/guest%s", modules);
	snprintf(to, sizeof(to), "/guest/lib/modules/%s", release);
	make_dirs(to);
	if (mount(from, to, NULL, MS_BIND, NULL))
		fail("cannot bind %s: %s", from, strerror(errno));
}

/*
 * Nodes whose first opening loads the module behind them, such as
 * /dev/loop-control; on a machine udev makes them from this very file. Its
 * lines read "module node c10:237".
 */
static void make_static_nodes(void)
{
	char path[PATH_MAX], node[NAME_MAX], kind;
	unsigned int major, minor;
	char *line, *next;

	snprintf(path, sizeof(path), "/guest/lib/modules/%s/modules.devname", setting("release") ?: "");
	for (line = get_file(path, NULL); line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (sscanf(line, "%*s %254s %c%u:%u", node, &kind, &major, &minor) != 4)
			continue;
		snprintf(path, sizeof(path), "/guest/dev/%s", node);
		mknod(path, (kind == 'b' ? S_IFBLK : S_IFCHR) | 0600, makedev(major, minor));
	}
}

static void mount_share(void)
{
	if (setting("share"))
		mount_at("9p", "share", "/guest/mnt/share", 0,
			 "trans=virtio,version=9p2000.L,cache=none,msize=512000,access=any");
}

void enter_root(void)
{
	if (chdir("/guest") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		fail("cannot move to the new root: %s", strerror(errno));
	/* as on a machine that systemd runs */
	mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL);
}

static void set_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		fail("cannot set lo up: %s", strerror(errno));
	close(fd);
}

/* Left where the command can find it, for cases that load it again. */
static void load_amfs(void)
{
	size_t size;
	char *module = get_file("/vm/amfs.ko", &size);
	int fd;

	if (!module)
		return;
	fd = open("/guest/run/amfs.ko", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, module, size) != (ssize_t)size)
		fail("cannot keep amfs.ko: %s", strerror(errno));
	close(fd);
	free(module);
	load_module("/guest/run/amfs.ko");
}

void set_up(void)
{
	const char *top;
	int modules, checkout;

	umask(022);
	mount_at("proc", "proc", "/proc", 0, NULL);
	mount_at("sysfs", "sysfs", "/sys", 0, NULL);
	mount_at("devtmpfs", "dev", "/dev", 0, NULL);
	load_boot_modules();
	open_port();
	mount_root();
	top = setting("top");
	checkout = top ? hold(top) : -1;
	modules = setting("modules") ? hold(setting("modules")) : -1;
	mount_own();
	if (checkout >= 0)
		put_back(checkout, top);
	if (modules >= 0)
		put_back(modules, setting("modules"));
	mount_kernel_modules();
	make_static_nodes();
	mount_share();
	set_up_loopback();
	sethostname("amfs-vm", 7);
	load_amfs();
}
