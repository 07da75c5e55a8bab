// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz-device: calls everything that amfs offers, as no program should.
 *
 *	device [-n CALLS] [-s SEED] [-r ROUNDS] [-p MILLISECONDS]
 *
 * Several processes of several threads each open, bind, read and answer, mount and
 * unmount, walk, load keys and change namespaces, with structures, descriptors and
 * names that are right, nearly right and wrong. Who doesn't come back in time is
 * killed, and so is somebody now and then. It is tried to unload the module in
 * between. After each round all of them are killed; then everything can be unmounted,
 * the module unloaded and loaded, and a key is served.
 *
 * The seed is printed. It decides what each thread calls, one process after the
 * other; neither how they meet nor when one is killed. With a module built for KCOV
 * what leads to new places is repeated, and then chance has a part in it.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* So few mounts can be walked through, so many still meet. */
#define CROWD		90

/* A run of so many calls reaches every kind often. */
#define FULL		500000

#define SAY_MS		20000
#define LAST_MS		2000
#define LOOK_US		5000
#define CALLS_PER_KILL	700
#define CALLS_PER_ROUND	50000

struct run {
	struct shared *shared;
	struct crew *crew;
	struct worker self;
	char base[64];
	unsigned long calls;
	uint64_t seed;
	unsigned int rounds;
	unsigned int patience;
};

void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("fuzz-device: ", stderr);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

