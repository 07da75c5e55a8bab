/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the core's fuzzer share: the input as a run of choices.
 */
#ifndef AMFS_FUZZ_CORE_H
#define AMFS_FUZZ_CORE_H

#include <linux/types.h>

#define require(cond) \
	do { \
		if (!(cond)) \
			__builtin_trap(); \
	} while (0)

/**
 * struct input - what is left of the input; zeros behind its end
 * @pos: the next byte.
 * @end: behind the last one.
 */
struct input {
	const unsigned char *pos;
	const unsigned char *end;
};

static inline bool more(const struct input *in)
{
	return in->pos < in->end;
}

/* Some number below @limit, which is at most 256. */
static inline unsigned int below(struct input *in, unsigned int limit)
{
	return more(in) ? *in->pos++ % limit : 0;
}

/* Mostly near, so that many are equal; now and then an extreme. */
static inline u64 some_time(struct input *in)
{
	unsigned int byte = below(in, 256);

	return byte < 0xf0 ? byte % 32 : ~(u64)(byte % 4);
}

void fuzz_dueq(struct input *in);
void fuzz_request(struct input *in);
void fuzz_proto(struct input *in);

#endif /* AMFS_FUZZ_CORE_H */
