// SPDX-License-Identifier: GPL-2.0
/*
 * storm: everything at once, on four automount points.
 *
 *	storm [-t SECONDS] [-w WALKERS] [-p SECONDS] [-s SEED] [-k] -d AMFSD FOLDER
 *
 * Walkers walk to keys that are expired, unmounted by hand, loaded into the kernel and
 * deleted meanwhile, while daemons are killed and replaced, automount points are
 * remounted with other options or go away, and namespaces come and go. Each walk has to
 * end with the key's own mount, or with an errno that the map or the storm has caused
 * (walk.c); nobody may be left asleep; and afterwards everything works and nothing is
 * left (end.c). An operation that never succeeded is a failure too. With -k a wrong
 * answer is told, and the storm goes on.
 *
 * The seed is printed; with it each process does the same again. The order in which
 * the processors run isn't part of it.
 */
#include "storm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct options {
	unsigned int seconds;
	unsigned int walkers;
	unsigned int every;
	uint64_t seed;
	const char *amfsd;
	const char *folder;
};

/* On a slow machine it goes on until everything has happened, so many times as long. */
#define MOST_TIMES 6

static bool goes_on(const struct options *opt, time_t lasted)
{
	if (lasted < opt->seconds)
		return true;
	return lasted < MOST_TIMES * opt->seconds && !all_happened(opt->seconds);
}

static void storm(const struct options *opt)
{
	time_t begin = time(NULL), shown = begin, now;
	unsigned int tick = 0;

	while (goes_on(opt, (now = time(NULL)) - begin) && !stopped()) {
		nap(40000);
		walkers_tend();
		if (!(++tick % 8))
			daemons_tend();
		if (now - shown >= opt->every) {
			progress(now - begin);
			shown = now;
		}
	}
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
}

/* Who has failed has told why; the mounts stay for whoever looks. */
static void give_up_if_failed(const struct options *opt)
{
	if (!__atomic_load_n(&shared->failed, __ATOMIC_RELAXED))
		return;
	fprintf(stderr, "storm: failed; seed %#llx\n", (unsigned long long)opt->seed);
	exit(1);
}

static void after(const struct options *opt)
{
	int missing;

	daemons_calm();
	roles_end();
	if (!shared->patient)
		give_up_if_failed(opt);
	check_the_end();
	daemons_end();
	scene_strike();
	missing = closing_table(opt->seconds);
	check_nothing_left();
	if (missing)
		fail("%d things never happened", missing);
	give_up_if_failed(opt);
}

static void usage(void)
{
	fprintf(stderr, "usage: storm [-t SECONDS] [-w WALKERS] [-p SECONDS] [-s SEED] [-k] -d AMFSD FOLDER\n");
	exit(2);
}

static void parse(struct options *opt, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "t:w:p:s:kd:")) != -1) {
		if (c == 't')
			opt->seconds = atoi(optarg);
		else if (c == 'w')
			opt->walkers = atoi(optarg);
		else if (c == 'p')
			opt->every = atoi(optarg);
		else if (c == 's')
			opt->seed = strtoull(optarg, NULL, 0);
		else if (c == 'k')
			shared->patient = 1;
		else if (c == 'd')
			opt->amfsd = optarg;
		else
			usage();
	}
	if (optind + 1 != argc || !opt->walkers || opt->walkers > MAX_WALKERS || !opt->amfsd)
		usage();
	opt->folder = argv[optind];
	if (!opt->seed)
		opt->seed = ((uint64_t)time(NULL) << 20 ^ getpid()) * 2654435761U;
}

int main(int argc, char **argv)
{
	struct options opt = { .seconds = 60, .walkers = 20, .every = 10 };

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED) {
		shared = NULL;
		fail("mmap: %m");
	}
	parse(&opt, argc, argv);
	chance_begin(opt.seed, CONDUCTOR, 0, 0);
	printf("storm: seed %#llx, %u walkers, %u keys, %u s\n", (unsigned long long)opt.seed,
	       opt.walkers, key_count, opt.seconds);
	state_note();
	scene_set(opt.folder);
	keeper_set(opt.amfsd, opt.folder);
	daemons_start();
	roles_start(opt.walkers);
	storm(&opt);
	after(&opt);
	printf("storm: ok\n");
	return 0;
}