/* The folders of the points can't be removed: what they lie on is read-only. */
static void make_base(struct run *run)
{
	const char *folder = getenv("TMPDIR");
	char path[100];
	int i, fd;

	snprintf(run->base, sizeof(run->base), "%.40s/fuzz.XXXXXX", folder ? folder : "/tmp");
	if (!mkdtemp(run->base) || mount("fuzz", run->base, "tmpfs", 0, NULL))
		fail("%s: %m", run->base);
	for (i = 0; i < POINTS; i++) {
		snprintf(path, sizeof(path), "%s/p%d", run->base, i);
		if (mkdir(path, 0755))
			fail("%s: %m", path);
	}
	snprintf(path, sizeof(path), "%s/src", run->base);
	if (mkdir(path, 0755) || mount(NULL, run->base, NULL, MS_SHARED, NULL) ||
	    mount("fuzz", path, "tmpfs", 0, NULL) || mount(NULL, path, NULL, MS_PRIVATE, NULL))
		fail("%s: %m", path);
	strcat(path, "/hello");
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0 || close(fd) || mount(NULL, run->base, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		fail("%s: %m", path);
}

static void remove_base(const struct run *run)
{
	if (umount2(run->base, MNT_DETACH) || rmdir(run->base))
		fail("%s: %m", run->base);
}

static unsigned int count_mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	unsigned int lines = 0;
	int c;

	while (file && (c = getc(file)) != EOF)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

static void say(const struct run *run, unsigned int round, uint64_t started)
{
	printf("fuzz-device: %lu calls in %llu s, round %u of %u, %u mounts, coverage %u\n",
	       run->shared->calls, (unsigned long long)(now_ms() - started) / 1000, round + 1,
	       run->rounds, count_mounts(), run->shared->covered);
	fflush(stdout);
}

/*
 * One of each sort, to begin with. By a process of its own: the workers may have been
 * faster, and make it wait for whatever they have mounted there.
 */
static pid_t mount_points(struct run *run)
{
	static const char * const opts[POINTS] = {
		"timeout=1,deadline=1", "timeout=1,deadline=1,route=path",
		"timeout=1,deadline=1,route=kernel", "timeout=1,deadline=1,direct=x",
		"timeout=1,deadline=1,nsattach=no",
	};
	char path[100], map[8];
	pid_t pid = fork();
	int i;

	if (pid < 0)
		fail("fork: %m");
	if (pid)
		return pid;
	for (i = 0; i < POINTS; i++) {
		snprintf(path, sizeof(path), "%s/p%d", run->base, i);
		snprintf(map, sizeof(map), "m%d", i % MAPS);
		DO(&run->self, CALL_MOUNT, mount(map, path, "amfs", 0, opts[i]));
	}
	_exit(0);
}

/* Nobody needs it just now? Then it goes, and comes back. */
static void disturb(struct run *run)
{
	crew_kill_one(run->crew);
	if (!module_unload(&run->self, O_NONBLOCK) && module_load(&run->self))
		fail("the module can't be loaded again: %m");
	run->shared->crowded = count_mounts() > CROWD;
}

static int one_round(struct run *run, unsigned int round, uint64_t started)
{
	unsigned long disturbed = run->shared->calls;
	uint64_t said = now_ms(), over = 0;
	pid_t mounter;
	int ret;

	run->shared->limit = run->calls * (round + 1) / run->rounds;
	crew_start(run->crew);
	/* They may open the device and mount while it comes. */
	if (access("/sys/module/amfs", F_OK) && module_load(&run->self))
		fail("the module can't be loaded: %m");
	mounter = mount_points(run);
	while ((ret = crew_watch(run->crew, run->patience)) > 0) {
		if (run->shared->calls - disturbed > CALLS_PER_KILL) {
			disturbed = run->shared->calls;
			disturb(run);
		}
		/* Who waits where nobody counts, and who began again, needn't be waited for. */
		if (run->shared->calls < run->shared->limit)
			over = now_ms() + LAST_MS;
		else if (now_ms() > over)
			break;
		if (now_ms() - said > SAY_MS) {
			said = now_ms();
			say(run, round, started);
		}
		usleep(LOOK_US);
	}
	if (kill(mounter, SIGKILL) || waitpid(mounter, NULL, 0) != mounter)
		fail("the one who mounted points: %m");
	if (crew_stop(run->crew) || ret < 0)
		return -1;
	if (all_gone(&run->self) || module_load(&run->self) || works_again(&run->self))
		return -1;
	if (round % 2)
		return 0;
	/* The next round begins without it. */
	return module_unload(&run->self, O_NONBLOCK);
}

static void parse(struct run *run, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:s:r:p:")) != -1) {
		if (opt == 'n')
			run->calls = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			run->seed = strtoull(optarg, NULL, 0);
		else if (opt == 'r')
			run->rounds = strtoul(optarg, NULL, 0);
		else if (opt == 'p')
			run->patience = strtoul(optarg, NULL, 0);
		else
			exit(2);
	}
	if (!run->rounds)
		run->rounds = 1 + run->calls / CALLS_PER_ROUND;
	if (optind != argc || !run->calls || !run->patience)
		fail("usage: device [-n CALLS] [-s SEED] [-r ROUNDS] [-p MILLISECONDS]");
}

int main(int argc, char **argv)
{
	struct run run = { .calls = 1000000, .seed = (uint64_t)time(NULL), .patience = 300 };
	uint64_t started = now_ms();
	unsigned int round;
	int ret = 0;

	parse(&run, argc, argv);
	printf("fuzz-device: seed %#llx, %lu calls in %u rounds\n",
	       (unsigned long long)run.seed, run.calls, run.rounds);
	fflush(stdout);
	make_base(&run);
	run.shared = mmap(NULL, sizeof(*run.shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.shared == MAP_FAILED)
		fail("mmap: %m");
	cover_find_module(run.shared);
	run.crew = crew_new(run.shared, run.base, run.seed);
	run.self = (struct worker){
		.shared = run.shared, .slot = &run.shared->slot[MOST_THREADS - 1],
		.base = run.base, .seed = run.seed,
	};
	for (round = 0; round < run.rounds && !ret; round++)
		ret = one_round(&run, round, started);
	say(&run, round - 1, started);
	print_tally(run.shared);
	ret |= check_tally(run.shared, run.calls >= FULL);
	if (access("/sys/module/amfs", F_OK))
		ret |= module_load(&run.self);
	remove_base(&run);
	printf("fuzz-device: %s\n", ret ? "FAILED" : "ok");
	return ret ? 1 : 0;
}
