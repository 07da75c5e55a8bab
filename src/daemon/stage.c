// SPDX-License-Identifier: GPL-2.0
/* Starts a helper's supervisor and takes its result; see helper.h. */
#include "stage.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "log.h"
#include "map.h"
#include "mount_options.h"
#include "pool.h"

static bool find_named(const char *type, size_t len,
		       char program[AMFS_STAGE_PROGRAM])
{
	static const char *const folders[] = { "/sbin", "/usr/sbin" };
	size_t i;
	int n;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		n = snprintf(program, AMFS_STAGE_PROGRAM, "%s/mount.%.*s",
			     folders[i], (int)len, type);
		if (n < AMFS_STAGE_PROGRAM && !access(program, X_OK))
			return true;
	}
	return false;
}

bool amfs_stage_find(const char *fstype, char program[AMFS_STAGE_PROGRAM],
		     bool *needs_type)
{
	size_t base = strcspn(fstype, ".");

	*needs_type = false;
	/* It becomes part of a path. */
	if (strchr(fstype, '/'))
		return false;
	if (find_named(fstype, strlen(fstype), program))
		return true;
	*needs_type = fstype[base] == '.';
	return *needs_type && find_named(fstype, base, program);
}

/*
 * In its own process group, so that it can be ended with all it started;
 * except with a @target: there only the daemon's group gets through.
 */
static int set_attributes(posix_spawnattr_t *attr, bool own_group)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t set;
	int error;

	if (own_group)
		flags |= POSIX_SPAWN_SETPGROUP;
	error = posix_spawnattr_setflags(attr, flags);
	sigemptyset(&set);
	if (!error)
		error = posix_spawnattr_setsigmask(attr, &set);
	sigfillset(&set);
	if (!error)
		error = posix_spawnattr_setsigdefault(attr, &set);
	return error;
}

static int spawn(const char *const argv[], int socket, bool own_group,
		 pid_t *pid)
{
	static const char *const environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL,
	};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawnattr_init(&attr);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return -error;
	}
	error = set_attributes(&attr, own_group);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, socket,
							 AMFS_HELPER_SOCKET);
	if (!error)
		error = posix_spawn(pid, "/proc/self/exe", &actions, &attr,
				    (char *const *)argv,
				    (char *const *)environment);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

/* Return: 0; -EIO when it died without a word. @fd is -1 without a mount. */
static int receive(int socket, struct amfs_helper_result *result, int *fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {
		.iov_base = result,
		.iov_len = sizeof(*result),
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *header;
	ssize_t n;

	*fd = -1;
	do {
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	header = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	if (n != (ssize_t)sizeof(*result))
		return -EIO;
	result->text[sizeof(result->text) - 1] = '\0';
	return 0;
}

/* The number stays the child's until waitpid(2), so the victim goes before. */
static void reap(struct amfs_job *job, pid_t pid)
{
	siginfo_t info;
	int status;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) &&
	       errno == EINTR)
		;
	amfs_job_clear_victim(job);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

static int judge(const struct amfs_helper_result *result, int fd,
		 bool wants_fd, struct amfs_why *why)
{
	if (result->error) {
		if (fd >= 0)
			close(fd);
		amfs_why_set(why, "%s", result->text);
		return -(int)result->error;
	}
	return wants_fd ? fd : 0;
}

static int run(struct amfs_job *job, const char *const argv[], bool staged,
	       struct amfs_why *why)
{
	struct amfs_helper_result result;
	pid_t pid = 0;
	int ends[2];
	int error;
	int fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	error = spawn(argv, ends[1], staged, &pid);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		amfs_why_set(why, "the helper's supervisor can't be started");
		return error;
	}
	amfs_job_set_victim(job, staged ? -pid : pid);
	error = receive(ends[0], &result, &fd);
	close(ends[0]);
	reap(job, pid);
	if (!error && (result.error || !staged || fd >= 0))
		return judge(&result, fd, staged, why);
	amfs_why_set(why, "the helper was stopped");
	return -EIO;
}

int amfs_stage_mount(struct amfs_job *job, const char *program,
		     bool needs_type, const struct amfs_mount_spec *spec,
		     const char *target, struct amfs_why *why)
{
	const char *argv[AMFS_HELPER_ARGS + 1] = { 0 };
	char parent[24];
	char *options;
	int fd;

	options = amfs_mount_options_for_helper(spec->options);
	if (!options)
		return -ENOMEM;
	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	argv[AMFS_HELPER_ARG_NAME] = AMFS_HELPER_NAME;
	argv[AMFS_HELPER_ARG_PARENT] = parent;
	argv[AMFS_HELPER_ARG_PROGRAM] = program;
	argv[AMFS_HELPER_ARG_SUBTYPE] = needs_type ? spec->fstype : "";
	argv[AMFS_HELPER_ARG_SOURCE] = spec->source;
	argv[AMFS_HELPER_ARG_OPTIONS] = options;
	argv[AMFS_HELPER_ARG_TARGET] = target ? target : "";
	fd = run(job, argv, !target, why);
	free(options);
	return fd;
}
