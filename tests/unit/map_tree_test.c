// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: keys with paths below them.
 *
 * unit-sources: tests/unit/unit.c src/daemon/map.c src/daemon/map_table.c
 * unit-sources: src/daemon/map_lex.c src/daemon/map_entry.c
 * unit-sources: src/daemon/map_options.c src/daemon/map_resolve.c
 * unit-sources: src/daemon/map_tree.c src/daemon/map_diag.c
 * unit-sources: tests/unit/map_unit.c
 * unit-ldflags: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map_unit.h"

/* @what is "TYPE SOURCE OPTIONS", @offsets are separated by blanks. */
struct tree_case {
	const char *name;
	const char *map;
	const char *key;
	const char *what;
	const char *offsets;
	bool part;
	bool folders;
};

#define TREE	"k -ro / -hard h:/ /b/c h:/c \\\n /b -rw,fstype=nfs4 h:/b /b/c/d :/d /b-x h:/x\n"
#define MADE	"tmpfs amfs mode=0755,nosuid,nodev,noexec"

static const struct tree_case trees[] = {
	{ "root", TREE, "k", "nfs h:/ ro,hard", "b b-x", false, false },
	{ "part with another below", TREE, "k/b", "nfs4 h:/b ro,rw", "c", true,
	  false },
	{ "part of a part", TREE, "k/b/c", "nfs h:/c ro", "d", true, false },
	{ "last part", TREE, "k/b/c/d", "bind /d ro", "", true, false },
	{ "part that begins like another", TREE, "k/b-x", "nfs h:/x ro", "", true,
	  false },
	{ "root by a location before the paths", "k -ro h:/ /b h:/b\n", "k",
	  "nfs h:/ ro", "b", false, false },
	{ "options of the key hold for it once", "k -ro h:/ /b h:/b\n", "k/b",
	  "nfs h:/b ro", "", true, false },
	{ "no root", "k /b h:/b /c/d h:/d\n", "k", MADE, "b c/d", false, true },
	{ "part without a root", "k /b h:/b /c/d h:/d\n", "k/c/d", "nfs h:/d ",
	  "", true, false },
	{ "only a root", "k / h:/\n", "k", "nfs h:/ ", "", false, false },
	{ "type for all parts", "k -fstype=ext4 /b :/x /c -fstype=bind :/y\n",
	  "k/b", "ext4 /x ", "", true, false },
	{ "type of a part", "k -fstype=ext4 /b :/x /c -fstype=bind :/y\n", "k/c",
	  "bind /y ", "", true, false },
	{ "wildcard", "* -a=& / h:/& /b h:/&/b\n", "z", "nfs h:/z a=z", "b",
	  false, false },
	{ "part of a wildcard", "* -a=& / h:/& /b -c=& h:/&/b\n", "z/b",
	  "nfs h:/z/b a=z,c=z", "", true, false },
	{ "quoted path", "k \"/a b\" h:/b\n", "k/a b", "nfs h:/b ", "", true,
	  false },
	{ "direct key", "/d/x :/s /b :/t\n", "/d/x", "bind /s ", "b", false,
	  false },
	{ "part of a direct key", "/d/x :/s /b :/t\n", "/d/x/b", "bind /t ", "",
	  true, false },
	{ "the longer direct key", "/d :/s /x/b :/t\n/d/x :/u /b :/v\n",
	  "/d/x/b", "bind /v ", "", true, false },
	{ "a direct key before a part", "/d :/s /x :/t\n/d/x :/u\n", "/d/x",
	  "bind /u ", "", false, false },
};

static void check_offsets(const struct amfs_mount_spec *spec, const char *want)
{
	char all[256] = "";
	size_t i;

	for (i = 0; i < spec->nr_offsets; i++) {
		if (i)
			strcat(all, " ");
		strcat(all, spec->offsets[i]);
	}
	unit_check_str("offsets", all, want);
}

static void run_tree(const struct tree_case *c)
{
	struct amfs_mount_spec spec;
	struct amfs_map *map;
	struct seen seen = { 0 };
	char what[256];
	char *why;
	int rc;

	unit_begin();
	map = parse(c->map, &seen);
	unit_check(!seen.count, "a fault: %s", seen.text);
	rc = amfs_map_resolve(map, c->key, strlen(c->key), &spec, &why);
	if (unit_check(!rc, "resolve: %d (%s)", rc, why ? why : "")) {
		snprintf(what, sizeof(what), "%s %s %s", spec.fstype,
			 spec.source, spec.options);
		unit_check_str("what", what, c->what);
		check_offsets(&spec, c->offsets);
		unit_check(spec.part == c->part, "part: %d", spec.part);
		unit_check(spec.folders == c->folders, "folders: %d",
			   spec.folders);
	}
	amfs_mount_spec_clear(&spec);
	free(why);
	amfs_map_free(map);
	unit_end("map tree", c->name);
}

struct lookup {
	struct amfs_map *map;
	const char *key;
};

static int attempt_parse(void *arg)
{
	struct amfs_map *map;
	int rc;

	(void)arg;
	rc = amfs_map_parse("m", TREE, strlen(TREE), &map, NULL, NULL);
	amfs_map_free(map);
	return rc;
}

static int attempt_resolve(void *arg)
{
	struct lookup *lookup = arg;
	struct amfs_mount_spec spec;
	int rc;

	rc = amfs_map_resolve(lookup->map, lookup->key, strlen(lookup->key),
			      &spec, NULL);
	amfs_mount_spec_clear(&spec);
	return rc;
}

static void test_nomem(void)
{
	struct amfs_map *map, *made;

	unit_begin();
	map = parse(TREE, NULL);
	made = parse("k /b h:/b\n", NULL);
	unit_fail_each(attempt_parse, NULL, 0, 8);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, "k" }, 0, 7);
	unit_fail_each(attempt_resolve, &(struct lookup){ map, "k/b" }, 0, 7);
	unit_fail_each(attempt_resolve, &(struct lookup){ made, "k" }, 0, 4);
	amfs_map_free(made);
	amfs_map_free(map);
	unit_end("map tree", "without memory");
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(trees); i++)
		run_tree(&trees[i]);
	test_nomem();
	return unit_finish();
}
