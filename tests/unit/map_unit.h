/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the map parser share. */
#ifndef AMFS_TESTS_MAP_UNIT_H
#define AMFS_TESTS_MAP_UNIT_H

#include <stddef.h>

#include "../../src/daemon/map.h"
#include "unit.h"

/* A constant as two arguments or fields: bytes and their number. */
#define TEXT(s) (s), sizeof(s) - 1

/* The longest key. */
#define K255 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
	"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" \
	"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

struct seen {
	unsigned int count;
	unsigned int line;	/* of the first */
	char text[512];		/* of the first */
};

/* An amfs_map_diag_fn with a struct seen, for a map named "m". */
void note_diag(void *ctx, const char *file, unsigned int line,
	       const char *text);

/* Parses @text as "m"; @seen may be NULL. */
struct amfs_map *parse(const char *text, struct seen *seen);

/* @key must be mounted from @source. */
void check_resolve(const struct amfs_map *map, const char *key,
		   const char *source);

/* Looking @key up must fail with @want and say @want_why, NULL for nothing. */
void check_refused(const struct amfs_map *map, const char *key, size_t len,
		   int want, const char *want_why);

#endif /* AMFS_TESTS_MAP_UNIT_H */
