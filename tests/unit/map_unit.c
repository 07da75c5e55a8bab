// SPDX-License-Identifier: GPL-2.0
/* What the tests of the map parser share (see map_unit.h). */
#include "map_unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void note_diag(void *ctx, const char *file, unsigned int line,
	       const char *text)
{
	struct seen *seen = ctx;

	unit_check(!strcmp(file, "m"), "file %s", file);
	unit_check(!strchr(text, '\n'), "newline in a fault");
	if (seen->count++)
		return;
	seen->line = line;
	snprintf(seen->text, sizeof(seen->text), "%s", text);
}

struct amfs_map *parse(const char *text, struct seen *seen)
{
	struct amfs_map *map = NULL;
	int rc;

	rc = amfs_map_parse("m", text, strlen(text), &map,
			    seen ? note_diag : NULL, seen);
	unit_check(!rc && map, "parse: %d", rc);
	return map;
}

void check_resolve(const struct amfs_map *map, const char *key,
		   const char *source)
{
	struct amfs_mount_spec spec;
	int rc;

	rc = amfs_map_resolve(map, key, strlen(key), &spec, NULL);
	if (unit_check(!rc, "resolve %s: %d", key, rc))
		unit_check_str(key, spec.source, source);
	amfs_mount_spec_clear(&spec);
}

void check_refused(const struct amfs_map *map, const char *key, size_t len,
		   int want, const char *want_why)
{
	struct amfs_mount_spec spec;
	char *why;
	int rc;

	rc = amfs_map_resolve(map, key, len, &spec, &why);
	unit_check(rc == want, "resolve: %d, want %d", rc, want);
	if (want_why)
		unit_check_str("why", why, want_why);
	else
		unit_check(!why, "why: %s", why);
	unit_check(!spec.fstype && !spec.source && !spec.options, "spec is filled");
	amfs_mount_spec_clear(&spec);
	free(why);
	/* the same without asking for the reason */
	rc = amfs_map_resolve(map, key, len, &spec, NULL);
	unit_check(rc == want, "resolve without why: %d, want %d", rc, want);
}
