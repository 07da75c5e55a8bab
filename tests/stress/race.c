// SPDX-License-Identifier: GPL-2.0
/*
 * race: walkers against expiry, umount, daemon kills and adopts.
 *
 *	race [-t SECONDS] [-k KEYS] [-w WALKERS] [-r fd|path|kernel|mixed|loaded] [-n] [-s SEED]
 *	     POINT
 *
 * With loaded keys the kernel mounts without the daemon. With -n every other walker lives in a mount namespace of its own, with private,
 * slave or shared propagation. POINT is an automount point of the map "race". Every walk must succeed and
 * see the mounted filesystem, whatever happens meanwhile; the only excuse is a
 * SIGKILL. At the end all keys are walked once more, and expired. The seed is
 * printed; the order in which two CPUs run isn't part of it.
 */
#include "race.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/amfs.h>

static const char * const routes[ROUTES] = { "fd", "path", "kernel", "mixed", "loaded" };

void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

/* xorshift: each process has its own state, derived from the printed seed. */
unsigned int pick(struct setup *setup, unsigned int below)
{
	setup->seed ^= setup->seed << 13;
	setup->seed ^= setup->seed >> 7;
	setup->seed ^= setup->seed << 17;
	return (setup->seed >> 33) % below;
}

void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

int stopped(const struct setup *setup)
{
	return __atomic_load_n(&setup->shared->stop, __ATOMIC_RELAXED);
}

/* --- walkers ---------------------------------------------------------------- */

static int walk_open(const char *key)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/hello", key);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int walk_stat(struct setup *setup, const char *key)
{
	struct stat st;

	if (stat(key, &st))
		return errno;
	if (st.st_dev == setup->dev)
		fail("stat(%s) shows the bare trigger", key);
	return 0;
}

static int walk_list(const char *key)
{
	struct dirent *entry;
	DIR *dir = opendir(key);
	int found = 0;

	if (!dir)
		return errno;
	while ((entry = readdir(dir)))
		found |= !strcmp(entry->d_name, "hello");
	closedir(dir);
	if (!found)
		fail("%s looks empty", key);
	return 0;
}

static void walk(struct setup *setup, unsigned int number)
{
	static const char * const names[] = { "open", "stat", "opendir", "access" };
	unsigned int way = pick(setup, 4);
	char key[256];
	int err;

	snprintf(key, sizeof(key), "%s/key%u", setup->point, number);
	switch (way) {
	case 0:
		err = walk_open(key);
		break;
	case 1:
		err = walk_stat(setup, key);
		break;
	case 2:
		err = walk_list(key);
		break;
	default:
		err = access(key, X_OK) ? errno : 0;
		break;
	}
	if (err)
		fail("%s(%s): %s", names[way], key, strerror(err));
	count(&setup->shared->walks);
}

static void move_out(struct setup *setup)
{
	static const unsigned long ways[] = { MS_PRIVATE, MS_SLAVE, MS_SHARED };

	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | ways[pick(setup, 3)], NULL))
		fail("walker: a namespace: %m");
	count(&setup->shared->namespaces);
}

static void run_walker(struct setup *setup)
{
	if (setup->namespaces && pick(setup, 2))
		move_out(setup);
	while (!stopped(setup))
		walk(setup, pick(setup, setup->keys));
	_exit(0);
}

/* --- those who get in the way ------------------------------------------------- */

static void nap(struct setup *setup, unsigned int most_us)
{
	usleep(pick(setup, most_us));
}

static void run_umounter(struct setup *setup)
{
	char key[256];

	while (!stopped(setup)) {
		snprintf(key, sizeof(key), "%s/key%u", setup->point, pick(setup, setup->keys));
		if (!umount2(key, pick(setup, 2) ? MNT_DETACH : 0))
			count(&setup->shared->umounts);
		nap(setup, 20000);
	}
	_exit(0);
}

static int expire(struct setup *setup, unsigned int flags)
{
	struct amfs_expire arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.flags = flags,
		.map = MAP,
	};
	int dev = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC), err;

	if (dev < 0)
		fail("expire: %s: %m", AMFS_DEVICE);
	if (flags == AMFS_EXPIRE_KEY)
		arg.key_len = snprintf(arg.key, sizeof(arg.key), "key%u",
				       pick(setup, setup->keys));
	err = ioctl(dev, AMFS_IOC_EXPIRE, &arg) ? errno : 0;
	close(dev);
	return err;
}

static void run_expirer(struct setup *setup)
{
	static const unsigned int ways[] = { AMFS_EXPIRE_KEY, AMFS_EXPIRE_ALL, AMFS_EXPIRE_DUE };
	int err;

	while (!stopped(setup)) {
		err = expire(setup, ways[pick(setup, 3)]);
		/* No such key mounted; between two daemons. */
		if (err && err != ENOENT && err != ENOLINK)
			fail("expire: %s", strerror(err));
		nap(setup, 5000);
	}
	_exit(0);
}

