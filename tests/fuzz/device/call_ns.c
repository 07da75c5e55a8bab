// SPDX-License-Identifier: GPL-2.0
/* Mount and user namespaces, and what shows the state of it all. */
#include "fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

void op_unshare(struct worker *w)
{
	static const unsigned long ways[] = { MS_PRIVATE, MS_SLAVE, MS_SHARED };

	/* He stays what he is then until he is killed. */
	if (chance(w, 10)) {
		if (DO(w, CALL_UNSHARE_USER, unshare(CLONE_NEWUSER | CLONE_NEWNS)))
			return;
	} else if (DO(w, CALL_UNSHARE, unshare(CLONE_NEWNS))) {
		return;
	}
	DO(w, CALL_PROPAGATION, mount(NULL, "/", NULL, MS_REC | ways[pick(w, 3)], NULL));
}

void op_setns(struct worker *w)
{
	pid_t pid = __atomic_load_n(&w->shared->slot[pick(w, 16)].pid, __ATOMIC_RELAXED);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid ? pid : 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	DO(w, CALL_SETNS, setns(fd, CLONE_NEWNS));
	close(fd);
}

void op_show(struct worker *w)
{
	static const char * const files[] = { "points", "keys", "requests" };
	enum call call = chance(w, 50) ? CALL_DEBUGFS : CALL_MOUNTINFO;
	char path[64];
	ssize_t ret;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/amfs/%s", files[pick(w, 3)]);
	fd = open(call == CALL_DEBUGFS ? path : "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	do {
		ret = DO(w, call, read(fd, w->buf, 16384));
	} while (ret > 0);
	close(fd);
}
