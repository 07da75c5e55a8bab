// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: every rule of amfs.map(5) that makes a mount.
 *
 * unit-sources: tests/unit/unit.c src/daemon/map.c src/daemon/map_table.c
 * unit-sources: src/daemon/map_lex.c src/daemon/map_entry.c
 * unit-sources: src/daemon/map_options.c src/daemon/map_resolve.c
 * unit-sources: src/daemon/map_tree.c src/daemon/map_diag.c tests/unit/map_unit.c
 * unit-ldflags: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 */
#include <stdlib.h>
#include <string.h>

#include "map_unit.h"

struct good_case {
	const char *name;
	const char *map;
	const char *key;
	const char *fstype;
	const char *source;
	const char *options;
};

static const struct good_case good[] = {
	/* shape of a line */
	{ "nfs is the default", "k host:/p\n", "k", "nfs", "host:/p", "" },
	{ "options and location", "k -ro,soft host:/p\n", "k", "nfs",
	  "host:/p", "ro,soft" },
	{ "last line without newline", "k host:/p", "k", "nfs", "host:/p", "" },
	{ "tabs", "k\t\t-ro\thost:/p\t\n", "k", "nfs", "host:/p", "ro" },
	{ "vertical tab and form feed", "k\v-ro\fhost:/p\n", "k", "nfs",
	  "host:/p", "ro" },
	{ "blanks before the key", "   k host:/p\n", "k", "nfs", "host:/p",
	  "" },
	{ "blank lines", "\n  \n\t\nk host:/p\n\n", "k", "nfs", "host:/p",
	  "" },
	{ "crlf", "\r\nk -ro host:/p\r\nl h:/q\r\n", "k", "nfs", "host:/p",
	  "ro" },
	{ "second of two", "k h:/p\nl h:/q\n", "l", "nfs", "h:/q", "" },
	{ "carriage return at the end of the file", "k h:/p\r", "k", "nfs",
	  "h:/p", "" },
	/* comments */
	{ "comment line", "# k x:/y\nk h:/p\n", "k", "nfs", "h:/p", "" },
	{ "comment after blanks", "  # x\nk h:/p\n", "k", "nfs", "h:/p", "" },
	{ "comment after the location", "k h:/p # x \"y\n", "k", "nfs", "h:/p",
	  "" },
	{ "comment at the end of the file", "k h:/p #", "k", "nfs", "h:/p",
	  "" },
	{ "hash inside a word", "k h:/p#q\n", "k", "nfs", "h:/p#q", "" },
	{ "hash in quotes", "k h:/p\" # \"q\n", "k", "nfs", "h:/p # q", "" },
	{ "escaped hash", "k h:/p\\ \\#q\n", "k", "nfs", "h:/p #q", "" },
	{ "escaped hash begins a key", "\\#k h:/p\n", "#k", "nfs", "h:/p", "" },
	{ "comment continues", "# x \\\nk h:/p\nl h:/q\n", "l", "nfs", "h:/q",
	  "" },
	{ "comment over a whole entry", "#k -ro \\\n  h:/p\nk h:/q\n", "k",
	  "nfs", "h:/q", "" },
	/* continuation */
	{ "continuation between words", "k -ro \\\n   h:/p\n", "k", "nfs",
	  "h:/p", "ro" },
	{ "continuation inside a word", "k h:/p\\\nq\n", "k", "nfs", "h:/pq",
	  "" },
	{ "continuation before crlf", "k -ro \\\r\n h:/p\r\n", "k", "nfs",
	  "h:/p", "ro" },
	{ "continuation right after the key", "k\\\n h:/p\n", "k", "nfs",
	  "h:/p", "" },
	{ "continuation at the end of the file", "k h:/p \\", "k", "nfs",
	  "h:/p", "" },
	{ "continuation into an empty line", "k h:/p \\\n\nl h:/q\n", "l",
	  "nfs", "h:/q", "" },
	{ "comment after a continuation", "k h:/p \\\n # x\n", "k", "nfs",
	  "h:/p", "" },
	{ "hash inside a word after a continuation", "k h:/p\\\n#q\n", "k",
	  "nfs", "h:/p#q", "" },
	/* quotes and escapes */
	{ "quoted key", "\"a b\" h:/p\n", "a b", "nfs", "h:/p", "" },
	{ "part of a key quoted", "a\" \"b h:/p\n", "a b", "nfs", "h:/p", "" },
	{ "escaped blank in a key", "a\\ b h:/p\n", "a b", "nfs", "h:/p", "" },
	{ "quoted location", "k \"h:/a b\"\n", "k", "nfs", "h:/a b", "" },
	{ "quoted local location", "k -fstype=cifs \"://srv/a b\"\n", "k",
	  "cifs", "//srv/a b", "" },
	{ "escaped blank in a location", "k h:/a\\ b\n", "k", "nfs", "h:/a b",
	  "" },
	{ "backslash in quotes is plain", "k \"h:/a\\b\"\n", "k", "nfs",
	  "h:/a\\b", "" },
	{ "escaped backslash", "k h:/a\\\\b\n", "k", "nfs", "h:/a\\b", "" },
	{ "escaped quote", "k h:/a\\\"b\n", "k", "nfs", "h:/a\"b", "" },
	{ "escaped letter is that letter", "\\k h:/a\\nb\n", "k", "nfs",
	  "h:/anb", "" },
	{ "empty quotes inside a word", "k h:/a\"\"b\n", "k", "nfs", "h:/ab",
	  "" },
	{ "quoted options", "k -\"ro,fstype=tmpfs\" tmpfs\n", "k", "tmpfs",
	  "tmpfs", "ro" },
	{ "quotes for mount itself",
	  "k -context=\\\"a,fstype=b\\\",ro h:/p\n", "k", "nfs", "h:/p",
	  "context=\"a,fstype=b\",ro" },
	/* keys */
	{ "key of 255 bytes", K255 " h:/p\n", K255, "nfs", "h:/p", "" },
	{ "key that isn't UTF-8", "\xff\xc3 h:/\xfe\n", "\xff\xc3", "nfs",
	  "h:/\xfe", "" },
	{ "star with more is a plain key", "foo* h:/p\n* h:/w\n", "foo*",
	  "nfs", "h:/p", "" },
	{ "star with more matches nothing else", "foo* h:/p\n* h:/w\n", "foox",
	  "nfs", "h:/w", "" },
	{ "two stars are a plain key", "** h:/p\n* h:/w\n", "**", "nfs",
	  "h:/p", "" },
	{ "escaped star is a plain key", "\\* h:/p\n* h:/w\n", "*", "nfs",
	  "h:/p", "" },
	{ "escaped star is no wildcard", "\\* h:/p\n* h:/w\n", "x", "nfs",
	  "h:/w", "" },
	{ "quoted star is a plain key", "\"*\" h:/p\n* h:/w\n", "*", "nfs",
	  "h:/p", "" },
	{ "key with a dash", "-k h:/p\n", "-k", "nfs", "h:/p", "" },
	{ "ampersand in a key", "a&b h:/p\n", "a&b", "nfs", "h:/p", "" },
	{ "dollar in a key", "$k h:/p\n", "$k", "nfs", "h:/p", "" },
	{ "three dots", "... h:/p\n", "...", "nfs", "h:/p", "" },
	{ "quoted plus", "\"+k\" h:/p\n", "+k", "nfs", "h:/p", "" },
	{ "escaped plus", "\\+k h:/p\n", "+k", "nfs", "h:/p", "" },
	{ "keys with a common prefix", "a h:/1\nab h:/2\nabc h:/3\n", "ab",
	  "nfs", "h:/2", "" },
	{ "key with a vertical bar", "a|b h:/p\n", "a|b", "nfs", "h:/p", "" },
	/* wildcard */
	{ "wildcard", "* h:/home/&\n", "joe", "nfs", "h:/home/joe", "" },
	{ "literal key before the wildcard", "joe h:/j\n* h:/home/&\n", "joe",
	  "nfs", "h:/j", "" },
	{ "literal key after the wildcard", "* h:/home/&\njoe h:/j\n", "joe",
	  "nfs", "h:/j", "" },
	{ "star looked up in the wildcard", "* h:/home/&\n", "*", "nfs",
	  "h:/home/*", "" },
	{ "wildcard with options", "* -rw,fstype=nfs4 h:/home/&\n", "joe",
	  "nfs4", "h:/home/joe", "rw" },
	/* substitution in the location */
	{ "literal key substituted", "joe h:/home/&\n", "joe", "nfs",
	  "h:/home/joe", "" },
	{ "several substitutions", "* &:/&/x&y\n", "joe", "nfs",
	  "joe:/joe/xjoey", "" },
	{ "escaped ampersand", "* h:/a\\&b/&\n", "joe", "nfs", "h:/a&b/joe",
	  "" },
	{ "quoted ampersand", "* \"h:/a&b/\"&\n", "joe", "nfs", "h:/a&b/joe",
	  "" },
	{ "a key isn't read again", "* h:/home/&\n", "a \"b\\ # & $HOME -x",
	  "nfs", "h:/home/a \"b\\ # & $HOME -x", "" },
	{ "newline in a key", "* h:/home/&\n", "a\nb h:", "nfs",
	  "h:/home/a\nb h:", "" },
	{ "key that looks like a location", "* h:/home/&\n", "evil:x", "nfs",
	  "h:/home/evil:x", "" },
	{ "comma in a path", "* h:/home/&\n", "a,b=c", "nfs", "h:/home/a,b=c",
	  "" },
	{ "key with a dash in a path", "* h:/home/&\n", "-oexec", "nfs",
	  "h:/home/-oexec", "" },
	{ "bytes in a path", "* :/srv/&\n", "\xff\x01\x7f", "bind",
	  "/srv/\xff\x01\x7f", "" },
	{ "dots in a path", "* h:/home/&\n", "..x", "nfs", "h:/home/..x", "" },
	{ "key as a host name", "* &:/export\n", "fs-1.example_x.org", "nfs",
	  "fs-1.example_x.org:/export", "" },
	{ "key as an address", "* [&]:/export\n", "fe80::1%eth0", "nfs",
	  "[fe80::1%eth0]:/export", "" },
	{ "255 bytes substituted", "* :/srv/&\n", K255, "bind", "/srv/" K255,
	  "" },
	/* substitution in the options */
	{ "key in an option", "* -subdir=& h:/p\n", "joe", "nfs", "h:/p",
	  "subdir=joe" },
	{ "key inside a value", "* -a=x&y,ro h:/p\n", "joe", "nfs", "h:/p",
	  "a=xjoey,ro" },
	{ "escaped ampersand in an option", "* -a=\\&,b=& h:/p\n", "joe",
	  "nfs", "h:/p", "a=&,b=joe" },
	{ "bytes in an option", "* -a=& h:/p\n", "\xff\xfe", "nfs", "h:/p",
	  "a=\xff\xfe" },
	{ "unsafe key where the options have none", "* -ro h:/&\n", "a,suid",
	  "nfs", "h:/a,suid", "ro" },
	/* options */
	{ "several words", "k -ro -soft,intr -fstype=nfs4 h:/p\n", "k", "nfs4",
	  "h:/p", "ro,soft,intr" },
	{ "empty items", "k -,ro,,rw, h:/p\n", "k", "nfs", "h:/p", "ro,rw" },
	{ "dash alone", "k - h:/p\n", "k", "nfs", "h:/p", "" },
	{ "fstype in the middle", "k -ro,fstype=ext4,noatime :/dev/sda1\n",
	  "k", "ext4", "/dev/sda1", "ro,noatime" },
	{ "the last fstype counts", "k -fstype=ext3,fstype=ext4 :/dev/x\n",
	  "k", "ext4", "/dev/x", "" },
	{ "value with equal signs", "k -a=b=c h:/p\n", "k", "nfs", "h:/p",
	  "a=b=c" },
	{ "option that begins like fstype", "k -fstypes=x,xfstype=y h:/p\n",
	  "k", "nfs", "h:/p", "fstypes=x,xfstype=y" },
	{ "what only matters to an automounter",
	  "k -strict,nostrict,use-weight-only,no-use-weight-only,nobind,symlink,nosymlink,ro h:/p\n",
	  "k", "nfs", "h:/p", "ro" },
	{ "bind stays an option", "k -fstype=none,bind :/p\n", "k", "none",
	  "/p", "bind" },
	{ "route=fd is taken out", "k -route=fd,ro h:/p\n", "k", "nfs",
	  "h:/p", "ro" },
	{ "route=path is taken out", "k -ro,route=path h:/p\n", "k", "nfs",
	  "h:/p", "ro" },
	{ "options of one entry only", "a -ro h:/p\nb h:/q\nc -rw h:/r\n", "b",
	  "nfs", "h:/q", "" },
	{ "options after others", "a -ro h:/p\nb h:/q\nc -rw h:/r\n", "c",
	  "nfs", "h:/r", "rw" },
	{ "dollar without a name in an option", "k -a=b$ h:/p\n", "k", "nfs",
	  "h:/p", "a=b$" },
	/* locations */
	{ "ipv6 address", "k [2001:db8::1]:/p\n", "k", "nfs",
	  "[2001:db8::1]:/p", "" },
	{ "ipv6 address with a zone", "k [fe80::1%eth0]:/p\n", "k", "nfs",
	  "[fe80::1%eth0]:/p", "" },
	{ "nfs4", "k -fstype=nfs4 h:/\n", "k", "nfs4", "h:/", "" },
	{ "colon in a path", "k h:/a:/b\n", "k", "nfs", "h:/a:/b", "" },
	{ "comma and parenthesis in a path", "k h:/a,b(1)\n", "k", "nfs",
	  "h:/a,b(1)", "" },
	{ "local path without a type is bound", "k :/srv/x\n", "k", "bind",
	  "/srv/x", "" },
	{ "bind", "k -fstype=bind,ro :/srv/x\n", "k", "bind", "/srv/x", "ro" },
	{ "bind of the root", "k -fstype=bind :/\n", "k", "bind", "/", "" },
	{ "squashfs image", "k -fstype=squashfs,loop :/srv/a.img\n", "k",
	  "squashfs", "/srv/a.img", "loop" },
	{ "label", "k -fstype=ext4 :LABEL=x\n", "k", "ext4", "LABEL=x", "" },
	{ "tmpfs with a colon", "k -fstype=tmpfs,size=1m :tmpfs\n", "k",
	  "tmpfs", "tmpfs", "size=1m" },
	{ "tmpfs without a colon", "k -fstype=tmpfs tmpfs\n", "k", "tmpfs",
	  "tmpfs", "" },
	{ "tmpfs named for the key", "* -fstype=tmpfs :&\n", "a b", "tmpfs",
	  "a b", "" },
	{ "only one colon is taken off", "k -fstype=x ::a\n", "k", "x", ":a",
	  "" },
	{ "share with a dollar", "k -fstype=cifs ://srv/c$\n", "k", "cifs",
	  "//srv/c$", "" },
	{ "dollar before a slash", "k h:/a$/b\n", "k", "nfs", "h:/a$/b", "" },
	{ "escaped dollar", "k h:/\\$HOME/\\${X}\n", "k", "nfs",
	  "h:/$HOME/${X}", "" },
	{ "quoted dollar", "k \"h:/$HOME\"\n", "k", "nfs", "h:/$HOME", "" },
	{ "fuse subtype", "k -fstype=fuse.sshfs user@h:/p\n", "k",
	  "fuse.sshfs", "user@h:/p", "" },
	{ "fuse with a program", "* -fstype=fuse :sshfs#u@h:/&\n", "joe",
	  "fuse", "sshfs#u@h:/joe", "" },
	{ "several hosts of another type", "k -fstype=ceph m1,m2:/p\n", "k",
	  "ceph", "m1,m2:/p", "" },
	{ "key in a share", "* -fstype=cifs ://srv/&\n", "a b:c", "cifs",
	  "//srv/a b:c", "" },
	{ "dash after the location's begin", "* -fstype=tmpfs :x&\n", "-y",
	  "tmpfs", "x-y", "" },
	{ "escaped slash", "k -fstype=ext4 \\:/dev/x\n", "k", "ext4",
	  "/dev/x", "" },
};

static void run_good(const struct good_case *c)
{
	struct amfs_mount_spec spec;
	struct amfs_map *map;
	size_t diags;
	char *why;
	int rc;

	unit_begin();
	rc = amfs_map_parse("m", c->map, strlen(c->map), &map, NULL, NULL);
	if (unit_check(!rc, "parse: %d", rc)) {
		amfs_map_diags(map, &diags);
		unit_check(!diags, "%zu faults found", diags);
		rc = amfs_map_resolve(map, c->key, strlen(c->key), &spec, &why);
		if (unit_check(!rc, "resolve: %d (%s)", rc, why ? why : "")) {
			unit_check_str("fstype", spec.fstype, c->fstype);
			unit_check_str("source", spec.source, c->source);
			unit_check_str("options", spec.options, c->options);
		}
		unit_check(!why || rc, "a reason for success");
		amfs_mount_spec_clear(&spec);
		unit_check(!spec.fstype && !spec.source && !spec.options,
			   "spec isn't clear");
		free(why);
		amfs_map_free(map);
	}
	unit_end("map good", c->name);
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		run_good(&good[i]);
	return unit_finish();
}
