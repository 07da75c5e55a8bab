// SPDX-License-Identifier: GPL-2.0
/*
 * amfsctl key load: what a file says, and where it is wrong.
 *
 * unit-sources: src/ctl/key_file.c src/ctl/key_options.c src/ctl/key_record.c src/ctl/fault.c src/ctl/text.c
 * unit-ldflags: -lmount
 */
#include "../../src/ctl/key_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl/device.h"
#include "../../src/ctl/key_record.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static int cases;
static int failures;
static struct amfs_key_file file;
static char *faults;

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

static void clear(void)
{
	amfs_key_file_clear(&file);
	free(faults);
	faults = NULL;
}

/* Reads it as the file F; how many bad lines there are. */
static size_t load(const char *text, size_t len)
{
	FILE *in = tmpfile();
	size_t size;
	FILE *out;

	clear();
	out = open_memstream(&faults, &size);
	if (!in || !out || fwrite(text, 1, len, in) != len)
		abort();
	rewind(in);
	amfs_key_file_read(&file, in, "F", out);
	fclose(in);
	fclose(out);
	return file.bad;
}

static size_t load_text(const char *text)
{
	return load(text, strlen(text));
}

static struct amfs_key key_of(size_t i)
{
	struct amfs_key key = { .name = "" };

	if (i < file.count)
		amfs_key_record_read(&key, (const char *)file.lines[i].record,
				     file.lines[i].record->size);
	return key;
}

/* Whether line @i of the outcome is this; @options are those of amfsctl. */
static bool is(size_t i, unsigned long number, const char *map,
	       const char *name, const char *fstype, const char *source)
{
	struct amfs_key key = key_of(i);

	return i < file.count && file.lines[i].number == number &&
	       !strcmp(file.lines[i].map, map) && !strcmp(key.name, name) &&
	       !strcmp(key.fstype, fstype) && !strcmp(key.source, source);
}

static void test_good(void)
{
	check(!load_text("# keys\n"
			 "\n"
			 "none\thome/ann  tmpfs size=1m,ro,x-amfs.timeout=60 0 0\n"
			 "  \t# more\n"
			 "  /srv/x home/bob bind ro\r\n"
			 "tmpfs work/a tmpfs\n"
			 "/dev/loop0 home/c ext4 defaults,noload 0 2") &&
	      file.count == 4 && !*faults, "a file");
	check(is(0, 3, "home", "ann", "tmpfs", "none"), "the first");
	check(key_of(0).timeout_s == 60 && key_of(0).attr == 1 &&
	      key_of(0).options_len == 8 &&
	      !strcmp(key_of(0).options, "size=1m"), "its options");
	check(is(1, 5, "home", "bob", "bind", "/srv/x") &&
	      key_of(1).attr == 1, "the line may end in CR LF");
	check(is(2, 7, "home", "c", "ext4", "/dev/loop0") &&
	      !strcmp(key_of(2).options, "noload"), "maps stay together");
	check(is(3, 6, "work", "a", "tmpfs", "tmpfs") &&
	      key_of(3).timeout_s == AMFS_TIMEOUT_DEFAULT, "without options");
}

static void test_unchanged(void)
{
	check(!load_text("my\\040disk m\\040p/a\\011b\\134 t o=\\054x\\012y\n") &&
	      is(0, 1, "m p", "a\tb\\", "t", "my disk"), "escapes");
	check(!load_text("../x/ home/ann... none bind\n") &&
	      is(0, 1, "home", "ann...", "bind", "../x/"), "paths stay");
	check(!load_text("12 34/56 78 9\n") && is(0, 1, "34", "56", "78", "12"),
	      "numbers are no line of mountinfo");
	check(!load_text("Filename\tType/Size Used Priority\n") &&
	      is(0, 1, "Type", "Size", "Used", "Filename"),
	      "and this is no list of swaps");
	check(!load_text("/dev/root home/r ext4 ro 1 1 # root\n") &&
	      is(0, 1, "home", "r", "ext4", "/dev/root"), "/dev/root stays");
	check(!load_text("//server/x home/w cifs vers=3\n") &&
	      is(0, 1, "home", "w", "cifs", "//server/x"), "//server/x stays");
	check(!load_text("\xff home/\xfe t\n") &&
	      is(0, 1, "home", "\xfe", "t", "\xff"), "any bytes");
}

static void test_order(void)
{
	check(!load_text("s b/2 t\ns a/z t\ns b/1 t\ns a/y t\ns b/3 t\n") &&
	      file.count == 5 && is(0, 2, "a", "z", "t", "s") &&
	      is(1, 4, "a", "y", "t", "s") && is(2, 1, "b", "2", "t", "s") &&
	      is(3, 3, "b", "1", "t", "s") && is(4, 5, "b", "3", "t", "s"),
	      "by map, and then as in the file");
	check(!load_text("") && !file.count, "an empty file");
	check(!load_text("#\n \n\n#") && !file.count, "comments alone");
}

