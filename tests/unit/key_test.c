// SPDX-License-Identifier: GPL-2.0
/*
 * amfsctl key: what becomes of options, and the records that are made.
 *
 * unit-sources: src/ctl/key_options.c src/ctl/key_record.c src/ctl/fault.c src/ctl/text.c
 * unit-ldflags: -lmount
 */
#include "../../src/ctl/key_options.h"
#include "../../src/ctl/key_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "../../src/ctl/device.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static int cases;
static int failures;
static struct amfs_fault fault;
static struct amfs_key_options options;
static union amfs_key_room room;

static void check(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	cases++;
	failures += !good;
}

_Noreturn void amfs_die(int error, const char *format, ...)
{
	printf("# %s (%d)\n", format, error);
	abort();
}

/* ---- options ---- */

static int parse(const char *list)
{
	fault.text[0] = '\0';
	return amfs_key_options_parse(&options, list, &fault);
}

/* Whether the filesystem gets these, written with '|' for NUL. */
static bool gets(const char *wanted)
{
	char text[AMFS_KEY_OPTIONS_LEN + 1];
	size_t i;

	for (i = 0; i < options.len; i++)
		text[i] = options.data[i] ? options.data[i] : '|';
	text[i] = '\0';
	return !strcmp(text, wanted);
}

static void test_nothing(void)
{
	static const char *const empty[] = {
		"", ",", ",,,", "defaults", "rw,suid,dev,exec,symfollow",
		"auto,noauto,nofail,_netdev,user,users,nouser,owner,group",
		"x-systemd.automount,x-foo=1,X-y,comment=a b,silent,loud",
	};
	size_t i;

	for (i = 0; i < COUNT(empty); i++)
		check(!parse(empty[i]) && !options.len && !options.attr &&
		      !options.bind &&
		      options.timeout_s == AMFS_TIMEOUT_DEFAULT,
		      "nothing asked for");
	check(!parse(NULL) && !options.len, "no list");
}

