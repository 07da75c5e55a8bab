// SPDX-License-Identifier: GPL-2.0
/*
 * amfsctl key: what it asks the kernel for, and what it says.
 *
 * unit-sources: tests/unit/key_unit.c src/ctl/key.c src/ctl/key_load.c src/ctl/key_call.c
 * unit-sources: src/ctl/key_file.c src/ctl/key_options.c src/ctl/key_record.c src/ctl/fault.c src/ctl/text.c
 * unit-ldflags: -lmount -Wl,--wrap=ioctl
 */
#include "../../src/ctl/key.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/ctl/device.h"
#include "../../src/ctl/key_call.h"
#include "key_unit.h"

#define FD	KEY_UNIT_FD

static union amfs_key_room rooms[4];

static const struct amfs_key_record *record(int i, const char *name,
					    const char *source)
{
	struct amfs_key_words words = {
		.name = name, .fstype = "tmpfs", .source = source,
	};
	struct amfs_fault fault;

	if (amfs_key_record_make(&rooms[i], &words, &fault))
		abort();
	return &rooms[i].record;
}

static int add(const char *map, const char *name, const char *source,
	       bool replace)
{
	return amfs_key_add(FD, map, record(0, name, source), replace);
}

static void test_add(void)
{
	KEY_UNIT_SAYS(add("home", "ann", "a", false), AMFS_EXIT_OK, "");
	KEY_UNIT_SAYS(add("home", "ann", "b", false), AMFS_EXIT_CANNOT,
		      "amfsctl: home: ann: there is such a key; --replace replaces it\n");
	KEY_UNIT_SAYS(add("home", "ann", "b", true), AMFS_EXIT_OK, "");
	key_unit_check(key_unit.count == 1 &&
		       !memcmp(key_unit_loaded(0)->record->data,
			       "ann\0tmpfs\0b", 12), "replaced");
	KEY_UNIT_SAYS(add("work", "ann", "a", false), AMFS_EXIT_OK, "");
	key_unit_clear();
}

static void test_folders(void)
{
	KEY_UNIT_SAYS(add("home", "a/b", "s", false), AMFS_EXIT_OK, "");
	KEY_UNIT_SAYS(add("home", "a", "s", true), AMFS_EXIT_CANNOT,
		      "amfsctl: home: a: there are keys below it, and the kernel mounts nothing inside of a key; delete those first, or have amfsd serve all as one key\n");
	KEY_UNIT_SAYS(add("home", "a/b/c", "s", true), AMFS_EXIT_CANNOT,
		      "amfsctl: home: a/b/c: a part of it is a key itself, and the kernel mounts nothing inside of a key; delete that one first, or have amfsd serve both as one key\n");
	KEY_UNIT_SAYS(add("home", "a/b.c", "s", false), AMFS_EXIT_OK, "");
	key_unit_clear();
}

static void test_del(void)
{
	const struct amfs_key_record *three[3];

	add("home", "ann", "s", false);
	add("home", "c", "s", false);
	three[0] = record(0, "ann", "s");
	three[1] = record(1, "b\n", "s");
	three[2] = record(2, "c", "s");
	KEY_UNIT_SAYS(amfs_key_del(FD, "home", three, 3), AMFS_EXIT_MISSING,
		      "amfsctl: home: b\\x0a: no such key\n");
	key_unit_check(!key_unit.count, "those that were there are gone");
	KEY_UNIT_SAYS(amfs_key_del(FD, "home", three, 3), AMFS_EXIT_MISSING,
		      "amfsctl: home: ann: no such key\n"
		      "amfsctl: home: b\\x0a: no such key\n"
		      "amfsctl: home: c: no such key\n");
	add("home", "c", "s", false);
	three[0] = record(0, "c", "s");
	KEY_UNIT_SAYS(amfs_key_del(FD, "home", three, 1), AMFS_EXIT_OK, "");
}

static void test_clear(void)
{
	add("home", "a", "s", false);
	add("home", "b", "s", false);
	add("work", "a", "s", false);
	KEY_UNIT_SAYS(amfs_key_clear(FD, "home"), AMFS_EXIT_OK,
		      "home: 2 deleted\n");
	KEY_UNIT_SAYS(amfs_key_clear(FD, "home"), AMFS_EXIT_OK,
		      "home: no keys\n");
	key_unit_check(key_unit.count == 1, "the other map's is there");
	key_unit_clear();
}

static void test_load(void)
{
	struct amfs_key_file file;

	key_unit_read(&file, "s home/a t\ns work/b t\ns home/c t\ns home/d t\n");
	KEY_UNIT_SAYS(amfs_key_load(FD, &file, false), AMFS_EXIT_OK,
		      "4 keys loaded\n");
	amfs_key_file_clear(&file);
	key_unit_read(&file, "s b/1 t\n\ns home/e t\ns home/c t\ns home/f t\n");
	KEY_UNIT_SAYS(amfs_key_load(FD, &file, false), AMFS_EXIT_CANNOT,
		      "F:4: home: c: there is such a key; --replace replaces it\n"
		      "amfsctl: 2 of 4 keys were loaded before that\n");
	key_unit_check(key_unit.count == 6, "and no more");
	KEY_UNIT_SAYS(amfs_key_load(FD, &file, true), AMFS_EXIT_OK,
		      "4 keys loaded\n");
	amfs_key_file_clear(&file);
	key_unit_read(&file, "# nothing\n");
	key_unit.calls = 0;
	KEY_UNIT_SAYS(amfs_key_load(FD, &file, true), AMFS_EXIT_OK,
		      "0 keys loaded\n");
	key_unit_check(!key_unit.calls, "no call for nothing");
	amfs_key_file_clear(&file);
	key_unit_clear();
}

static void test_many(void)
{
	struct amfs_key_file file;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool same = true;
	size_t i;

	for (i = 0; i < 10000; i++)
		fprintf(out, "/a/source/of/a/certain/length/%060zu home/key%zu bind\n",
			i, i);
	fclose(out);
	key_unit_read(&file, text);
	key_unit.calls = 0;
	KEY_UNIT_SAYS(amfs_key_load(FD, &file, false), AMFS_EXIT_OK,
		      "10000 keys loaded\n");
	key_unit_check(key_unit.calls == 2 &&
		       key_unit.longest <= AMFS_KEY_CALL_MAX &&
		       key_unit.longest > AMFS_KEY_CALL_MAX - 200, "few calls");
	for (i = 0; same && i < file.count; i++)
		same = key_unit_loaded(i) &&
		       !memcmp(file.lines[i].record, key_unit_loaded(i)->record,
			       file.lines[i].record->size);
	key_unit_check(same && key_unit.count == 10000, "all, in order");
	amfs_key_file_clear(&file);
	free(text);
}

int main(void)
{
	test_add();
	test_folders();
	test_del();
	test_clear();
	test_load();
	test_many();
	return key_unit_finish();
}
