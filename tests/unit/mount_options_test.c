// SPDX-License-Identifier: GPL-2.0
/*
 * Mount options: every word that has a meaning of its own, and the rest.
 *
 * unit-sources: src/daemon/mount_options.c src/daemon/log.c
 */
#include "../../src/daemon/mount_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

static int cases;
static int failures;
static struct amfs_mount_options options;
static struct amfs_why why;

static void check(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	cases++;
	failures += !good;
}

static int parse(const char *text)
{
	amfs_mount_options_clear(&options);
	why.text[0] = '\0';
	return amfs_mount_options_parse(&options, text, &why);
}

static bool has(size_t i, const char *name, const char *value)
{
	const struct amfs_mount_option *option = &options.list[i];

	if (i >= options.count || strcmp(option->name, name))
		return false;
	return value ? option->value && !strcmp(option->value, value) :
	       !option->value;
}

static void test_empty(void)
{
	static const char *const empty[] = { "", ",", ",,,", "defaults",
					     "auto,nofail,_netdev,x-foo=1,comment=a" };
	size_t i;

	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		check(!parse(empty[i]) && !options.count && !options.attr_set &&
		      !options.read_only, "nothing asked for");
}

static void test_attributes(void)
{
	static const struct {
		const char *text;
		uint64_t set;
		bool read_only;
	} table[] = {
		{ "ro", MOUNT_ATTR_RDONLY, true },
		{ "ro,rw", 0, false },
		{ "rw,ro", MOUNT_ATTR_RDONLY, true },
		{ "nosuid,nodev,noexec", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		  MOUNT_ATTR_NOEXEC, false },
		{ "nosuid,suid", 0, false },
		{ "noatime", MOUNT_ATTR_NOATIME, false },
		{ "noatime,strictatime", MOUNT_ATTR_STRICTATIME, false },
		{ "strictatime,noatime,relatime", 0, false },
		{ "nodiratime,noatime", MOUNT_ATTR_NODIRATIME |
		  MOUNT_ATTR_NOATIME, false },
		{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, false },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(!parse(table[i].text) && !options.count &&
		      options.attr_set == table[i].set &&
		      options.read_only == table[i].read_only, table[i].text);
	check(!parse("noatime") && options.attr_clear == MOUNT_ATTR__ATIME,
	      "a time mode replaces the one that is there");
	check(!parse("nosuid") && !options.attr_clear,
	      "without a time mode that stays as it is");
}

static void test_rest(void)
{
	check(!parse("size=1m,huge,mode=0755,nodev") && options.count == 3 &&
	      has(0, "size", "1m") && has(1, "huge", NULL) &&
	      has(2, "mode", "0755"), "options of the filesystem, in order");
	check(!parse("context=\"a,b\",x") && options.count == 2 &&
	      has(0, "context", "a,b") && has(1, "x", NULL),
	      "a comma between quotes");
	check(!parse("a=\"b") && options.count == 1 && has(0, "a", "b"),
	      "a quote that isn't closed");
	check(!parse("a=") && options.count == 1 && has(0, "a", ""),
	      "an empty value");
	check(!parse("a=b=c") && has(0, "a", "b=c"), "a value with a =");
	check(!parse("ro=1") && has(0, "ro", "1") && !options.read_only,
	      "a word of ours with a value is the filesystem's");
}

static void test_bind_and_loop(void)
{
	check(!parse("bind") && options.bind && !options.recursive, "bind");
	check(!parse("rbind,ro") && options.bind && options.recursive &&
	      options.read_only, "rbind");
	check(!parse("slave") && options.propagation == MS_SLAVE, "slave");
	check(!parse("loop,offset=512,sizelimit=0x1000") && !options.count &&
	      options.loop_offset == 512 && options.loop_size == 4096, "loop");
	check(parse("loop=/dev/loop1") == -EINVAL && *why.text, "loop=");
	check(parse("offset=x") == -EINVAL && *why.text, "offset=x");
	check(parse("offset=-1") == -EINVAL && *why.text, "offset=-1");
	check(parse("offset=99999999999999999999") == -EINVAL, "offset=9...");
	check(parse("sizelimit") == -EINVAL && *why.text, "sizelimit");
}

static void check_helper(const char *text, const char *wanted)
{
	char *list = amfs_mount_options_for_helper(text);

	check(list && !strcmp(list, wanted), "list for a helper");
	free(list);
}

static void test_helper(void)
{
	check_helper("", "");
	check_helper("ro,nosuid,vers=4.2", "ro,nosuid,vers=4.2");
	check_helper("defaults,ro,bg,_netdev", "ro");
	check_helper("bg", "");
	check_helper("bgx,x-y,soft", "bgx,soft");
	check_helper("context=\"a,bg,b\",bg", "context=\"a,bg,b\"");
}

int main(void)
{
	test_empty();
	test_attributes();
	test_rest();
	test_bind_and_loop();
	test_helper();
	amfs_mount_options_clear(&options);
	printf("1..%d\n", cases);
	return failures != 0;
}
