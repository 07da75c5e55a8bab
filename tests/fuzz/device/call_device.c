// SPDX-License-Identifier: GPL-2.0
/* Files of the device, whatever can be done to a file. */
#include "fuzz.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where it is in the pool, or -1. */
int do_open(struct worker *w)
{
	int flags = chance(w, 98) ? O_NONBLOCK : 0;

	/* Nothing that makes a file: the module may be away. */
	if (chance(w, 95))
		flags |= O_RDWR;
	else
		flags |= pick(w, 4) | (chance(w, 10) ? O_PATH : O_TRUNC);
	return pool_put(w, FD_DEVICE, DO(w, CALL_OPEN, open(AMFS_DEVICE, flags | O_CLOEXEC)));
}

void op_open(struct worker *w)
{
	int at = do_open(w);

	if (at >= 0 && chance(w, 70))
		do_bind(w, w->pool->fd[FD_DEVICE][at], pick(w, MAPS), pick(w, 2));
}

void op_close(struct worker *w)
{
	int fd = pool_take(w, pick(w, KINDS));

	if (fd >= 0)
		DO(w, CALL_CLOSE, close(fd));
}

static void remember_all(struct worker *w, unsigned int map, const char *buf, ssize_t len)
{
	const struct amfs_msg *msg;
	ssize_t at = 0;

	while (at + (ssize_t)sizeof(*msg) <= len) {
		msg = (const struct amfs_msg *)(buf + at);
		/* A descriptor that was closed meanwhile may be anything. */
		if (msg->size < sizeof(*msg) || msg->size > AMFS_MSG_MAX + 7)
			return;
		if (msg->name_len <= AMFS_NAME_LEN)
			remember(w, map, msg);
		at += msg->size;
	}
}

/* Into memory of all sorts; what is read is answered by nobody, or later by op_done. */
void op_read(struct worker *w)
{
	size_t len = chance(w, 50) ? BUF_SIZE : a_number(w) % BUF_SIZE;
	unsigned int map;
	int fd = a_device(w, &map);
	struct iovec parts[2] = {
		{ w->buf, 400 },
		{ w->buf + 512, chance(w, 50) ? BUF_SIZE - 512 : a_number(w) % (BUF_SIZE - 512) },
	};
	char *at = w->buf;
	ssize_t ret;

	if (chance(w, 15)) {
		DO(w, CALL_READ, readv(fd, parts, 2));
		return;
	}
	if (chance(w, 3))
		DO(w, CALL_PREAD, pread(fd, w->buf, 4096, a_number(w)));
	if (chance(w, w->spoil / 2))
		at = chance(w, 50) ? w->readonly : w->fence + FENCE_SIZE - pick(w, 400);
	ret = DO(w, CALL_READ, read(fd, at, len));
	if (ret > 0 && at == w->buf)
		remember_all(w, map, w->buf, ret);
}

void op_poll(struct worker *w)
{
	struct pollfd fds[3] = {
		{ .fd = a_device(w, NULL), .events = POLLIN | POLLOUT },
		{ .fd = pool_any(w, FD_DEVICE), .events = a_number(w) },
		{ .fd = pool_any(w, FD_OTHER), .events = POLLIN },
	};
	struct epoll_event event = { .events = EPOLLIN | (a_number(w) & EPOLLET) };
	int epoll;

	if (chance(w, 70)) {
		DO(w, CALL_POLL, poll(fds, 1 + pick(w, 3), chance(w, 5)));
		return;
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return;
	DO(w, CALL_EPOLL, epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0].fd, &event));
	DO(w, CALL_EPOLL, epoll_wait(epoll, &event, 1, 0));
	/* Kept: somebody who isn't told when the file is closed. */
	pool_put(w, FD_OTHER, epoll);
}

void op_file(struct worker *w)
{
	static char text[] = "hello";
	int fd = a_device(w, NULL);

	switch (pick(w, 6)) {
	case 0:
		DO(w, CALL_WRITE, write(fd, text, sizeof(text)));
		break;
	case 1:
		DO(w, CALL_MMAP, mmap(NULL, 4096, PROT_READ,
				      pick(w, 2) ? MAP_SHARED : MAP_PRIVATE, fd, 0));
		break;
	case 2:
		/* Mostly without waiting, as it was opened. */
		DO(w, CALL_FCNTL, fcntl(fd, F_SETFL, O_NONBLOCK | (chance(w, 20) ? O_ASYNC : 0)));
		break;
	case 3:
		DO(w, CALL_FCNTL, fcntl(fd, F_GETFL));
		break;
	default:
		pool_put(w, chance(w, 50) ? FD_DEVICE : FD_OTHER,
			 DO(w, CALL_PASS, fcntl(fd, F_DUPFD_CLOEXEC, 0)));
	}
}

/* A file of the device that another process has, and may have bound. */
void op_steal(struct worker *w)
{
	pid_t pid = __atomic_load_n(&w->shared->slot[pick(w, 16)].pid, __ATOMIC_RELAXED);
	int pidfd;

	if (!pid || pid == getpid())
		return;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return;
	/* Above the standard ones; the device's are among the first. */
	pool_put(w, FD_OTHER, DO(w, CALL_STEAL,
				 syscall(SYS_pidfd_getfd, pidfd, 3 + pick(w, 12), 0)));
	close(pidfd);
}

void op_strange(struct worker *w)
{
	unsigned int number = 8 + pick(w, 248);
	unsigned long cmd = _IOC(pick(w, 4), AMFS_IOC_MAGIC, number, pick(w, 600));

	if (chance(w, 20))
		cmd = _IOWR(AMFS_IOC_MAGIC + 1, 1 + pick(w, 7), struct amfs_bind);
	DO(w, CALL_STRANGE, ioctl(a_device(w, NULL), cmd, w->buf));
}

/* Descriptors that have nothing to do with it. */
void op_other_fd(struct worker *w)
{
	int pair[2];

	switch (pick(w, 5)) {
	case 0:
		pool_put(w, FD_OTHER, open("/proc/self/status", O_RDONLY | O_CLOEXEC));
		break;
	case 1:
		pool_put(w, FD_OTHER, open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
		break;
	case 2:
		if (pipe2(pair, O_CLOEXEC | O_NONBLOCK))
			return;
		pool_put(w, FD_OTHER, pair[0]);
		pool_put(w, FD_OTHER, pair[1]);
		break;
	case 3:
		pool_put(w, FD_OTHER, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
		break;
	default:
		pool_put(w, FD_OTHER, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	}
}
