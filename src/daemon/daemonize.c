// SPDX-License-Identifier: GPL-2.0
/* The parent's exit status is the outcome of the start, so scripts can tell. */
#include "daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

/* The end that tells the parent, -1 when there is none to tell. */
static int to_parent = -1;

/* A byte says that it works; the end of the pipe, that it doesn't. */
static _Noreturn void wait_for_child(int from_child, pid_t pid)
{
	int status;
	ssize_t n;
	char byte;

	do {
		n = read(from_child, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) :
	      1);
}

int amfs_daemonize_begin(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		amfs_log(LOG_ERR, "pipe: %s", strerror(errno));
		return -errno;
	}
	pid = fork();
	if (pid < 0) {
		amfs_log(LOG_ERR, "fork: %s", strerror(errno));
		return -errno;
	}
	if (pid) {
		close(ends[1]);
		wait_for_child(ends[0], pid);
	}
	close(ends[0]);
	to_parent = ends[1];
	if (setsid() >= 0)
		return 0;
	amfs_log(LOG_ERR, "setsid: %s", strerror(errno));
	return -errno;
}

void amfs_daemonize_ready(void)
{
	int null;

	if (to_parent < 0)
		return;
	amfs_log_use_syslog();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		amfs_log(LOG_WARNING, "/dev/null: %s", strerror(errno));
	if (null > STDERR_FILENO)
		close(null);
	/* A parent that was killed meanwhile has no use for it. */
	if (write(to_parent, "", 1) != 1)
		amfs_log(LOG_NOTICE, "nobody waits for the start");
	close(to_parent);
	to_parent = -1;
}
