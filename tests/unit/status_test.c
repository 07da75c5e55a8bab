// SPDX-License-Identifier: GPL-2.0
/*
 * amfsctl: names as text, tables, JSON.
 *
 * unit-sources: src/ctl/text.c src/ctl/grid.c src/ctl/table.c src/ctl/json.c src/ctl/json_put.c src/ctl/words.c
 * unit-ldflags: -ljson-c
 */
#include "../../src/ctl/grid.h"
#include "../../src/ctl/status.h"
#include "../../src/ctl/text.h"

#include <json-c/json.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl/device.h"

static int cases;
static int failures;

static void check(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	cases++;
	failures += !good;
}

/* ---- what is in status.c and device.c, without a kernel ---- */

_Noreturn void amfs_die(int error, const char *format, ...)
{
	(void)error;
	puts(format);
	abort();
}

const char *amfs_status_map(const struct amfs_status *status, __u32 dev_major,
			    __u32 dev_minor)
{
	(void)dev_major;
	(void)dev_minor;
	return status->points[0].info.map;
}

const char *amfs_status_user(__u32 uid)
{
	return uid ? "alice" : "root";
}

/* ---- text ---- */

static void test_time(void)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} table[] = {
		{ 0, "0.0 s" }, { 99, "0.0 s" }, { 9999, "9.9 s" },
		{ 10000, "10 s" }, { 119999, "119 s" },
		{ 120000, "2 min 0 s" }, { 7199999, "119 min 59 s" },
		{ 7200000, "2 h 0 min" },
	};
	char out[32];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(!strcmp(amfs_text_time(out, sizeof(out), table[i].ms),
			      table[i].text), table[i].text);
	amfs_text_time(out, sizeof(out), UINT64_MAX);
	check(strlen(out) < sizeof(out), "the longest time");
}

static void check_utf8(const char *in, size_t len, const char *wanted)
{
	char out[AMFS_TEXT_SIZE];

	/* A line end in the name of a case would tear the report. */
	check(!strcmp(amfs_text_utf8(out, in, len), wanted), "UTF-8");
}

