// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: what concerns a map as a whole.
 *
 * unit-sources: tests/unit/unit.c src/daemon/map.c src/daemon/map_table.c
 * unit-sources: src/daemon/map_lex.c src/daemon/map_entry.c
 * unit-sources: src/daemon/map_options.c src/daemon/map_resolve.c
 * unit-sources: src/daemon/map_tree.c src/daemon/map_diag.c tests/unit/map_unit.c
 * unit-ldflags: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "map_unit.h"

/* ---- every byte as a key ---- */

struct bytes_case {
	const char *name;
	const char *map;
	unsigned int accepted;
};

/* 253 of 256 bytes are a key: not NUL, '/' and '.'. */
static const struct bytes_case bytes[] = {
	{ "in a path", "* h:/&\n", 253 },
	/* without 32 control characters and , = " \ : blank */
	{ "in an option", "* -a=& h:/p\n", 215 },
	/* letters, digits, '-' and '_' */
	{ "in a host", "* h&:/p\n", 64 },
	/* without '-' */
	{ "beginning a host", "* &:/p\n", 63 },
	/* with ':' and '%' */
	{ "in an address", "* [a&]:/p\n", 66 },
	/* without 32 control characters, ',' and '\' */
	{ "in a share", "* -fstype=cifs ://s/&\n", 219 },
	/* without '-' */
	{ "as a name", "* -fstype=tmpfs :&\n", 252 },
};

static void run_bytes(const struct bytes_case *c)
{
	struct amfs_mount_spec spec;
	unsigned int accepted = 0;
	struct amfs_map *map;
	unsigned int i;
	char key;

	unit_begin();
	if (unit_check(!amfs_map_parse("m", c->map, strlen(c->map), &map, NULL,
		       NULL), "parse")) {
		for (i = 0; i < 256; i++) {
			key = (char)i;
			accepted += !amfs_map_resolve(map, &key, 1, &spec,
						      NULL);
			amfs_mount_spec_clear(&spec);
		}
		unit_check(accepted == c->accepted, "%u accepted, want %u",
			   accepted, c->accepted);
		amfs_map_free(map);
	}
	unit_end("map every byte", c->name);
}

/* ---- duplicates, lists, lengths ---- */

static void test_duplicates(void)
{
	struct seen seen = { 0 };
	struct amfs_map *map = parse("k :/1\n\nk :/2\nk \"\n", &seen);
	const struct amfs_map_diag *diags;
	size_t count;

	unit_check_str("fault", seen.text,
		       "key \"k\": duplicate key; the entry of line 1 counts");
	diags = amfs_map_diags(map, &count);
	if (unit_check(count == 2, "%zu faults", count)) {
		unit_check(diags[0].line == 3, "line %u", diags[0].line);
		unit_check(diags[1].line == 4, "line %u", diags[1].line);
		unit_check_str("second fault", diags[1].text, diags[0].text);
	}
	check_resolve(map, "k", "/1");
	unit_check(amfs_map_count(map) == 1, "listed %zu", amfs_map_count(map));
	amfs_map_free(map);
}

static void test_duplicate_of_bad(void)
{
	struct seen seen = { 0 };
	struct amfs_map *map = parse("k\nk :/2\n* :/w\n", &seen);

	unit_check(seen.count == 2, "%u faults", seen.count);
	check_refused(map, "k", 1, -EINVAL,
		      "m:1: key \"k\": no location; expected \"key [-options] location\"");
	amfs_map_free(map);
}

static void test_duplicate_wildcard(void)
{
	struct seen seen = { 0 };
	struct amfs_map *map = parse("* :/1/&\n* :/2/&\n\\* :/star\n", &seen);

	unit_check(seen.count == 1 && seen.line == 2, "%u faults", seen.count);
	unit_check_str("fault", seen.text,
		       "key \"*\": duplicate key; the entry of line 1 counts");
	check_resolve(map, "x", "/1/x");
	check_resolve(map, "*", "/star");
	amfs_map_free(map);
}

static void test_duplicate_include(void)
{
	struct seen seen = { 0 };
	struct amfs_map *map = parse("+a\n+a\n\\+a :/p\n", &seen);

	unit_check(seen.count == 3, "%u faults", seen.count);
	check_refused(map, "+a", 2, -EINVAL,
		      "m:1: key \"+a\": including another map (+name) isn't supported yet");
	amfs_map_free(map);
}

static void test_bad_wildcard(void)
{
	struct amfs_map *map = parse("k :/p\n* h1,h2:/&\n", NULL);

	check_resolve(map, "k", "/p");
	check_refused(map, "x", 1, -EINVAL,
		      "m:2: key \"*\": a list of replicated servers (host1,host2:/path) isn't supported yet");
	amfs_map_free(map);
}

