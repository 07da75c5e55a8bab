/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every unit test of the user-space code uses: a test prints one line, and
 * all memory it takes is counted and can be made to run out.
 *
 * A test program is linked with unit.c and the flags
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#ifndef AMFS_TESTS_UNIT_H
#define AMFS_TESTS_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct unit_test - a test that is a function
 * @name: printed with the outcome
 * @run: calls unit_check() for all that must hold
 */
struct unit_test {
	const char *name;
	void (*run)(void);
};

/* Start and end a test; memory it hasn't freed by then is a failure. */
void unit_begin(void);
void unit_end(const char *group, const char *name);

/* Runs all @tests. */
void unit_run(const char *group, const struct unit_test *tests, size_t count);

/* Prints the number of tests; the result is what main() returns. */
int unit_finish(void);

/* Fails the test unless @cond holds; returns @cond. */
bool unit_check(bool cond, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void unit_check_str(const char *what, const char *got, const char *want);

/* Whether all checks of the test have held so far. */
bool unit_ok(void);

/**
 * unit_fail_each() - let each allocation of a function fail in turn
 * @attempt: is called until nothing fails any more; frees all it gets
 * @ctx: handed to @attempt
 * @success: what @attempt returns when it has memory, else it is -ENOMEM
 * @at_least: how many allocations there must be, or the test tests nothing
 */
void unit_fail_each(int (*attempt)(void *ctx), void *ctx, int success,
		    long at_least);

#endif /* AMFS_TESTS_UNIT_H */
