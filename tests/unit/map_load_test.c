// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: maps from files, and memory that runs out.
 *
 * unit-sources: tests/unit/unit.c src/daemon/map.c src/daemon/map_table.c
 * unit-sources: src/daemon/map_lex.c src/daemon/map_entry.c
 * unit-sources: src/daemon/map_options.c src/daemon/map_resolve.c
 * unit-sources: src/daemon/map_tree.c src/daemon/map_diag.c tests/unit/map_unit.c
 * unit-ldflags: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map_unit.h"

/* ---- files ---- */

static char dir[] = "/tmp/amfs-map-test.XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!unit_check(f && fputs(text, f) >= 0 && !fclose(f), "writing %s", path))
		exit(1);
}

static void check_load(const char *path, int want)
{
	struct amfs_map *map = (void *)&map;
	int rc = amfs_map_load(path, &map, NULL, NULL);

	unit_check(rc == want, "load: %d, want %d", rc, want);
	unit_check(rc ? !map : map != NULL, "map %p", (void *)map);
	if (!rc)
		amfs_map_free(map);
}

static void note_file(void *ctx, const char *file, unsigned int line,
		      const char *text)
{
	(void)text;
	unit_check(line == 2, "line %u", line);
	unit_check_str("file", file, ctx);
}

static void test_load(void)
{
	const char *path = in_dir("map");
	struct amfs_map *map;
	char want[128];

	write_file(path, "k :/p\nbad\n");
	if (!unit_check(!amfs_map_load(path, &map, note_file, (void *)path),
			"load"))
		return;
	check_resolve(map, "k", "/p");
	snprintf(want, sizeof(want), "%s:2: key \"bad\": no location; expected \"key [-options] location\"",
		 path);
	check_refused(map, "bad", 3, -EINVAL, want);
	amfs_map_free(map);
	unlink(path);
}

static void test_load_empty(void)
{
	write_file(in_dir("empty"), "");
	check_load(in_dir("empty"), 0);
	unlink(in_dir("empty"));
}

static void test_load_missing(void)
{
	check_load(in_dir("missing"), -ENOENT);
}

static void test_load_directory(void)
{
	check_load(dir, -EISDIR);
}

static void test_load_fifo(void)
{
	unit_check(!mkfifo(in_dir("fifo"), 0600), "mkfifo");
	check_load(in_dir("fifo"), -EINVAL);
	unlink(in_dir("fifo"));
}

static void test_load_too_large(void)
{
	const char *path = in_dir("large");

	write_file(path, "");
	unit_check(!truncate(path, (256 << 20) + 1), "truncate");
	check_load(path, -EFBIG);
	unlink(path);
}

static void test_load_device(void)
{
	check_load("/dev/null", -EINVAL);
}

/* ---- every allocation fails once ---- */

static const char injected[] =
	"a h:/p\nb -ro,fstype=nfs4 -soft h:/&\nc\n+inc\n* -x=& :/w/&\n"
	"d \"\n.. x:/y\na :/dup\ne1 :/1\ne2 :/2\ne3 :/3\ne4 :/4\ne5 :/5\n"
	"e6 :/6\ne7 :/7\ne8 :/8\ne9 :/9\nf0 :/1\nf1 :/1\nf2 :/1\nf3 :/1\n"
	"f4 :/1\nf5 :/1\nf6 :/1\nf7 :/1\nf8 :/1\nf9 :/1\ng0 :/1\ng1 :/1\n"
	"g2 :/1\ng3 :/1\ng4 :/1\ng5 :/1\ng6 :/1\ng7 :/1\ng8 :/1\ng9 :/1\n"
	"h1\nh2\nh3\nh4\nh5\nh6\nh7\nh8\nh9\ni1\ni2\ni3\ni4\n";

static int attempt_parse(void *ctx)
{
	struct amfs_map *map;
	int rc;

	(void)ctx;
	rc = amfs_map_parse("m", TEXT(injected), &map, NULL, NULL);
	if (rc && map)
		return 1;
	amfs_map_free(map);
	return rc;
}

static int attempt_load(void *ctx)
{
	struct amfs_map *map;
	int rc;

	rc = amfs_map_load(ctx, &map, NULL, NULL);
	if (rc && map)
		return 1;
	amfs_map_free(map);
	return rc;
}

struct lookup {
	const struct amfs_map *map;
	const char *key;
};

static int attempt_resolve(void *ctx)
{
	const struct lookup *l = ctx;
	struct amfs_mount_spec spec;
	char *why;
	int rc;

	rc = amfs_map_resolve(l->map, l->key, strlen(l->key), &spec, &why);
	if (rc == -ENOMEM && (why || spec.fstype || spec.source))
		return 1;
	free(why);
	amfs_mount_spec_clear(&spec);
	return rc;
}

static void test_parse_nomem(void)
{
	unit_fail_each(attempt_parse, NULL, 0, 40);
}

static void test_load_nomem(void)
{
	write_file(in_dir("map"), injected);
	unit_fail_each(attempt_load, (void *)in_dir("map"), 0, 45);
	unlink(in_dir("map"));
}

static void test_resolve_nomem(void)
{
	struct amfs_map *map = parse(injected, NULL);

	unit_fail_each(attempt_resolve, &(struct lookup){ map, "b" }, 0, 3);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, "wild" }, 0, 3);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, "c" }, -EINVAL, 1);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, ".." }, -EINVAL, 1);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, "x,y" }, -EINVAL, 1);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, K255 "x" },
		  -ENAMETOOLONG, 1);
	amfs_map_free(map);
}

static const struct unit_test single[] = {
	{ "load a file", test_load },
	{ "load an empty file", test_load_empty },
	{ "load a missing file", test_load_missing },
	{ "load a directory", test_load_directory },
	{ "load a fifo", test_load_fifo },
	{ "load what is too large", test_load_too_large },
	{ "load a device", test_load_device },
	{ "parse without memory", test_parse_nomem },
	{ "load without memory", test_load_nomem },
	{ "resolve without memory", test_resolve_nomem },
};

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	unit_run("map", single, ARRAY_SIZE(single));
	rmdir(dir);
	return unit_finish();
}