static void test_lines(void)
{
	struct seen seen = { 0 };
	struct amfs_map *map = parse("# a \\\n b\n\na :/p\\\n\\\nq \\\r\n\r\nb\n",
				     &seen);

	unit_check(seen.count == 1 && seen.line == 8, "line %u", seen.line);
	check_resolve(map, "a", "/pq");
	amfs_map_free(map);
}

static void test_route(void)
{
	static const struct {
		const char *key;
		enum amfs_route route;
	} want[] = {
		{ "a", AMFS_ROUTE_FD }, { "b", AMFS_ROUTE_DEFAULT },
		{ "c", AMFS_ROUTE_PATH }, { "d", AMFS_ROUTE_FD },
		{ "e", AMFS_ROUTE_PATH }, { "f", AMFS_ROUTE_KERNEL },
	};
	static const char text[] = "a -route=fd :/p\nb :/p\n"
		"c -ro,route=path :/p\nd -route=path -route=fd :/p\n"
		"f -route=kernel :/p\n* -route=path :/p\n";
	struct amfs_map *map = parse(text, NULL);
	struct amfs_mount_spec spec;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		rc = amfs_map_resolve(map, want[i].key, 1, &spec, NULL);
		unit_check(!rc && spec.route == want[i].route,
			   "route of %s: %d", want[i].key, spec.route);
		amfs_mount_spec_clear(&spec);
	}
	amfs_map_free(map);
}

/* A path is a key of its own, and never one for the wildcard. */
static void test_paths(void)
{
	struct amfs_map *map = parse("/usr/local -ro h:/l\n* h:/&\n/a/& h:/&\n", NULL);
	struct amfs_mount_spec spec;

	unit_check(!amfs_map_resolve(map, "/usr/local", 10, &spec, NULL) &&
		   !strcmp(spec.source, "h:/l"), "a path");
	amfs_mount_spec_clear(&spec);
	unit_check(amfs_map_resolve(map, "/usr", 4, &spec, NULL) == -ENOENT, "part of it");
	unit_check(amfs_map_resolve(map, "/usr/local/", 11, &spec, NULL) == -ENOENT,
		   "more than it");
	unit_check(!amfs_map_resolve(map, "/a/&", 4, &spec, NULL), "an ampersand");
	amfs_mount_spec_clear(&spec);
	amfs_map_free(map);
}

static void test_list(void)
{
	struct amfs_map *map = parse("b :/1\nbad\n* :/w\na :/2\n\\* :/3\n+i\n",
				     NULL);
	static const char *const want[] = { "b", "a", "*" };
	const char *key;
	size_t i, len;

	unit_check(amfs_map_count(map) == 3, "%zu keys", amfs_map_count(map));
	for (i = 0; i < 3; i++) {
		key = amfs_map_key(map, i, &len);
		unit_check(key && len == 1 && *key == *want[i], "key %zu", i);
	}
	unit_check(!amfs_map_key(map, 3, &len), "a key after the last");
	unit_check(!amfs_map_key(map, SIZE_MAX, &len), "a key far behind the last");
	amfs_map_free(map);
}

static void check_empty(const char *text, size_t len)
{
	struct amfs_map *map;
	size_t count;

	if (!unit_check(!amfs_map_parse("m", text, len, &map, NULL, NULL), "parse"))
		return;
	amfs_map_diags(map, &count);
	unit_check(!count && !amfs_map_count(map), "not empty");
	amfs_map_free(map);
}

static void test_empty(void)
{
	check_empty(NULL, 0);
	check_empty(TEXT("\n"));
	check_empty(TEXT("\\"));
	check_empty(TEXT("#"));
	check_empty(TEXT(" \r\n\\\n # x\n"));
	amfs_map_free(NULL);
}

static void test_source_length(void)
{
	char text[PATH_MAX + 100] = "* :/";
	struct amfs_mount_spec spec;
	struct amfs_map *map;

	memset(text + 4, 'x', PATH_MAX - 4);
	strcpy(text + PATH_MAX, "&\n");
	map = parse(text, NULL);
	unit_check(!amfs_map_resolve(map, "ab", 2, &spec, NULL), "4095 bytes");
	unit_check(spec.source && strlen(spec.source) == PATH_MAX - 1, "length");
	amfs_mount_spec_clear(&spec);
	check_refused(map, "abc", 3, -ENAMETOOLONG,
		      "m:1: key \"abc\": the location is longer than 4095 bytes");
	amfs_map_free(map);
}