static void test_bad(void)
{
	static const struct {
		const char *line;
		const char *why;
	} table[] = {
		{ "none", "no line of fstab(5); SOURCE MAP/KEY" },
		{ "none home/a", "no line of fstab(5); SOURCE MAP/KEY" },
		{ "none home/a tmpfs ro, size=1", "no line of fstab(5)" },
		{ "none home/a tmpfs ro 0 x", "no line of fstab(5)" },
		{ "none home tmpfs", "home: MAP/KEY is expected" },
		{ "none /home/a tmpfs", "/home/a: MAP/KEY is expected: the" },
		{ "none home/ tmpfs", "the key is empty" },
		{ "none home/a//b tmpfs", "no empty part" },
		{ "none home/a/ tmpfs", "no empty part" },
		{ "none home/a/../b tmpfs", ".. can't be a key or a part" },
		{ "none home/.. tmpfs", ".. can't be a key" },
		{ "none home/a none", "type none" },
		{ "/x home/a bind size=1", "a bind has no options" },
		{ "UUID=1 home/a ext4", "/dev/disk/by-uuid/" },
		{ "none home/a tmpfs noatime", "access times" },
		{ "none home/a tmpfs a=\"b", "double quote" },
		{ "none home/a tmpfs x-amfs.timeout=1m", "seconds is" },
		{ "none home/a tmpfs x-amfs.timeout", "seconds is" },
		{ "none home/a tmpfs x-amfs.timeout=-1", "seconds is" },
		{ "none home/a\\000b tmpfs", "NUL" },
		{ "none home/a tmpfs o\\400", "NUL" },
		{ "none home/\\033 tmpfs loop", "losetup" },
	};
	char text[256];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		snprintf(text, sizeof(text), "# 1\nnone home/x tmpfs\n%s\nnone home/y tmpfs\n",
			 table[i].line);
		check(load_text(text) == 1 && !strncmp(faults, "F:3: ", 5) &&
		      strstr(faults, table[i].why) &&
		      strchr(faults, '\n') == faults + strlen(faults) - 1,
		      table[i].line);
	}
	check(load("none home/x t\0mpfs\n", 19) == 1 && strstr(faults, "NUL"),
	      "a NUL byte");
}

static void test_long(void)
{
	char text[6000] = "none ";

	memset(text + 5, 'm', 255);
	memcpy(text + 260, "/k tmpfs", 9);
	check(!load_text(text) && file.count == 1, "the longest map");
	memcpy(text + 260, "m/k tmpfs", 10);
	check(load_text(text) == 1 && strstr(faults, "256 bytes, 255"),
	      "a map too long");
	memset(text, 's', 4096);
	memcpy(text + 4095, " home/k tmpfs", 14);
	check(!load_text(text) && file.count == 1, "the longest source");
	memcpy(text + 4095, "s home/k tmpfs", 15);
	check(load_text(text) == 1 && strstr(faults, "4096 bytes, 4095"),
	      "a source too long");
}

static void test_folders(void)
{
	check(!load_text("s m/a/b/c t\ns m/a/b.d t\ns m/a/...  t\ns m//u/l t\n"
			 "s m//u t\ns n/a t\n") &&
	      is(0, 1, "m", "a/b/c", "t", "s") && is(3, 4, "m", "/u/l", "t", "s"),
	      "keys in folders");
	check(load_text("s m/a t\ns m/a.b t\ns m/a! t\ns m/a/b/c t\n") == 1 &&
	      !strcmp(faults, "F:4: m/a/b/c: it lies in the key a of line 1, and the kernel mounts nothing inside of a key\n"),
	      "a key in a key");
	check(load_text("s m/a/b/c t\ns m/a\\001 t\ns m/a/b t\n") == 1 &&
	      !strncmp(faults, "F:1: m/a/b/c: ", 14), "in the other order");
}

static void test_many(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i;

	for (i = 0; i < 5000; i++)
		fprintf(out, "none m%d/key%d tmpfs size=%d\n", i % 3, i, i);
	fclose(out);
	check(!load_text(text) && file.count == 5000 &&
	      is(0, 1, "m0", "key0", "tmpfs", "none") &&
	      is(4999, 4998, "m2", "key4997", "tmpfs", "none"), "thousands");
	free(text);
	out = open_memstream(&text, &size);
	for (i = 0; i < 50; i++)
		fputs("bad\n", out);
	fclose(out);
	check(load_text(text) == 50 && strstr(faults, "F:20: ") &&
	      !strstr(faults, "F:21: ") && strstr(faults, "and 30 more"),
	      "many bad lines");
	free(text);
}

static void test_doubles(void)
{
	check(load_text("s a/k t\ns b/k t\ns a/l t\ns a/k u\n") == 1 &&
	      !strcmp(faults, "F:4: a/k: there is such a key in line 1 already\n"),
	      "a key twice");
}

int main(void)
{
	test_good();
	test_unchanged();
	test_order();
	test_bad();
	test_long();
	test_many();
	test_doubles();
	test_folders();
	clear();
	printf("1..%d\n", cases);
	return failures != 0;
}