static void test_restrictions(void)
{
	static const struct {
		const char *list;
		uint32_t attr;
	} table[] = {
		{ "ro", MOUNT_ATTR_RDONLY },
		{ "ro,rw", 0 },
		{ "rw,ro", MOUNT_ATTR_RDONLY },
		{ "nosuid,nodev,noexec,nosymfollow,ro", AMFS_KEY_ATTR },
		{ "nosuid,suid,nosuid", MOUNT_ATTR_NOSUID },
		{ "noexec,nodev,exec", MOUNT_ATTR_NODEV },
		{ "nosymfollow,symfollow", 0 },
		{ "\"ro\"", MOUNT_ATTR_RDONLY },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		check(!parse(table[i].list) && !options.len &&
		      options.attr == table[i].attr, table[i].list);
}

static void test_filesystem(void)
{
	static const struct {
		const char *list;
		const char *wanted;
	} table[] = {
		{ "sync,dirsync,lazytime,mand", "sync|dirsync|lazytime|mand|" },
		{ "sync,async,nolazytime,nomand",
		  "sync|async|nolazytime|nomand|" },
		{ "size=1m,ro,huge", "size=1m|huge|" },
		{ "a=,b=c=d", "a=|b=c=d|" },
		{ "context=\"a,b\",x", "context=a,b|x|" },
		{ "dir=/a\"b,c\"d", "dir=/ab,cd|" },
		{ "\"a,b\"", "a,b|" },
		{ "user=ann,group=x,auto=1", "user=ann|group=x|auto=1|" },
		{ "unknown,x,", "unknown|x|" },
		{ "xattr,Xy=1", "xattr|Xy=1|" },
		{ "vers=4.2,addr=192.0.2.1", "vers=4.2|addr=192.0.2.1|" },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		check(!parse(table[i].list) && gets(table[i].wanted),
		      table[i].list);
}

static void test_refused(void)
{
	static const struct {
		const char *list;
		const char *why;
	} table[] = {
		{ "noatime", "access times" }, { "atime", "access times" },
		{ "ro,relatime", "relatime: access times" },
		{ "strictatime", "access times" },
		{ "nostrictatime", "access times" },
		{ "norelatime", "access times" },
		{ "nodiratime", "access times" },
		{ "diratime", "access times" },
		{ "shared", "propagation" }, { "rslave", "propagation" },
		{ "private", "propagation" }, { "runbindable", "propagation" },
		{ "loop", "losetup" }, { "loop=/dev/loop1", "losetup" },
		{ "rbind", "use bind" }, { "remount,ro", "mounted" },
		{ "move", "mounted" }, { "ro=vfs", "no value" },
		{ "bind=1", "no value" }, { "=x", "without a name" },
		{ "\"\"", "without a name" }, { "a,b=\"c,d", "isn't closed" },
		{ "x-amfs.time=3", "x-amfs.timeout" },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		check(parse(table[i].list) == -EINVAL &&
		      strstr(fault.text, table[i].why), table[i].list);
	check(parse("x-amfs.\x1b=1") == -EINVAL &&
	      strstr(fault.text, "x-amfs.\\x1b:"), "a fault is printable");
}

static void test_timeout(void)
{
	static const char *const bad[] = {
		"x-amfs.timeout", "x-amfs.timeout=", "x-amfs.timeout=x",
		"x-amfs.timeout=-1", "x-amfs.timeout= 1", "x-amfs.timeout=+1",
		"x-amfs.timeout=1s", "x-amfs.timeout=4294967295",
		"x-amfs.timeout=99999999999999999999",
	};
	size_t i;

	check(!parse("x-amfs.timeout=0") && !options.timeout_s, "never");
	check(!parse("ro,x-amfs.timeout=60,size=1") &&
	      options.timeout_s == 60 && gets("size=1|"), "a minute");
	check(!parse("x-amfs.timeout=4294967294") &&
	      options.timeout_s == 4294967294U, "the longest timeout");
	for (i = 0; i < COUNT(bad); i++)
		check(parse(bad[i]) == -EINVAL &&
		      strstr(fault.text, "seconds is expected"), bad[i]);
}

static void test_most_options(void)
{
	char list[AMFS_KEY_OPTIONS_LEN + 8];

	memset(list, 'o', sizeof(list));
	list[AMFS_KEY_OPTIONS_LEN - 1] = '\0';
	check(!parse(list) && options.len == AMFS_KEY_OPTIONS_LEN,
	      "the longest option");
	list[10] = ',';
	list[20] = '=';
	check(!parse(list) && options.len == AMFS_KEY_OPTIONS_LEN,
	      "the longest options");
	list[AMFS_KEY_OPTIONS_LEN - 1] = 'o';
	list[AMFS_KEY_OPTIONS_LEN] = '\0';
	check(parse(list) == -EINVAL && strstr(fault.text, "4096 bytes"),
	      "options that are too long");
	memcpy(list + AMFS_KEY_OPTIONS_LEN - 3, ",ro", sizeof(",ro"));
	check(!parse(list) && options.attr == MOUNT_ATTR_RDONLY &&
	      options.len == AMFS_KEY_OPTIONS_LEN - 2, "restrictions take no room");
}

/* ---- the way back ---- */

static void check_list(uint32_t attr, const char *data, size_t len,
		       const char *wanted)
{
	char *list = amfs_key_options_list(attr, data, len);

	check(!strcmp(list, wanted), wanted);
	check(!parse(list) && options.attr == attr && options.len == len &&
	      (!len || !memcmp(options.data, data, len)), "and back again");
	free(list);
}

static void test_list(void)
{
	check_list(0, NULL, 0, "");
	check_list(AMFS_KEY_ATTR, NULL, 0, "ro,nosuid,nodev,noexec,nosymfollow");
	check_list(MOUNT_ATTR_NOSUID, "a\0b=1", 6, "nosuid,a,b=1");
	check_list(0, "a=b,c\0d,e\0,", 12, "a=\"b,c\",\"d,e\",\",\"");
	check(!amfs_key_attr_word(0) && !amfs_key_attr_word(1U << 31) &&
	      !amfs_key_attr_word(3), "words for one bit each");
}

/* ---- records ---- */

/* With what a key needs where nothing is said. */
static int make(struct amfs_key_words words)
{
	words.name = words.name ? words.name : "ann";
	words.fstype = words.fstype ? words.fstype : "tmpfs";
	words.source = words.source ? words.source : "none";
	fault.text[0] = '\0';
	return amfs_key_record_make(&room, &words, &fault);
}

#define MAKE(...)	make((struct amfs_key_words){ __VA_ARGS__ })

static void test_record(void)
{
	struct amfs_key key;

	check(!MAKE(.options = "ro,size=1m,x", .timeout = "60") &&
	      room.record.size == 56 + 8 && room.record.attr == 1 &&
	      room.record.timeout_s == 60 && room.record.key_len == 3 &&
	      room.record.fstype_len == 5 && room.record.source_len == 4 &&
	      room.record.options_len == 10 &&
	      !memcmp(room.record.data, "ann\0tmpfs\0none\0size=1m\0x\0\0\0\0\0\0\0",
		      32), "a record");
	check(amfs_key_record_read(&key, room.bytes, sizeof(room)) == 64 &&
	      !strcmp(key.name, "ann") && !strcmp(key.fstype, "tmpfs") &&
	      !strcmp(key.source, "none") && key.options_len == 10 &&
	      !strcmp(key.options, "size=1m") && key.attr == 1 &&
	      key.timeout_s == 60, "read again");
	check(!MAKE(.name = NULL) && room.record.timeout_s == AMFS_TIMEOUT_DEFAULT &&
	      !room.record.attr, "without options");
	check(!MAKE(.options = "x-amfs.timeout=5", .timeout = "0") &&
	      !room.record.timeout_s, "two timeouts");
	check(!amfs_key_record_name(&room, "ann", &fault) &&
	      room.record.size == 40 && !room.record.fstype_len &&
	      !room.record.source_len, "a name alone");
}

static char *text_of(size_t len)
{
	static char text[4][8192];
	static int turn;

	turn = (turn + 1) % 4;
	memset(text[turn], 't', len);
	text[turn][len] = '\0';
	return text[turn];
}

static void test_limits(void)
{
	check(!MAKE(.name = text_of(255)), "the longest key");
	check(MAKE(.name = text_of(256)) == -EINVAL &&
	      strstr(fault.text, "256 bytes, 255"), "a key too long");
	check(!MAKE(.fstype = text_of(63)), "the longest type");
	check(MAKE(.fstype = text_of(64)) == -EINVAL &&
	      strstr(fault.text, "64 bytes, 63"), "a type too long");
	check(!MAKE(.source = text_of(4095)), "the longest source");
	check(MAKE(.source = text_of(4096)) == -EINVAL &&
	      strstr(fault.text, "4096 bytes, 4095"), "a source too long");
	check(!MAKE(.name = text_of(255), .fstype = text_of(63),
		    .source = text_of(4095), .options = text_of(4095)) &&
	      room.record.size == AMFS_KEY_RECORD_MAX, "the longest record");
	check(MAKE(.options = text_of(4096)) == -EINVAL, "options too long");
	check(MAKE(.name = "") && MAKE(.fstype = "") && MAKE(.source = ""),
	      "nothing may be empty");
}

static void test_names(void)
{
	static const char *const good[] = {
		"a", "a/b", "a/b/c/d/e", "...", ".a", "..a/.b", "a../b.", "a b/\x01",
		/* Of direct automount points. */
		"/a/b", "/", "/a/", "//", "/..",
	};
	static const char *const dots[] = {
		".", "..", "a/.", "a/..", "./a", "../a", "a/./b", "a/../b",
	};
	static const char *const empty[] = { "a/", "a//b", "a/b/", "a//" };
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		check(!MAKE(.name = good[i]), good[i]);
	for (i = 0; i < COUNT(dots); i++)
		check(MAKE(.name = dots[i]) == -EINVAL &&
		      strstr(fault.text, "can't be a key"), dots[i]);
	for (i = 0; i < COUNT(empty); i++)
		check(MAKE(.name = empty[i]) == -EINVAL &&
		      strstr(fault.text, "empty part"), empty[i]);
}

static void test_types(void)
{
	check(!MAKE(.fstype = "bind", .options = "ro,nosuid"), "bind");
	check(!MAKE(.fstype = "none", .options = "bind,ro") &&
	      !strcmp(room.record.data + 4, "bind"), "none and bind");
	check(MAKE(.fstype = "bind", .options = "size=1m") == -EINVAL &&
	      strstr(fault.text, "size=1m: a bind"), "bind with an option");
	check(MAKE(.fstype = "none", .options = "sync,bind") == -EINVAL &&
	      strstr(fault.text, "sync: a bind"), "bind that is to be sync");
	check(MAKE(.fstype = "none") && strstr(fault.text, "bind"), "none");
	check(MAKE(.fstype = "auto") && strstr(fault.text, "knows"), "auto");
	check(MAKE(.source = "UUID=1-2") && strstr(fault.text, "/by-uuid/"),
	      "UUID");
	check(MAKE(.source = "LABEL=a") && strstr(fault.text, "/by-label/"),
	      "LABEL");
	check(!MAKE(.source = "./UUID=1"), "a path");
}

/* Each bad one is a good one with a field changed. */
static void test_bad_records(void)
{
	static const struct {
		size_t offset;
		uint32_t value;
	} table[] = {
		{ offsetof(struct amfs_key_record, size), 0 },
		{ offsetof(struct amfs_key_record, size), 31 },
		{ offsetof(struct amfs_key_record, size), 32 },
		{ offsetof(struct amfs_key_record, size), 72 },
		{ offsetof(struct amfs_key_record, key_len), 2 },
		{ offsetof(struct amfs_key_record, key_len), 0xffffffff },
		{ offsetof(struct amfs_key_record, fstype_len), 100 },
		{ offsetof(struct amfs_key_record, source_len), 0x7fffffff },
		{ offsetof(struct amfs_key_record, options_len), 0xfffffff0 },
		{ offsetof(struct amfs_key_record, options_len), 1 },
	};
	struct amfs_key key;
	char *copy = malloc(64);
	size_t i;

	check(copy && !MAKE(.options = "size=1m,x"), "a good one");
	for (i = 0; copy && i < COUNT(table); i++) {
		memcpy(copy, room.bytes, 64);
		memcpy(copy + table[i].offset, &table[i].value, 4);
		check(!amfs_key_record_read(&key, copy, 64), "a bad one");
	}
	check(!amfs_key_record_read(&key, room.bytes, 63) &&
	      !amfs_key_record_read(&key, room.bytes, 31), "a part of one");
	free(copy);
}

int main(void)
{
	test_nothing();
	test_restrictions();
	test_filesystem();
	test_refused();
	test_timeout();
	test_most_options();
	test_list();
	test_record();
	test_limits();
	test_names();
	test_types();
	test_bad_records();
	printf("1..%d\n", cases);
	return failures != 0;
}
