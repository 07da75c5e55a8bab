// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage of the module by KCOV, if it was built for that: operations that reached
 * something new are repeated, up to some point, and gone on from there.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <linux/kcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES	(64 * 1024)

/* Without KCOV this does nothing, and so do all others. */
void cover_begin(struct worker *w)
{
	int fd;

	if (!w->shared->text)
		return;
	fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!ioctl(fd, KCOV_INIT_TRACE, PLACES)) {
		w->cover = mmap(NULL, PLACES * sizeof(uint64_t), PROT_READ | PROT_WRITE,
				MAP_SHARED, fd, 0);
		if (w->cover == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
			w->cover = NULL;
	}
	/* The mapping keeps it. */
	close(fd);
}

/* How many places were reached since the last call that nobody had reached before. */
int cover_new(struct worker *w)
{
	struct shared *shared = w->shared;
	uint64_t i, count, place;
	uint8_t old;
	int found = 0;

	if (!w->cover)
		return 0;
	count = __atomic_load_n(&w->cover[0], __ATOMIC_RELAXED);
	for (i = 1; i <= count && i < PLACES; i++) {
		place = (w->cover[i] - shared->text) % COVER_BITS;
		if (shared->reached[place / 8] & 1U << place % 8)
			continue;
		old = __atomic_fetch_or(&shared->reached[place / 8], 1U << place % 8,
					__ATOMIC_RELAXED);
		found += !(old & 1U << place % 8);
	}
	__atomic_store_n(&w->cover[0], 0, __ATOMIC_RELAXED);
	if (found)
		__atomic_add_fetch(&shared->covered, found, __ATOMIC_RELAXED);
	return found;
}

/* Where the module lies, anew after each load. */
void cover_find_module(struct shared *shared)
{
	FILE *file = fopen("/sys/module/amfs/sections/.text", "re");
	unsigned long long address = 0;

	if (file && fscanf(file, "%llx", &address) != 1)
		address = 0;
	if (file)
		fclose(file);
	shared->text = address;
}

/* The seed to go on with; @made says what is done until then: nothing, or a recipe. */
uint64_t cover_choose(struct worker *w, struct recipe *made)
{
	unsigned int count = __atomic_load_n(&w->shared->recipes, __ATOMIC_ACQUIRE);
	uint64_t seed = next_random(&w->seed);

	made->parts = 0;
	made->role = w->role;
	if (!w->cover || !count || pick(w, 2))
		return seed;
	*made = w->shared->recipe[pick(w, count < RECIPES ? count : RECIPES)];
	if (made->role != w->role || made->parts >= PARTS)
		made->parts = 0;
	else
		made->part[made->parts - 1].ops -= pick(w, made->part[made->parts - 1].ops);
	return seed;
}

void cover_keep(struct worker *w, const struct recipe *made)
{
	unsigned int at = __atomic_fetch_add(&w->shared->recipes, 1, __ATOMIC_ACQ_REL);

	w->shared->recipe[at % RECIPES] = *made;
}