/* The wildcard mustn't get into the table of literal keys when that grows. */
static void test_wildcard_among_many(void)
{
	char text[1024] = "* :/w/&\n";
	struct seen seen = { 0 };
	struct amfs_map *map;
	size_t len = strlen(text);
	int i;

	for (i = 0; i < 50; i++)
		len += (size_t)sprintf(text + len, "k%d :/p\n", i);
	strcpy(text + len, "\\* :/star\n");
	map = parse(text, &seen);
	unit_check(!seen.count, "%u faults", seen.count);
	check_resolve(map, "*", "/star");
	check_resolve(map, "x", "/w/x");
	amfs_map_free(map);
}

/* The text may be gone once it is parsed, and the spec outlives the map. */
static void test_ownership(void)
{
	char text[] = "* -fstype=ext4,a=& :/dev/&\n";
	struct amfs_mount_spec spec;
	struct amfs_map *map;
	char key[] = "sda";

	map = parse(text, NULL);
	memset(text, 'x', strlen(text));
	unit_check(!amfs_map_resolve(map, key, 3, &spec, NULL), "resolve");
	amfs_map_free(map);
	memset(key, 'x', sizeof(key));
	unit_check_str("fstype", spec.fstype, "ext4");
	unit_check_str("source", spec.source, "/dev/sda");
	unit_check_str("options", spec.options, "a=sda");
	amfs_mount_spec_clear(&spec);
	amfs_mount_spec_clear(&spec);
}

#define MANY 100000

static void check_many(const struct amfs_map *map)
{
	char key[32], source[64];
	int i;

	unit_check(amfs_map_count(map) == MANY, "%zu keys", amfs_map_count(map));
	for (i = 0; i < MANY && unit_ok(); i++) {
		snprintf(key, sizeof(key), "key%d", i);
		snprintf(source, sizeof(source), "host:/export/%s", key);
		check_resolve(map, key, source);
	}
}

/* Processor time, which a busy machine doesn't stretch. */
static double seconds_since(clock_t start)
{
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void test_many_keys(void)
{
	char *text = malloc(MANY * 48);
	struct amfs_map *map;
	size_t len = 0;
	clock_t start;
	int i;

	for (i = 0; i < MANY; i++)
		len += (size_t)sprintf(text + len,
				       "key%d -rw,soft host:/export/&\n", i);
	start = clock();
	unit_check(!amfs_map_parse("m", text, len, &map, NULL, NULL), "parse");
	unit_check(seconds_since(start) < 1, "parsing took %.2f s",
		   seconds_since(start));
	free(text);
	start = clock();
	check_many(map);
	unit_check(seconds_since(start) < 2, "looking all up took %.2f s",
		   seconds_since(start));
	amfs_map_free(map);
}

/* ---- all short texts: a fault never costs the line after it ---- */

#define ALPHABET "a \"\\\n#&/:-"
#define SHORT 5

static void check_short(const char *text, size_t len)
{
	struct amfs_map *map;
	char whole[SHORT + 16];

	memcpy(whole, text, len);
	memcpy(whole + len, "\nz :/z\n", 7);
	if (amfs_map_parse("m", whole, len + 7, &map, NULL, NULL)) {
		unit_check(false, "parse");
		return;
	}
	check_resolve(map, "z", "/z");
	if (!unit_ok())
		printf("# after <%.*s>\n", (int)len, text);
	amfs_map_free(map);
}

static void test_short_texts(void)
{
	unsigned long i, rest, total = 0, space = 1;
	char text[SHORT];
	size_t len, j;

	for (len = 0; len <= SHORT; len++, space *= 10)
		for (i = 0; i < space && unit_ok(); i++) {
			for (j = 0, rest = i; j < len; j++, rest /= 10)
				text[j] = ALPHABET[rest % 10];
			/* that would continue into the last line */
			if (len && text[len - 1] == '\\')
				continue;
			check_short(text, len);
			total++;
		}
	unit_check(total == 100000, "%lu texts", total);
}

static const struct unit_test single[] = {
	{ "first of duplicate keys counts", test_duplicates },
	{ "duplicate of a bad key stays bad", test_duplicate_of_bad },
	{ "first of duplicate wildcards counts", test_duplicate_wildcard },
	{ "duplicate include", test_duplicate_include },
	{ "bad wildcard", test_bad_wildcard },
	{ "lines are counted through continuations", test_lines },
	{ "routes", test_route },
	{ "paths", test_paths },
	{ "keys that can be listed", test_list },
	{ "empty maps", test_empty },
	{ "length of a source", test_source_length },
	{ "wildcard among many keys", test_wildcard_among_many },
	{ "who owns what", test_ownership },
	{ "100000 keys in a second", test_many_keys },
	{ "all texts of up to 5 bytes", test_short_texts },
};

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		run_bytes(&bytes[i]);
	unit_run("map", single, ARRAY_SIZE(single));
	return unit_finish();
}
