// SPDX-License-Identifier: GPL-2.0
/*
 * A walker: a process that walks, at home or in a mount namespace of its own, gets
 * signals, and ends after a while, taking its namespace along.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void on_signal(int number)
{
	(void)number;
}

/* One with and one without SA_RESTART: neither may be seen by who walks. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (sigaction(SIGUSR1, &action, NULL))
		fail("sigaction: %m");
	action.sa_flags = SA_RESTART;
	if (sigaction(SIGUSR2, &action, NULL))
		fail("sigaction: %m");
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("walker: %s: %m", path);
	close(fd);
}

static void own_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER))
		fail("walker: a user namespace: %m");
	write_to("/proc/self/setgroups", "deny");
	write_to("/proc/self/uid_map", "0 0 1");
	write_to("/proc/self/gid_map", "0 0 1");
	op(OP_NS_USER, 0);
}

static enum home move_out(void)
{
	static const unsigned long propagation[] = {
		[IN_SHARED] = MS_SHARED, [IN_SLAVE] = MS_SLAVE, [IN_PRIVATE] = MS_PRIVATE,
	};
	static const enum op ops[] = {
		[IN_SHARED] = OP_NS_SHARED, [IN_SLAVE] = OP_NS_SLAVE, [IN_PRIVATE] = OP_NS_PRIVATE,
	};
	enum home home = pick(4);

	if (home == AT_HOME)
		return home;
	/* A namespace of another user's is a slave at most. */
	if (home != IN_SHARED && pick(2))
		own_user_namespace();
	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | propagation[home], NULL))
		fail("walker: a namespace: %m");
	op(ops[home], 0);
	return home;
}

void run_walker(unsigned int number)
{
	unsigned int left = 50 + pick(1000);
	const struct key *key;
	enum home home;

	take_signals();
	__atomic_store_n(&shared->ready[number], 1, __ATOMIC_RELEASE);
	home = move_out();
	while (!stopped() && left--) {
		key = key_any();
		walk(key, pick(WAYS), home);
		/* Copies in namespaces go as well. */
		if (home != AT_HOME && !pick(20))
			umount_key(key, home);
		if (!pick(10))
			nap(20000);
		__atomic_add_fetch(&shared->beats[number], 1, __ATOMIC_RELAXED);
	}
	_exit(0);
}