/* --- the one who starts and kills them ------------------------------------------ */

static pid_t start(struct setup *setup, void (*role)(struct setup *setup))
{
	pid_t pid;

	pick(setup, 2);
	pid = fork();
	if (pid < 0)
		fail("fork: %m");
	if (pid)
		return pid;
	setup->seed ^= (uint64_t)getpid() << 20;
	role(setup);
	_exit(0);
}

static void reap(pid_t pid, const char *who, int killed)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid: %m");
	if (killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail("%s ended with status %#x", who, status);
}

/* Now the old daemon dies first, now the new one takes its map away from it. */
static pid_t change_daemon(struct setup *setup, pid_t daemon)
{
	pid_t next;

	if (pick(setup, 2)) {
		kill(daemon, SIGKILL);
		reap(daemon, "daemon", 1);
		return start(setup, run_daemon);
	}
	next = start(setup, run_daemon);
	nap(setup, 50000);
	kill(daemon, SIGKILL);
	reap(daemon, "daemon", 1);
	return next;
}

static void change_walker(struct setup *setup, pid_t *walker)
{
	kill(*walker, SIGKILL);
	reap(*walker, "walker", 1);
	count(&setup->shared->killed_walkers);
	*walker = start(setup, run_walker);
}

static void check_the_end(struct setup *setup)
{
	unsigned int number;
	int err;

	for (number = 0; number < setup->keys; number++)
		walk(setup, number);
	err = expire(setup, AMFS_EXPIRE_ALL);
	if (err)
		fail("the last expire: %s", strerror(err));
}

static void race(struct setup *setup, unsigned int walkers, unsigned int seconds)
{
	pid_t walker[MAX_WALKERS], daemon, expirer, umounter;
	time_t end = time(NULL) + seconds;
	unsigned int i;

	daemon = start(setup, run_daemon);
	expirer = start(setup, run_expirer);
	umounter = start(setup, run_umounter);
	for (i = 0; i < walkers; i++)
		walker[i] = start(setup, run_walker);
	while (time(NULL) < end) {
		nap(setup, 200000);
		if (pick(setup, 3))
			change_walker(setup, &walker[pick(setup, walkers)]);
		else
			daemon = change_daemon(setup, daemon);
	}
	setup->shared->stop = 1;
	for (i = 0; i < walkers; i++)
		reap(walker[i], "walker", 0);
	reap(expirer, "expirer", 0);
	reap(umounter, "umounter", 0);
	check_the_end(setup);
	kill(daemon, SIGKILL);
	reap(daemon, "daemon", 1);
}

static enum route parse_route(const char *word)
{
	int i;

	for (i = 0; i < ROUTES; i++)
		if (!strcmp(word, routes[i]))
			return i;
	fail("-r %s: expected fd, path, kernel, mixed or loaded", word);
}

int main(int argc, char **argv)
{
	struct setup setup = { .keys = 8, .seed = (uint64_t)time(NULL) * 2654435761U };
	unsigned int walkers = 8, seconds = 10;
	struct stat st;
	int opt;

	while ((opt = getopt(argc, argv, "t:k:w:r:ns:")) != -1) {
		if (opt == 't')
			seconds = atoi(optarg);
		else if (opt == 'k')
			setup.keys = atoi(optarg);
		else if (opt == 'w')
			walkers = atoi(optarg);
		else if (opt == 'r')
			setup.route = parse_route(optarg);
		else if (opt == 'n')
			setup.namespaces = 1;
		else if (opt == 's')
			setup.seed = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind + 1 != argc || !setup.keys || !walkers || walkers > MAX_WALKERS || !setup.seed)
		fail("usage: race [-t SECONDS] [-k KEYS] [-w WALKERS, at most %d] [-r fd|path|kernel|mixed|loaded] [-n] [-s SEED] POINT",
		     MAX_WALKERS);
	setup.point = argv[optind];
	if (stat(setup.point, &st))
		fail("%s: %m", setup.point);
	setup.dev = st.st_dev;
	setup.shared = mmap(NULL, sizeof(*setup.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (setup.shared == MAP_FAILED)
		fail("mmap: %m");
	printf("race: seed %#llx, %u keys, %u walkers, route %s%s, %u s\n",
	       (unsigned long long)setup.seed, setup.keys, walkers, routes[setup.route],
	       setup.namespaces ? ", namespaces" : "", seconds);
	fflush(stdout);
	if (setup.route == ROUTE_LOADED)
		load_keys(&setup);
	race(&setup, walkers, seconds);
	if (setup.route == ROUTE_LOADED)
		forget_keys();
	printf("race: %lu walks, %lu served, %lu expired, %lu refused, %lu umounts, %lu daemons, %lu walkers killed, %lu namespaces\n",
	       setup.shared->walks, setup.shared->served, setup.shared->expired,
	       setup.shared->refused, setup.shared->umounts, setup.shared->adopts,
	       setup.shared->killed_walkers, setup.shared->namespaces);
	return 0;
}