static void test_utf8(void)
{
	check_utf8("", 0, "");
	check_utf8("a\nb", 3, "a\nb");
	check_utf8("a\\b", 3, "a\\x5cb");
	check_utf8("\xc3\xa4", 2, "\xc3\xa4");
	check_utf8("\xc3", 1, "\\xc3");
	check_utf8("\xc0\x80", 2, "\\xc0\\x80");
	check_utf8("\xe0\x80\x80", 3, "\\xe0\\x80\\x80");
	check_utf8("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	check_utf8("\xe2\x82\xac", 3, "\xe2\x82\xac");
	check_utf8("\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf");
	check_utf8("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	check_utf8("\xf0\x9f\x98", 3, "\\xf0\\x9f\\x98");
	check_utf8("\xff\xfe", 2, "\\xff\\xfe");
}

static void test_show(void)
{
	char out[AMFS_TEXT_SIZE];
	char all[255];

	check(!strcmp(amfs_text_show(out, "a b\n\x1b\\", 6),
		      "a b\\x0a\\x1b\\x5c"), "control bytes");
	check(!strcmp(amfs_text_show(out, "\xff", 1), "\\xff"), "no character");
	check(!strcmp(amfs_text_show(out, "a\0b", 3), "a\\x00b"), "NUL");
	memset(all, 0x80, sizeof(all));
	check(strlen(amfs_text_show(out, all, sizeof(all))) == 1020,
	      "the longest name");
	check(strlen(amfs_text_hex(out, all, sizeof(all))) == 510 &&
	      !strncmp(out, "8080", 4), "hexadecimal");
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return;
	check(!strcmp(amfs_text_show(out, "\xc3\xa4\xe2\x80\xae", 5),
		      "\xc3\xa4\\xe2\\x80\\xae"), "nothing turns the text");
	check(amfs_text_width("\xc3\xa4") == 1 &&
	      amfs_text_width("\xe6\xbc\xa2") == 2, "columns, not bytes");
	check(!strcmp(amfs_text_show(out, "\xe6\xbc", 2), "\\xe6\\xbc"),
	      "half a character");
}

/* ---- tables and JSON ---- */

static struct amfs_status sample(void)
{
	static char *places[] = { "/net", "/a/net" };
	static struct amfs_status_point point;
	static struct amfs_info_key keys[2];
	static struct amfs_info_request requests[2];

	point.info = (struct amfs_info_point){
		.map = "net\xff", .dev_minor = 40, .daemon_pid = 7,
		.timeout_s = 300, .mounted = 1, .failed = 1,
	};
	point.places = places;
	point.nr_places = 2;
	keys[0] = (struct amfs_info_key){
		.state = AMFS_INFO_MOUNTED, .name = "a\nb", .idle_ms = 1500,
		.due_ms = 20000,
	};
	keys[1] = (struct amfs_info_key){
		.state = AMFS_INFO_FAILED, .name = "\xe4", .error = 2,
	};
	requests[0] = (struct amfs_info_request){
		.kind = AMFS_MSG_MOUNT, .id = 9, .pid = 12, .uid = 1000,
		.mnt_ns = 4026531841,
		.comm = "ls\"", .name = "k", .delivered = 1, .waiters = 3,
		.age_ms = 400, .left_ms = 59600,
	};
	requests[1] = (struct amfs_info_request){
		.kind = AMFS_MSG_EXPIRE, .id = 10, .name = "k2",
	};
	return (struct amfs_status){
		.points = &point, .nr_points = 1, .keys = keys, .nr_keys = 2,
		.requests = requests, .nr_requests = 2,
	};
}

static char *print(void (*write)(const struct amfs_status *, FILE *),
		   const struct amfs_status *status)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	write(status, out);
	fclose(out);
	return text;
}

static void test_table(void)
{
	struct amfs_status status = sample();
	struct amfs_status none = { 0 };
	char *text = print(amfs_status_table, &status);

	check(strstr(text, "MAP      MOUNTED ON"), "heads over columns");
	check(strstr(text, "\nnet\\xff  /net (and 1 more)"), "a point");
	check(strstr(text, "a\\x0ab"), "a name on one line");
	check(strstr(text, "ENOENT (No such file or directory)\n"), "an error");
	check(strstr(text, "alice"), "a user");
	check(strstr(text, "(kernel)"), "the kernel asked");
	check(!strstr(text, " \n"), "no spaces at the end");
	free(text);
	text = print(amfs_status_table, &none);
	check(strchr(text, '\n') == strrchr(text, '\n'), "nothing there");
	free(text);
}

static void write_json(const struct amfs_status *status, FILE *out)
{
	if (amfs_status_json(status, out))
		abort();
}

static const char *string(struct json_object *root, const char *list,
			  size_t i, const char *name)
{
	struct json_object *entry;

	entry = json_object_array_get_idx(json_object_object_get(root, list),
					  i);
	return json_object_get_string(json_object_object_get(entry, name));
}

static void test_json(void)
{
	struct amfs_status status = sample();
	char *text = print(write_json, &status);
	struct json_object *root = json_tokener_parse(text);

	check(root, "it is JSON");
	check(!strcmp(string(root, "points", 0, "map"), "net\\xff"), "a map");
	check(!strcmp(string(root, "points", 0, "map_hex"), "6e6574ff"),
	      "its exact name");
	check(!strcmp(string(root, "keys", 0, "key"), "a\nb"), "a key");
	check(!strcmp(string(root, "keys", 1, "key"), "\\xe4") &&
	      !strcmp(string(root, "keys", 1, "key_hex"), "e4"),
	      "a key that isn't UTF-8");
	check(!strcmp(string(root, "keys", 1, "error"), "ENOENT"), "an error");
	check(!strcmp(string(root, "requests", 0, "comm"), "ls\""), "a quote");
	json_object_put(root);
	free(text);
}

int main(void)
{
	test_time();
	test_utf8();
	test_show();
	test_table();
	test_json();
	printf("1..%d\n", cases);
	return failures != 0;
}
