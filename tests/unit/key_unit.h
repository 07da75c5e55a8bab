/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel for the tests of amfsctl key: an ioctl() of our own, by the flag
 * -Wl,--wrap=ioctl, that keeps the keys that it gets; and the rest of what these
 * tests share.
 */
#ifndef AMFS_TESTS_KEY_UNIT_H
#define AMFS_TESTS_KEY_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../src/ctl/key_file.h"

/* The only descriptor that it knows. */
#define KEY_UNIT_FD	77

/* One key that it has; they stay in the order in which they came. */
struct key_unit_loaded {
	char map[AMFS_NAME_SIZE];
	struct amfs_key_record *record;
};

/**
 * struct key_unit - this kernel, seen from outside
 * @count: keys that it has
 * @calls: times that it was called
 * @longest: the most bytes that it was given at once
 * @page: the most records that it gives at once; whoever likes sets it
 */
struct key_unit {
	size_t count;
	unsigned int calls;
	uint32_t longest;
	size_t page;
};

extern struct key_unit key_unit;

/* The key with that number, or NULL. */
const struct key_unit_loaded *key_unit_loaded(size_t i);

/* Forgets all keys. */
void key_unit_clear(void);

/* What is printed between these is kept; it must be @text, and what was returned
 * @wanted.
 */
void key_unit_catch(void);
void key_unit_said(int outcome, int wanted, const char *text);

#define KEY_UNIT_SAYS(call, wanted, text) do {		\
	key_unit_catch();				\
	key_unit_said(call, wanted, text);		\
} while (0)

/* Reads a file F with this text; what is wrong with it goes to stdout. */
void key_unit_read(struct amfs_key_file *file, const char *text);

void key_unit_check(bool good, const char *name);

/* Prints the number of cases; the result is what main() returns. */
int key_unit_finish(void);

#endif /* AMFS_TESTS_KEY_UNIT_H */
