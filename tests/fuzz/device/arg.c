// SPDX-License-Identifier: GPL-2.0
/* Structures made wrong in all ways, and the memory that they lie in. */
#include "fuzz.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* A flipped bit of a pointer to the buffer has to lead nowhere. */
#define GUARD	(16UL << 20)

#define KERNEL_ADDRESS	((char *)0xffff888000000000UL)

static char *map_guarded(size_t size)
{
	char *start = mmap(NULL, size + 2 * GUARD, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED || mprotect(start + GUARD, size, PROT_READ | PROT_WRITE))
		fail("mmap: %m");
	return start + GUARD;
}

void give_memory(struct worker *w)
{
	w->fence = map_guarded(FENCE_SIZE);
	w->buf = map_guarded(BUF_SIZE);
	w->readonly = map_guarded(FENCE_SIZE);
	if (mprotect(w->readonly, FENCE_SIZE, PROT_READ))
		fail("mprotect: %m");
}

/* The data in memory of some sort: right before a hole, and as a rule whole. */
char *place(struct worker *w, const void *data, size_t size)
{
	char *end = w->fence + FENCE_SIZE, *at;
	size_t whole = size < FENCE_SIZE ? size : FENCE_SIZE;

	memcpy(end - whole, data, whole);
	if (!chance(w, w->spoil / 2))
		return end - whole;
	switch (pick(w, 6)) {
	case 0:
		return NULL;
	case 1:
		return end;
	case 2:
		return KERNEL_ADDRESS + pick(w, 4096);
	case 3:
		at = end - pick(w, whole);
		memcpy(at, data, end - at);
		return at;
	case 4:
		if (mprotect(w->readonly, FENCE_SIZE, PROT_READ | PROT_WRITE))
			fail("mprotect: %m");
		memcpy(w->readonly, data, whole);
		if (mprotect(w->readonly, FENCE_SIZE, PROT_READ))
			fail("mprotect: %m");
		return w->readonly;
	default:
		/* Not aligned. */
		memmove(w->fence + 1, end - whole, whole < 4095 ? whole : 4095);
		return w->fence + 1;
	}
}

/* Returns the size that it has now. */
static size_t mutate(struct worker *w, uint32_t *word, size_t size)
{
	unsigned int at = pick(w, size < 64 ? size / 4 : 16);
	uint32_t more;

	switch (pick(w, 8)) {
	case 0:
		word[0] = a_number(w);
		return size;
	case 1:
		word[1] = a_number(w);
		return size;
	case 2:
		word[at] ^= 1U << pick(w, 32);
		return size;
	case 3:
		word[at] = a_number(w);
		return size;
	case 4:
		((uint8_t *)word)[pick(w, size)] = next_random(&w->seed);
		return size;
	case 5:
	case 6:
		/* A later version's, with zeros or without. */
		more = 4 * (1 + pick(w, 30));
		memset((char *)word + size, 0, more);
		word[0] = size + more;
		if (chance(w, 30))
			((char *)word)[size + pick(w, more)] = 1;
		return size + more;
	default:
		for (at = 2; at < size / 4; at++)
			word[at] = next_random(&w->seed);
		return size;
	}
}

static unsigned long odd_command(struct worker *w, unsigned long cmd)
{
	switch (pick(w, 3)) {
	case 0:
		/* Of a later version: another size. */
		return (cmd & ~(0x3fffUL << 16)) | (unsigned long)pick(w, 0x4000) << 16;
	case 1:
		return cmd ^ 3UL << 30;
	default:
		return cmd | 0xdeadbeefUL << 32;
	}
}

/* What comes back is in @arg if it was told to where it can be read. */
long fuzz_ioctl(struct worker *w, enum call call, int fd, unsigned long cmd, void *arg, size_t size)
{
	_Alignas(8) static __thread char buf[FENCE_SIZE];
	size_t now = size;
	char *at;
	long ret;

	memcpy(buf, arg, size);
	if (chance(w, w->spoil))
		now = mutate(w, (uint32_t *)buf, size);
	at = place(w, buf, now);
	if (chance(w, w->spoil / 4))
		cmd = odd_command(w, cmd);
	ret = DO(w, call, ioctl(fd, cmd, at));
	if (ret >= 0 && at >= w->fence && at + size <= w->fence + FENCE_SIZE)
		memcpy(arg, at, size);
	return ret;
}
