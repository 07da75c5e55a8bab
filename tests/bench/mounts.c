// SPDX-License-Identifier: GPL-2.0
/* Mounting what a key shows, by mount(2) throughout: sides differ elsewhere. */
#include "bench.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_tmpfs(char kind)
{
	return kind == KIND_TMPFS || kind == KIND_KERNEL_TMPFS;
}

void mount_on(const char *path, char kind)
{
	int err;

	if (is_tmpfs(kind))
		err = mount("none", path, "tmpfs", 0, NULL);
	else
		err = mount(SOURCE, path, NULL, MS_BIND, NULL);
	if (err)
		die("mount %s: %m", path);
}

/*
 * At a descriptor, which may be O_PATH, with mount(2) as by path. A working
 * folder below the key would keep it busy.
 */
void mount_at(int fd, char kind)
{
	static int home = -1;

	if (home < 0)
		home = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(fd))
		die("fchdir: %m");
	mount_on(".", kind);
	if (fchdir(home))
		die("fchdir: %m");
}

/* Whether another filesystem than the side's own is seen there. */
int is_mounted(const struct side *side, const char *path)
{
	struct stat root, key;

	if (stat(side->root, &root) || stat(path, &key))
		die("%s: %m", path);
	return root.st_dev != key.st_dev;
}
