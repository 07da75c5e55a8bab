// SPDX-License-Identifier: GPL-2.0
/*
 * A supervisor's life: make the staging place, run the helper, clone what it
 * mounted, send that. One thread, so it may change its mount namespace.
 *
 * Its namespace is a slave of the daemon's: what is unmounted there goes here
 * too, so a helper that hangs, or leaves a FUSE server behind, doesn't keep
 * filesystems busy that have nothing to do with it.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper_errno.h"
#include "log.h"

#define STAGE		AMFS_STAGE_DIR "/mount"

/* So much of what a helper prints is kept. */
#define OUTPUT_SIZE	4096

/* Room for the path of a helper's own utab. */
#define UTAB_PATH	64

/* Return: @error, for the caller to hand on. */
static int fail(struct amfs_helper_result *result, int error, const char *what)
{
	result->error = (uint32_t)error;
	snprintf(result->text, sizeof(result->text), "%s: %s", what,
		 strerror(error));
	return error;
}

static int make_stage(struct amfs_helper_result *result)
{
	if (unshare(CLONE_NEWNS))
		return fail(result, errno, "unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return fail(result, errno, "mount --make-rslave /");
	if (mkdir(AMFS_STAGE_DIR, 0700) && errno != EEXIST)
		return fail(result, errno, AMFS_STAGE_DIR);
	if (mount("amfs-stage", AMFS_STAGE_DIR, "tmpfs",
		  MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=64k"))
		return fail(result, errno, "tmpfs on " AMFS_STAGE_DIR);
	if (mkdir(STAGE, 0700))
		return fail(result, errno, STAGE);
	return 0;
}

/*
 * A file that can't grow: a helper, or a server that it leaves behind, may
 * print for ever without anybody having to read it.
 */
static int make_output(void)
{
	int fd = memfd_create("amfs-helper-output",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, OUTPUT_SIZE) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Return: the errno that is in what was printed so far; keeps that text. */
static int read_output(int fd, struct amfs_helper_result *result)
{
	char text[OUTPUT_SIZE + 1];
	ssize_t n = pread(fd, text, OUTPUT_SIZE, 0);

	/* What was never written is zero and ends the text. */
	text[n < 0 ? 0 : n] = '\0';
	amfs_one_line(result->text, sizeof(result->text), text);
	return amfs_helper_errno(text);
}

/*
 * Helpers made with libmount note what they mounted where, for umount(8). What
 * they know of the place is of no use to anyone, and nobody would ever delete
 * it: each gets a file of its own, which goes with it.
 */
static void utab_path(char path[UTAB_PATH], const char *suffix)
{
	snprintf(path, UTAB_PATH, "%s/utab.%ld%s", AMFS_STAGE_DIR,
		 (long)getpid(), suffix);
}

static int make_utab(struct amfs_helper_result *result)
{
	char path[UTAB_PATH];

	if (mkdir(AMFS_STAGE_DIR, 0700) && errno != EEXIST)
		return fail(result, errno, AMFS_STAGE_DIR);
	utab_path(path, "");
	if (setenv("LIBMOUNT_UTAB", path, 1))
		return fail(result, errno, "setenv");
	return 0;
}

/* They are there only when the helper wrote them. */
static void remove_utab(void)
{
	char path[UTAB_PATH];

	utab_path(path, "");
	unlink(path);
	utab_path(path, ".lock");
	unlink(path);
}

static bool die_with(pid_t parent)
{
	/* The parent may have died before it took effect. */
	return !prctl(PR_SET_PDEATHSIG, SIGKILL) && getppid() == parent;
}

static void run(char **argv, const char *target, int output, pid_t parent)
{
	const char *args[16];
	int null;
	int n = 0;

	args[n++] = argv[AMFS_HELPER_ARG_PROGRAM];
	args[n++] = argv[AMFS_HELPER_ARG_SOURCE];
	args[n++] = target;
	if (*argv[AMFS_HELPER_ARG_OPTIONS]) {
		args[n++] = "-o";
		args[n++] = argv[AMFS_HELPER_ARG_OPTIONS];
	}
	if (*argv[AMFS_HELPER_ARG_SUBTYPE]) {
		args[n++] = "-t";
		args[n++] = argv[AMFS_HELPER_ARG_SUBTYPE];
	}
	args[n] = NULL;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (!die_with(parent) || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(126);
	execv(args[0], (char **)args);
	dprintf(STDERR_FILENO, "%s: %s\n", args[0], strerror(errno));
	_exit(127);
}

static int wait_for(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) != pid)
		if (errno != EINTR)
			return -1;
	return 0;
}

static int run_helper(char **argv, const char *target,
		      struct amfs_helper_result *result)
{
	pid_t self = getpid();
	int output;
	int status;
	pid_t pid;
	int error;

	if (make_utab(result))
		return (int)result->error;
	output = make_output();
	if (output < 0)
		return fail(result, errno, "memfd_create");
	pid = fork();
	if (pid < 0) {
		close(output);
		return fail(result, errno, "fork");
	}
	if (!pid)
		run(argv, target, output, self);
	if (wait_for(pid, &status)) {
		close(output);
		return fail(result, errno, "waitpid");
	}
	error = read_output(output, result);
	close(output);
	remove_utab();
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	result->error = (uint32_t)error;
	if (WIFSIGNALED(status)) {
		snprintf(result->text, sizeof(result->text),
			 "%s was killed by signal %d",
			 argv[AMFS_HELPER_ARG_PROGRAM], WTERMSIG(status));
		result->error = EIO;
	}
	return (int)result->error;
}

static bool on_stage_filesystem(int fd)
{
	struct stat mounted;
	struct stat stage;

	/* A FUSE filesystem may refuse; the staging filesystem never does. */
	if (fstat(fd, &mounted) || stat(AMFS_STAGE_DIR, &stage))
		return false;
	return mounted.st_dev == stage.st_dev;
}

/*
 * Return: a descriptor of the detached clone. Nothing of the helper's mount is
 * left here, else a FUSE server living on in this namespace would never see
 * the last of its own filesystem.
 */
static int take_mount(struct amfs_helper_result *result)
{
	int fd = open_tree(AT_FDCWD, STAGE, OPEN_TREE_CLONE | AT_RECURSIVE |
			   OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

	if (fd < 0) {
		fail(result, errno, "open_tree");
		return -1;
	}
	if (on_stage_filesystem(fd)) {
		close(fd);
		result->error = EIO;
		snprintf(result->text, sizeof(result->text),
			 "the helper reported success but mounted nothing");
		return -1;
	}
	if (umount2(STAGE, MNT_DETACH | UMOUNT_NOFOLLOW)) {
		fail(result, errno, "umount " STAGE);
		close(fd);
		return -1;
	}
	return fd;
}

static int send_result(const struct amfs_helper_result *result, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = {
		.iov_base = (void *)result,
		.iov_len = sizeof(*result),
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	struct cmsghdr *header;

	if (fd >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		header = CMSG_FIRSTHDR(&msg);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	return sendmsg(AMFS_HELPER_SOCKET, &msg, MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(*result) ? 0 : 1;
}

int amfs_helper_main(int argc, char **argv)
{
	struct amfs_helper_result result = { 0 };
	const char *target;
	int fd = -1;

	if (argc != AMFS_HELPER_ARGS ||
	    fcntl(AMFS_HELPER_SOCKET, F_SETFD, FD_CLOEXEC)) {
		fprintf(stderr, "%s is started by amfsd only\n",
			AMFS_HELPER_NAME);
		return 2;
	}
	/* NOLINTNEXTLINE(cert-err34-c): what isn't a number is nobody's parent */
	if (!die_with((pid_t)atol(argv[AMFS_HELPER_ARG_PARENT])))
		return 1;
	target = argv[AMFS_HELPER_ARG_TARGET];
	if (*target)
		run_helper(argv, target, &result);
	else if (!make_stage(&result) && !run_helper(argv, STAGE, &result))
		fd = take_mount(&result);
	return send_result(&result, fd);
}
