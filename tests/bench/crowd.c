// SPDX-License-Identifier: GPL-2.0
/*
 * So many threads that stop at a gate, do one thing each, and stay. They are
 * made before and end after what is measured; their stacks are small, and one
 * mapping, since there may be 30,000.
 */
#include "bench.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define STACK 16384
#define PAGE 4096

struct crowd {
	unsigned int count;
	void (*work)(unsigned int number, void *data);
	void *data;
	uint32_t at_gate, gate, done, over, leave;
	uint64_t over_ns;
	char *stacks;
	pthread_t *threads;
};

struct member {
	struct crowd *crowd;
	unsigned int number;
};

/*
 * A thread's first look into a page of its stack is a fault. With many threads the
 * mapping has huge pages and there are few, with few threads each has its own.
 */
static void touch_stack(void)
{
	volatile char below[STACK / 2];
	size_t at;

	for (at = 0; at < sizeof(below); at += PAGE)
		below[at] = 0;
}

static void *member_main(void *data)
{
	struct member self = *(struct member *)data;
	struct crowd *crowd = self.crowd;

	free(data);
	touch_stack();
	if (__atomic_add_fetch(&crowd->at_gate, 1, __ATOMIC_ACQ_REL) == crowd->count)
		post(&crowd->at_gate, crowd->count);
	wait_for(&crowd->gate, 1);
	crowd->work(self.number, crowd->data);
	if (__atomic_add_fetch(&crowd->done, 1, __ATOMIC_ACQ_REL) == crowd->count) {
		crowd->over_ns = now_ns();
		post(&crowd->over, 1);
	}
	wait_for(&crowd->leave, 1);
	return NULL;
}

static void start_member(struct crowd *crowd, unsigned int number)
{
	struct member *member = malloc(sizeof(*member));
	pthread_attr_t attr;

	if (!member)
		die("no memory for a thread");
	member->crowd = crowd;
	member->number = number;
	pthread_attr_init(&attr);
	if (pthread_attr_setstack(&attr, crowd->stacks + (size_t)number * STACK, STACK) ||
	    pthread_create(&crowd->threads[number], &attr, member_main, member))
		die("thread %u: %m", number);
	pthread_attr_destroy(&attr);
}

struct crowd *crowd_new(unsigned int count, void (*work)(unsigned int number, void *data),
			void *data)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	unsigned int i;

	if (!crowd)
		die("no memory for threads");
	crowd->count = count;
	crowd->work = work;
	crowd->data = data;
	crowd->threads = calloc(count, sizeof(*crowd->threads));
	crowd->stacks = mmap(NULL, (size_t)count * STACK, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!crowd->threads || crowd->stacks == MAP_FAILED)
		die("no memory for %u threads", count);
	for (i = 0; i < count; i++)
		start_member(crowd, i);
	wait_for(&crowd->at_gate, count);
	return crowd;
}

uint64_t crowd_release(struct crowd *crowd)
{
	uint64_t start = now_ns();

	post(&crowd->gate, 1);
	return start;
}

uint64_t crowd_finish(struct crowd *crowd)
{
	wait_for(&crowd->over, 1);
	return crowd->over_ns;
}

void crowd_free(struct crowd *crowd)
{
	unsigned int i;

	post(&crowd->leave, 1);
	for (i = 0; i < crowd->count; i++)
		pthread_join(crowd->threads[i], NULL);
	munmap(crowd->stacks, (size_t)crowd->count * STACK);
	free(crowd->threads);
	free(crowd);
}

/* How many tasks of this process are inside of a stat(2). */
static unsigned int count_blocked(void)
{
	struct dirent *entry;
	unsigned int count = 0;
	char path[64], text[8];
	DIR *dir = opendir("/proc/self/task");
	FILE *f;

	if (!dir)
		die("/proc/self/task: %m");
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%.16s/syscall", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(text, sizeof(text), f) && strtol(text, NULL, 10) == SYS_newfstatat)
			count++;
		fclose(f);
	}
	closedir(dir);
	return count;
}

void crowd_wait_blocked(unsigned int count)
{
	while (count_blocked() < count)
		settle();
}
