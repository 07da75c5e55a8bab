// SPDX-License-Identifier: GPL-2.0
/*
 * Outcome of a test, and memory that is counted and runs out (see unit.h).
 */
#include "unit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static long live;		/* allocations not freed yet */
static long until_failure = -1;	/* how many succeed, -1 for all */
static bool failed;

static bool fail_now(void)
{
	if (until_failure < 0)
		return false;
	if (until_failure--)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	void *p = fail_now() ? NULL : __real_malloc(size);

	live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fail_now() ? NULL : __real_calloc(n, size);

	live += p != NULL;
	return p;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *p = fail_now() ? NULL : __real_realloc(old, size);

	live += p && !old;
	return p;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

static unsigned int tests;
static unsigned int failures;
static bool ok;
static long live_before;

void unit_begin(void)
{
	ok = true;
	live_before = live;
	tests++;
}

void unit_end(const char *group, const char *name)
{
	unit_check(live == live_before, "%ld allocations leaked",
		   live - live_before);
	if (!ok)
		failures++;
	printf("%s %s: %s\n", ok ? "ok" : "FAIL", group, name);
}

void unit_run(const char *group, const struct unit_test *test, size_t count)
{
	for (; count; count--, test++) {
		unit_begin();
		test->run();
		unit_end(group, test->name);
	}
}

int unit_finish(void)
{
	printf("1..%u\n", tests);
	return failures != 0;
}

bool unit_ok(void)
{
	return ok;
}

bool unit_check(bool cond, const char *fmt, ...)
{
	va_list args;

	if (cond)
		return true;
	ok = false;
	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	return false;
}

void unit_check_str(const char *what, const char *got, const char *want)
{
	unit_check(got && want && !strcmp(got, want), "%s: got <%s>, want <%s>",
		   what, got ? got : "NULL", want ? want : "NULL");
}

void unit_fail_each(int (*attempt)(void *ctx), void *ctx, int success,
		    long at_least)
{
	long n, before = live;
	int rc = -EDOM;

	for (n = 0; n < 10000 && ok; n++) {
		failed = false;
		until_failure = n;
		rc = attempt(ctx);
		until_failure = -1;
		unit_check(live == before, "failure %ld leaks %ld", n,
			   live - before);
		if (!failed)
			break;
		unit_check(rc == -ENOMEM, "failure %ld gives %d", n, rc);
	}
	unit_check(!failed && rc == success, "without failure: %d", rc);
	unit_check(n >= at_least, "only %ld allocations", n);
}
