// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: every malformed entry, and every name that is refused.
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

#include "map_unit.h"

/* What looking the key of a faulty entry up gives. */
enum outcome {
	BAD,		/* -EINVAL, with file, line and fault */
	REFUSED,	/* -EINVAL: nobody can look that name up */
	UNKNOWN,	/* -ENOENT: nobody can look that name up either */
	WILD,		/* the wildcard answers: the faulty key is unknown */
};

/*
 * Each map is followed by a key "z" and a wildcard, which must survive it.
 * @fault is the only fault, found in @line.
 */
struct bad_case {
	const char *name;
	const char *map;
	size_t len;
	const char *key;
	enum outcome outcome;
	unsigned int line;
	const char *fault;
};

static const struct bad_case bad[] = {
	{ "no location", TEXT("k\n"), "k", BAD, 1,
	  "key \"k\": no location; expected \"key [-options] location\"" },
	{ "no location after options", TEXT("\n\nk -ro\n"), "k", BAD, 3,
	  "key \"k\": no location; expected \"key [-options] location\"" },
	{ "location in a comment", TEXT("k # h:/p\n"), "k", BAD, 1,
	  "key \"k\": no location; expected \"key [-options] location\"" },
	{ "no location for the quoted star", TEXT("\\*\n"), "*", BAD, 1,
	  "key \"*\": no location; expected \"key [-options] location\"" },
	{ "empty location", TEXT("k \"\"\n"), "k", BAD, 1,
	  "key \"k\": location is empty; expected \"host:/path\", \":/path\" or \":name\"" },
	{ "colon alone", TEXT("k -fstype=tmpfs :\n"), "k", BAD, 1,
	  "key \"k\": location is empty; expected \"host:/path\", \":/path\" or \":name\"" },
	{ "open quote in a key", TEXT("\"k h:/p\n"), "k", WILD, 1,
	  "key \"k h:/p\": a quote isn't closed; expected '\"' before the end of the line" },
	{ "open quote in a location", TEXT("k h:/\"p\n"), "k", BAD, 1,
	  "key \"k\": a quote isn't closed; expected '\"' before the end of the line" },
	{ "open quote in the options", TEXT("k -\"ro h:/p\n"), "k", BAD, 1,
	  "key \"k\": a quote isn't closed; expected '\"' before the end of the line" },
	{ "backslash ends a line in quotes", TEXT("k \"h:/p\\\n"), "k",
	  BAD, 1,
	  "key \"k\": a quote isn't closed; expected '\"' before the end of the line" },
	{ "open quote in a continued line", TEXT("k -ro \\\n h:/\"p\n"), "k",
	  BAD, 2,
	  "key \"k\": a quote isn't closed; expected '\"' before the end of the line" },
	{ "nul in a key", TEXT("k\0l h:/p\n"), "k", WILD, 1,
	  "key \"k\\x00l\": NUL byte in the line" },
	{ "nul in a location", TEXT("k h:/\0p\n"), "k", BAD, 1,
	  "key \"k\": NUL byte in the line" },
	{ "nul in the options", TEXT("k -a=\0 h:/p\n"), "k", BAD, 1,
	  "key \"k\": NUL byte in the line" },
	{ "nul in quotes", TEXT("k \"h:/\0p\\\"\n"), "k", BAD, 1,
	  "key \"k\": NUL byte in the line" },
	{ "nul escaped", TEXT("k h:/\\\0p\n"), "k", BAD, 1,
	  "key \"k\": NUL byte in the line" },
	{ "key of 256 bytes", TEXT(K255 "e h:/p\n"), K255, WILD, 1,
	  "key \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"...: the key has 256 bytes; expected at most 255" },
	{ "slash in a key", TEXT("a/b h:/p\n"), "a/b", UNKNOWN, 1,
	  "key \"a/b\": a key can't have a '/' in it unless it begins with one" },
	{ "dot", TEXT(". h:/p\n"), ".", REFUSED, 1,
	  "key \".\": a key can't be \".\" or \"..\"" },
	{ "dot dot", TEXT(".. h:/p\n"), "..", REFUSED, 1,
	  "key \"..\": a key can't be \".\" or \"..\"" },
	{ "empty key", TEXT("\"\" h:/p\n"), "", REFUSED, 1,
	  "key \"\": a key can't be empty" },
	{ "path without a location", TEXT("k /a h:/a /b\n"), "k", BAD, 1,
	  "key \"k\": a path below the key has no location; expected \"/path [-options] location\"; a local path as a location is \":/path\"" },
	{ "path twice", TEXT("k /a h:/a \\\n /b h:/b /a h:/c\n"), "k", BAD, 2,
	  "key \"k\": the path \"a\" below the key is there twice" },
	{ "root twice", TEXT("k h:/a / h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"\" below the key is there twice" },
	{ "path with dots", TEXT("k /a/../b h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"/a/../b\" below the key has \".\" or \"..\" in it" },
	{ "path with an empty name", TEXT("k /a//b h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"/a//b\" below the key has an empty name in it" },
	{ "path that ends with a slash", TEXT("k /a/ h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"/a/\" below the key has an empty name in it" },
	{ "path of the key", TEXT("k /& h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"/\\x00\" below the key has an '&' in it, which isn't supported there" },
	{ "path too long", TEXT("k /" K255 " h:/b\n"), "k", BAD, 1,
	  "key \"k\": the path \"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"... below the key is too long: with its key it may have 255 bytes" },
	{ "several locations of a path", TEXT("k /a h1:/p h2:/p\n"), "k", BAD, 1,
	  "key \"k\": a list of replicated locations isn't supported yet; a location with blanks needs quotes" },
	{ "route of a path", TEXT("k /a -route=path h:/p\n"), "k", BAD, 1,
	  "key \"k\": route= in a key with paths below it, whose parts all go by fd" },
	{ "route of a key with paths", TEXT("k -route=fd /a h:/p\n"), "k", BAD, 1,
	  "key \"k\": route= in a key with paths below it, whose parts all go by fd" },
	{ "several locations", TEXT("k h1:/p h2:/p\n"), "k", BAD, 1,
	  "key \"k\": a list of replicated locations isn't supported yet; a location with blanks needs quotes" },
	{ "options after the location", TEXT("k h:/p -ro\n"), "k", BAD, 1,
	  "key \"k\": a list of replicated locations isn't supported yet; a location with blanks needs quotes" },
	{ "several hosts", TEXT("k h1,h2:/p\n"), "k", BAD, 1,
	  "key \"k\": a list of replicated servers (host1,host2:/path) isn't supported yet" },
	{ "several hosts for nfs4", TEXT("k -fstype=nfs4 h1,h2:/p\n"), "k",
	  BAD, 1,
	  "key \"k\": a list of replicated servers (host1,host2:/path) isn't supported yet" },
	{ "weight", TEXT("k h1(5):/p\n"), "k", BAD, 1,
	  "key \"k\": a list of replicated servers (host1,host2:/path) isn't supported yet" },
	{ "include", TEXT("+auto.home\n"), "+auto.home", BAD, 1,
	  "key \"+auto.home\": including another map (+name) isn't supported yet" },
	{ "include of a path", TEXT("+/etc/x\n"), "k", WILD, 1,
	  "key \"+/etc/x\": including another map (+name) isn't supported yet" },
	{ "variable", TEXT("k h:/$HOME\n"), "k", BAD, 1,
	  "key \"k\": variable substitution ($NAME) isn't supported yet; write \\$ for a plain '$'" },
	{ "variable in braces", TEXT("k h:/${ARCH}/x\n"), "k", BAD, 1,
	  "key \"k\": variable substitution ($NAME) isn't supported yet; write \\$ for a plain '$'" },
	{ "variable with an underline", TEXT("k h:/$_x\n"), "k", BAD, 1,
	  "key \"k\": variable substitution ($NAME) isn't supported yet; write \\$ for a plain '$'" },
	{ "variable in the options", TEXT("k -uid=$UID h:/p\n"), "k", BAD,
	  1,
	  "key \"k\": variable substitution ($NAME) isn't supported yet; write \\$ for a plain '$'" },
	{ "nested autofs", TEXT("k -fstype=autofs file:/etc/x\n"), "k",
	  BAD, 1,
	  "key \"k\": fstype=autofs isn't supported; mount the inner map as an automount point of its own" },
	{ "empty fstype", TEXT("k -fstype= h:/p\n"), "k", BAD, 1,
	  "key \"k\": fstype= is empty; expected a file system type such as nfs or bind" },
	{ "fstype without a value", TEXT("k -fstype,ro h:/p\n"), "k", BAD,
	  1,
	  "key \"k\": fstype= is empty; expected a file system type such as nfs or bind" },
	{ "fstype from the key", TEXT("k -fstype=& :/p\n"), "k", BAD, 1,
	  "key \"k\": fstype= can't be taken from the key; expected a file system type without '&'" },
	{ "fstype with a slash", TEXT("k -fstype=../x :/p\n"), "k", BAD, 1,
	  "key \"k\": fstype=\"../x\" isn't a file system type; expected letters, digits, '.', '_' and '-'" },
	{ "fstype with a slash inside", TEXT("k -fstype=a/x :/p\n"), "k",
	  BAD, 1,
	  "key \"k\": fstype=\"a/x\" isn't a file system type; expected letters, digits, '.', '_' and '-'" },
	{ "fstype with a dash", TEXT("k -fstype=-x :/p\n"), "k", BAD, 1,
	  "key \"k\": fstype=\"-x\" isn't a file system type; expected letters, digits, '.', '_' and '-'" },
	{ "unknown route", TEXT("k -route=x h:/p\n"), "k", BAD, 1,
	  "key \"k\": route=\"x\" is unknown; expected route=fd, route=path or route=kernel" },
	{ "empty route", TEXT("k -route= h:/p\n"), "k", BAD, 1,
	  "key \"k\": route=\"\" is unknown; expected route=fd, route=path or route=kernel" },
	{ "route from the key", TEXT("fd -route=& h:/p\n"), "fd", BAD, 1,
	  "key \"fd\": route=\"\\x00\" is unknown; expected route=fd, route=path or route=kernel" },
	{ "key names an option", TEXT("k -ro,& h:/p\n"), "k", BAD, 1,
	  "key \"k\": '&' in the name of an option; expected it only in a value, as in subdir=&" },
	{ "key in the name of an option", TEXT("k -no&=1 h:/p\n"), "k",
	  BAD, 1,
	  "key \"k\": '&' in the name of an option; expected it only in a value, as in subdir=&" },
	{ "location without a colon", TEXT("k host\n"), "k", BAD, 1,
	  "key \"k\": location of an nfs mount; expected \"host:/path\", or -fstype= for another type" },
	{ "location without a slash", TEXT("k host:path\n"), "k", BAD, 1,
	  "key \"k\": location of an nfs mount; expected \"host:/path\", or -fstype= for another type" },
	{ "location is all key", TEXT("k &\n"), "k", BAD, 1,
	  "key \"k\": location of an nfs mount; expected \"host:/path\", or -fstype= for another type" },
	{ "nfs without a host", TEXT("k -fstype=nfs :/p\n"), "k", BAD, 1,
	  "key \"k\": location of an nfs mount; expected \"host:/path\", or -fstype= for another type" },
	{ "ipv6 without brackets", TEXT("k fe80::1:/p\n"), "k", BAD, 1,
	  "key \"k\": host of an nfs mount; expected a name, an address or an IPv6 [address]" },
	{ "open bracket", TEXT("k [fe80::1:/p\n"), "k", BAD, 1,
	  "key \"k\": host of an nfs mount; expected a name, an address or an IPv6 [address]" },
	{ "empty brackets", TEXT("k []:/p\n"), "k", BAD, 1,
	  "key \"k\": host of an nfs mount; expected a name, an address or an IPv6 [address]" },
	{ "bind of a relative path", TEXT("k -fstype=bind :p\n"), "k", BAD,
	  1, "key \"k\": location of a bind mount; expected \":/path\"" },
	{ "bind of a host", TEXT("k -fstype=bind h:/p\n"), "k", BAD, 1,
	  "key \"k\": location of a bind mount; expected \":/path\"" },
	{ "bind of the key", TEXT("k :&\n"), "k", BAD, 1,
	  "key \"k\": location of a bind mount; expected \":/path\"" },
	{ "location with a slash", TEXT("k -fstype=ext4 /dev/x\n"), "k",
	  BAD, 1,
	  "key \"k\": a path below the key has no location; expected \"/path [-options] location\"; a local path as a location is \":/path\"" },
	{ "location with a dash", TEXT("k -fstype=x \\-o:/p\n"), "k", BAD,
	  1,
	  "key \"k\": location begins with '-', which a mount helper takes for an option" },
	{ "local location with a dash", TEXT("k -fstype=x :-o\n"), "k",
	  BAD, 1,
	  "key \"k\": location begins with '-', which a mount helper takes for an option" },
	{ "program of a fuse mount", TEXT("k -fstype=fuse :&#x\n"), "k",
	  BAD, 1,
	  "key \"k\": '&' names the program of a fuse mount; expected it only after '#'" },
	{ "program of a fuse mount, no hash", TEXT("k -fstype=fuseblk :&\n"),
	  "k", BAD, 1,
	  "key \"k\": '&' names the program of a fuse mount; expected it only after '#'" },
	{ "control characters in a name", TEXT("\x1b[2J\x7f\xff\\\" x\n"),
	  "\x1b[2J\x7f\xff\"", BAD, 1,
	  "key \"\\x1b[2J\\x7f\\xff\\x22\": location of an nfs mount; expected \"host:/path\", or -fstype= for another type" },
};

static void check_outcome(const struct amfs_map *map, const struct bad_case *c)
{
	static const int wanted[] = {
		[BAD] = -EINVAL, [REFUSED] = -EINVAL,
		[UNKNOWN] = -ENOENT, [WILD] = 0,
	};
	struct amfs_mount_spec spec;
	char want[600];
	int rc;

	rc = amfs_map_resolve(map, c->key, strlen(c->key), &spec, NULL);
	unit_check(rc == wanted[c->outcome], "resolve: %d", rc);
	amfs_mount_spec_clear(&spec);
	if (c->outcome == BAD) {
		snprintf(want, sizeof(want), "m:%u: %s", c->line, c->fault);
		check_refused(map, c->key, strlen(c->key), -EINVAL, want);
	}
}

static void run_bad(const struct bad_case *c)
{
	static const char tail[] = "z :/z\n* :/w/&\n";
	struct seen seen = { 0 };
	struct amfs_map *map;
	char text[1024];
	size_t diags;
	int rc;

	unit_begin();
	memcpy(text, c->map, c->len);
	memcpy(text + c->len, tail, sizeof(tail) - 1);
	rc = amfs_map_parse("m", text, c->len + sizeof(tail) - 1, &map,
			    note_diag, &seen);
	if (unit_check(!rc, "parse: %d", rc)) {
		amfs_map_diags(map, &diags);
		unit_check(diags == 1 && seen.count == 1,
			   "%zu faults kept, %u reported", diags, seen.count);
		unit_check_str("fault", seen.text, c->fault);
		unit_check(seen.line == c->line, "line %u", seen.line);
		unit_check(amfs_map_count(map) == 1, "%zu keys listed",
			   amfs_map_count(map));
		check_resolve(map, "z", "/z");
		check_resolve(map, "other", "/w/other");
		check_outcome(map, c);
		amfs_map_free(map);
	}
	unit_end("map bad", c->name);
}

/* ---- names that a lookup or a substitution refuses ---- */

struct refused_case {
	const char *name;
	const char *map;
	const char *key;
	size_t len;
	int rc;
	const char *why;
};

#define OPTIONS_WHY(k) "m:1: key \"" k "\": can't go into the options: " \
	"has , = : \" \\, a blank or a control character"
#define HOST_WHY(k) "m:1: key \"" k "\": can't go into the host of the " \
	"location: isn't a host name"
#define SHARE_WHY(k) "m:1: key \"" k "\": can't go into the location of a " \
	"share: has , \\ or a control character"
#define DASH_WHY(k) "m:1: key \"" k "\": can't begin the location: a mount " \
	"helper takes '-' for an option"

static const struct refused_case refused[] = {
	{ "unknown key", "k h:/p\n", TEXT("l"), -ENOENT, NULL },
	{ "longer key", "k h:/p\n", TEXT("kk"), -ENOENT, NULL },
	{ "key of 255 bytes, unknown", "k h:/p\n", TEXT(K255), -ENOENT, NULL },
	{ "star without a wildcard", "\\x* h:/p\n", TEXT("*"), -ENOENT, NULL },
	{ "empty map", "", TEXT("k"), -ENOENT, NULL },
	{ "empty key", "* h:/&\n", TEXT(""), -EINVAL,
	  "key \"\": a key can't be empty" },
	{ "dot", "* h:/&\n", TEXT("."), -EINVAL,
	  "key \".\": a key can't be \".\" or \"..\"" },
	{ "dot dot", "* h:/&\n", TEXT(".."), -EINVAL,
	  "key \"..\": a key can't be \".\" or \"..\"" },
	{ "slash", "* h:/&\n", TEXT("a/b"), -ENOENT, NULL },
	{ "way up", "* h:/&\n", TEXT("../etc"), -ENOENT, NULL },
	{ "no such part", "* h:/& /b h:/&/b\n", TEXT("a/c"), -ENOENT, NULL },
	{ "folder on the way to a part", "k /a/b h:/b\n", TEXT("k/a"), -ENOENT, NULL },
	{ "below a part", "k /a h:/b\n", TEXT("k/a/b"), -ENOENT, NULL },
	{ "part with a slash at the end", "k /a h:/b\n", TEXT("k/a/"), -ENOENT, NULL },
	{ "part of dot dot", "* h:/& /b h:/&/b\n", TEXT("../b"), -ENOENT, NULL },
	{ "part of nothing", "* h:/& /b h:/&/b\n", TEXT("/b"), -ENOENT, NULL },
	{ "nul", "* h:/&\n", TEXT("a\0b"), -EINVAL,
	  "key \"a\\x00b\": a key can't have a NUL byte in it" },
	{ "key of 256 bytes", "* h:/&\n", TEXT(K255 "x"), -ENAMETOOLONG,
	  "key \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"...: longer than 255 bytes" },
	{ "comma in an option", "* -a=& h:/p\n", TEXT("x,suid"), -EINVAL,
	  OPTIONS_WHY("x,suid") },
	{ "equal sign in an option", "* -a=& h:/p\n", TEXT("x=y"), -EINVAL,
	  OPTIONS_WHY("x=y") },
	{ "quote in an option", "* -a=& h:/p\n", TEXT("\""), -EINVAL,
	  OPTIONS_WHY("\\x22") },
	{ "backslash in an option", "* -a=& h:/p\n", TEXT("\\"), -EINVAL,
	  OPTIONS_WHY("\\x5c") },
	{ "colon in an option", "* -lowerdir=/a/& h:/p\n", TEXT("x:etc"),
	  -EINVAL, OPTIONS_WHY("x:etc") },
	{ "blank in an option", "* -a=& h:/p\n", TEXT("x y"), -EINVAL,
	  OPTIONS_WHY("x y") },
	{ "newline in an option", "* -a=& h:/p\n", TEXT("x\ny"), -EINVAL,
	  OPTIONS_WHY("x\\x0ay") },
	{ "delete in an option", "* -a=& h:/p\n", TEXT("\x7f"), -EINVAL,
	  OPTIONS_WHY("\\x7f") },
	{ "literal key in an option", "x,y -a=& h:/p\n", TEXT("x,y"), -EINVAL,
	  OPTIONS_WHY("x,y") },
	{ "colon in a host", "* &:/p\n", TEXT("a:b"), -EINVAL,
	  HOST_WHY("a:b") },
	{ "comma in a host", "* h&:/p\n", TEXT("a,b"), -EINVAL,
	  HOST_WHY("a,b") },
	{ "bytes in a host", "* &:/p\n", TEXT("\xc3\xa4"), -EINVAL,
	  HOST_WHY("\\xc3\\xa4") },
	{ "bracket in an address", "* [&]:/p\n", TEXT("::1]:x["), -EINVAL,
	  HOST_WHY("::1]:x[") },
	{ "host of another type", "* -fstype=fuse.sshfs u@&:/p\n",
	  TEXT("a b"), -EINVAL, HOST_WHY("a b") },
	{ "dash begins a host", "* &:/p\n", TEXT("-oexec"), -EINVAL,
	  DASH_WHY("-oexec") },
	{ "dash begins a name", "* -fstype=tmpfs :&\n", TEXT("-o"), -EINVAL,
	  DASH_WHY("-o") },
	{ "comma in a share", "* -fstype=cifs ://s/&\n", TEXT("a,sec=none"),
	  -EINVAL, SHARE_WHY("a,sec=none") },
	{ "backslash in a share", "* -fstype=smb3 ://s/&\n", TEXT("a\\..\\b"),
	  -EINVAL, SHARE_WHY("a\\x5c..\\x5cb") },
};

static void run_refused(const struct refused_case *c)
{
	struct amfs_map *map;
	int rc;

	unit_begin();
	rc = amfs_map_parse("m", c->map, strlen(c->map), &map, NULL, NULL);
	if (unit_check(!rc, "parse: %d", rc)) {
		check_refused(map, c->key, c->len, c->rc, c->why);
		amfs_map_free(map);
	}
	unit_end("map refused", c->name);
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		run_bad(&bad[i]);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		run_refused(&refused[i]);
	return unit_finish();
}
