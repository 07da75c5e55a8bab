// SPDX-License-Identifier: GPL-2.0
/*
 * amfsctl key list: what is read, the table, and the JSON.
 *
 * unit-sources: tests/unit/key_unit.c src/ctl/key_list.c src/ctl/key_table.c src/ctl/key_json.c
 * unit-sources: src/ctl/key_load.c src/ctl/key_call.c src/ctl/key_file.c src/ctl/key_options.c
 * unit-sources: src/ctl/key_record.c src/ctl/fault.c src/ctl/text.c src/ctl/grid.c src/ctl/json_put.c
 * unit-ldflags: -lmount -ljson-c -Wl,--wrap=ioctl
 */
#include "../../src/ctl/key_list.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl/key.h"
#include "key_unit.h"

static void load(const char *text)
{
	struct amfs_key_file file;

	key_unit_read(&file, text);
	key_unit_catch();
	key_unit_said(amfs_key_load(KEY_UNIT_FD, &file, false), 0,
		      file.count == 1 ? "1 key loaded\n" : "4 keys loaded\n");
	amfs_key_file_clear(&file);
}

static void load_sample(void)
{
	load("none work/z tmpfs\n"
	     "none home/b\\012 tmpfs ro,nosuid,size=1m,x-amfs.timeout=60\n"
	     "/srv/\xff home/a bind x-amfs.timeout=0\n"
	     "none home/c tmpfs context=\"x\\040y,z\",\xc3\xa4,\xe4\n");
}

static char *print(const char *map, bool json)
{
	struct amfs_key_list list;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	amfs_key_list_read(&list, KEY_UNIT_FD, map);
	if (!json)
		amfs_key_list_table(&list, out);
	else if (amfs_key_list_json(&list, out))
		abort();
	amfs_key_list_clear(&list);
	fclose(out);
	return text;
}

static void check_table(const char *map, const char *wanted, const char *name)
{
	char *text = print(map, false);
	bool good = !strcmp(text, wanted);

	key_unit_check(good, name);
	if (!good)
		printf("# got:\n%s", text);
	free(text);
}

static void test_table(void)
{
	static const char work[] =
		"MAP   KEY  TYPE   SOURCE  OPTIONS  TIMEOUT\n"
		"work  z    tmpfs  none    -        default\n";
	static const char all[] =
		"MAP   KEY    TYPE   SOURCE     OPTIONS                        TIMEOUT\n"
		"home  a      bind   /srv/\\xff  -                                never\n"
		"home  b\\x0a  tmpfs  none       ro,nosuid,size=1m                 60 s\n"
		"home  c      tmpfs  none       context=\"x y,z\",\\xc3\\xa4,\\xe4  default\n"
		"work  z      tmpfs  none       -                              default\n";

	check_table(NULL, "No keys are loaded.\n", "nothing there");
	load_sample();
	check_table("work", work, "one map");
	check_table("other", "No keys are loaded.\n", "a map without keys");
	check_table(NULL, all, "all maps");
	for (key_unit.page = 1; key_unit.page < 4; key_unit.page++)
		check_table(NULL, all, "page by page");
	key_unit_clear();
}

static void test_long(void)
{
	char text[9000] = "none home/k tmpfs ";
	char *table;

	memset(text, 's', 4095);
	memcpy(text + 4095, " home/k tmpfs ", 14);
	memset(text + 4109, '\x01', 4095);
	text[4109 + 4095] = '\0';
	load(text);
	table = print(NULL, false);
	key_unit_check(strlen(table) > 2 * (4095 + 4 * 4095), "the longest row");
	free(table);
	key_unit_clear();
}

static struct json_object *parse(const char *map)
{
	char *text = print(map, true);
	struct json_object *root = json_tokener_parse(text);

	free(text);
	return root;
}

static const char *member(struct json_object *root, size_t i, const char *name)
{
	struct json_object *entry = json_object_array_get_idx(root, i);

	return json_object_to_json_string_ext(
		json_object_object_get(entry, name), JSON_C_TO_STRING_PLAIN |
		JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void check_members(struct json_object *root)
{
	static const struct {
		size_t i;
		const char *name;
		const char *wanted;
	} table[] = {
		{ 0, "map", "\"home\"" }, { 0, "map_hex", "\"686f6d65\"" },
		{ 0, "key", "\"a\"" }, { 0, "fstype", "\"bind\"" },
		{ 0, "fstype_hex", "\"62696e64\"" },
		{ 0, "source", "\"/srv/\\\\xff\"" },
		{ 0, "source_hex", "\"2f7372762fff\"" },
		{ 0, "options", "[]" }, { 0, "options_hex", "[]" },
		{ 0, "attributes", "[]" }, { 0, "timeout_s", "0" },
		{ 1, "key", "\"b\\n\"" }, { 1, "key_hex", "\"620a\"" },
		{ 1, "options", "[\"size=1m\"]" },
		{ 1, "attributes", "[\"ro\",\"nosuid\"]" },
		{ 1, "timeout_s", "60" },
		{ 2, "options",
		  "[\"context=x y,z\",\"\xc3\xa4\",\"\\\\xe4\"]" },
		{ 2, "options_hex",
		  "[\"636f6e746578743d7820792c7a\",\"c3a4\",\"e4\"]" },
		{ 3, "map", "\"work\"" }, { 3, "timeout_s", "null" },
	};
	const char *got;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		got = member(root, table[i].i, table[i].name);
		key_unit_check(!strcmp(got, table[i].wanted), table[i].name);
		if (strcmp(got, table[i].wanted))
			printf("# got %s\n", got);
	}
}

static void test_json(void)
{
	struct json_object *root = parse(NULL);

	key_unit_check(json_object_is_type(root, json_type_array) &&
		       !json_object_array_length(root), "nothing there");
	json_object_put(root);
	load_sample();
	root = parse(NULL);
	key_unit_check(json_object_array_length(root) == 4, "an array");
	check_members(root);
	json_object_put(root);
	root = parse("home");
	key_unit_check(json_object_array_length(root) == 3, "one map");
	json_object_put(root);
	key_unit_clear();
}

int main(void)
{
	test_table();
	test_long();
	test_json();
	return key_unit_finish();
}
