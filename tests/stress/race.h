/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the race program: see race.c. */
#ifndef RACE_H
#define RACE_H

#include <stdint.h>
#include <sys/types.h>

#define MAP "race"
#define MAX_WALKERS 32

enum route { ROUTE_FD, ROUTE_PATH, ROUTE_KERNEL, ROUTE_MIXED, ROUTE_LOADED,
	     ROUTES };

/* What all processes share; counters are only ever added to atomically. */
struct shared {
	unsigned long walks;
	unsigned long served;
	unsigned long expired;
	unsigned long refused;
	unsigned long umounts;
	unsigned long adopts;
	unsigned long killed_walkers;
	unsigned long namespaces;
	unsigned int stop;
};

/* What a process knows: set up before the forks, the seed is its own. */
struct setup {
	const char *point;
	dev_t dev;
	unsigned int keys;
	enum route route;
	int namespaces;
	uint64_t seed;
	struct shared *shared;
};

void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
unsigned int pick(struct setup *setup, unsigned int below);
void count(unsigned long *counter);
int stopped(const struct setup *setup);

void run_daemon(struct setup *setup) __attribute__((noreturn));

void load_keys(struct setup *setup);
void forget_keys(void);

#endif /* RACE_H */
