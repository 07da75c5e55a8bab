// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of a guest of scripts/vm, static, alone in the initramfs:
 * sets the machine up, runs one command, reports what came of it, powers off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "report.h"
#include "setup.h"

/* Output of what the command left behind is waited for so long, no longer. */
#define DRAIN_MS 300

struct command {
	pid_t pid;
	int out, err;		/* our ends of its pipes, -1 once at the end */
	int status;		/* -1 while it runs */
};

static _Noreturn void become(char **argv, char **env, const char *cwd, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (cwd && chdir(cwd)) {
		dprintf(STDERR_FILENO, "vm: cannot enter %s: %s\n", cwd, strerror(errno));
		_exit(127);
	}
	environ = env;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "vm: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void start(struct command *c, char **argv, char **env, const char *cwd)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("no pipe: %s", strerror(errno));
	c->status = -1;
	c->out = out[0];
	c->err = err[0];
	c->pid = fork();
	if (c->pid < 0)
		fail("no process: %s", strerror(errno));
	if (!c->pid)
		become(argv, env, cwd, out[1], err[1]);
	close(out[1]);
	close(err[1]);
}

/* Everybody's orphans end here; only the command's own status counts. */
static void reap(struct command *c)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == c->pid)
			c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void relay(int *from, char type)
{
	char data[16384];
	ssize_t size = read(*from, data, sizeof(data));

	if (size > 0) {
		report(type, data, size);
	} else if (size == 0 || errno != EINTR) {
		close(*from);
		*from = -1;
	}
}

/* Until the command has ended and nothing more comes out of its pipes. */
static int watch(struct command *c, int signals)
{
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd p[] = {
			{ .fd = c->out, .events = POLLIN },
			{ .fd = c->err, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = report_port(), .events = POLLIN },
		};
		int n = poll(p, 4, c->status < 0 ? -1 : DRAIN_MS);

		if (p[0].revents)
			relay(&c->out, 'o');
		if (p[1].revents)
			relay(&c->err, 'e');
		if (p[2].revents && read(signals, &info, sizeof(info)) > 0)
			reap(c);
		if (p[3].revents & POLLIN)
			obey_host();
		if (c->status >= 0 && (n == 0 || (c->out < 0 && c->err < 0)))
			return c->status;
	}
}

/* An object counts as leaked when two scans in a row found no pointer to it. */
static void report_leaks(void)
{
	static const char file[] = "/sys/kernel/debug/kmemleak";
	size_t size;
	char *text;

	if (!put_file(file, "scan") || !put_file(file, "scan"))
		fail("--leaks needs a kernel with kmemleak: use --kernel debug");
	text = get_file(file, &size);
	if (text)
		report('L', text, size);
}

static int run(char **argv, char **env)
{
	struct command c;
	sigset_t child;
	int signals;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	report('R', "", 0);
	start(&c, argv, env, setting("cwd"));
	return watch(&c, signals);
}

int main(void)
{
	/* read before the way back to the initramfs is gone */
	char **argv = get_words("/vm/argv"), **env = get_words("/vm/env");
	int status = 0;

	set_up();
	enter_root();
	/* without a command it was only to be found out whether a guest boots */
	if (argv[0])
		status = run(argv, env);
	if (setting("leaks"))
		report_leaks();
	sync();
	report_status(status);
	wait_for_ack();
	power_off();
}
