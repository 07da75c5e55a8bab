// SPDX-License-Identifier: GPL-2.0
#include "key_unit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/ctl/device.h"

static int cases;
static int failures;

void key_unit_check(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	cases++;
	failures += !good;
}

int key_unit_finish(void)
{
	key_unit_clear();
	printf("1..%d\n", cases);
	return failures != 0;
}

_Noreturn void amfs_die(int error, const char *format, ...)
{
	printf("# %s (%d)\n", format, error);
	abort();
}

/* ---- the kernel: one table for all maps, in the order of loading ---- */

#define MOST	12000

struct key_unit key_unit = { .page = 100 };

static struct key_unit_loaded loaded[MOST];

static size_t find(const char *map, const struct amfs_key_record *record)
{
	size_t i;

	for (i = 0; i < key_unit.count; i++)
		if (loaded[i].record->key_len == record->key_len &&
		    !strcmp(loaded[i].record->data, record->data) &&
		    !strcmp(loaded[i].map, map))
			break;
	return i;
}

static bool lies_in(const char *name, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(name, folder, len) && name[len] == '/';
}

static int conflict(const struct amfs_keys *keys, const char *name)
{
	size_t i;

	for (i = 0; i < key_unit.count && *name != '/'; i++) {
		if (strcmp(loaded[i].map, keys->map))
			continue;
		if (lies_in(name, loaded[i].record->data))
			return ENOTDIR;
		if (lies_in(loaded[i].record->data, name))
			return EISDIR;
	}
	return 0;
}

static int add(const struct amfs_keys *keys,
	       const struct amfs_key_record *record)
{
	int error = conflict(keys, record->data);
	size_t i = find(keys->map, record);

	if (error)
		return error;
	if (i < key_unit.count && !(keys->flags & AMFS_KEYS_REPLACE))
		return EEXIST;
	if (i == MOST)
		abort();
	if (i == key_unit.count)
		key_unit.count++;
	else
		free(loaded[i].record);
	memcpy(loaded[i].map, keys->map, sizeof(loaded[i].map));
	loaded[i].record = malloc(record->size);
	memcpy(loaded[i].record, record, record->size);
	return 0;
}

static void forget(size_t i)
{
	free(loaded[i].record);
	key_unit.count--;
	memmove(&loaded[i], &loaded[i + 1],
		(key_unit.count - i) * sizeof(loaded[0]));
}

static int take(struct amfs_keys *keys)
{
	const char *at = (const char *)(uintptr_t)keys->buf;
	const char *end = at + keys->buf_len;
	const struct amfs_key_record *record;
	int error = 0;
	size_t i;

	for (; at < end; at += record->size) {
		record = (const struct amfs_key_record *)at;
		if (keys->op == AMFS_KEYS_ADD) {
			error = add(keys, record);
		} else {
			i = find(keys->map, record);
			error = i < key_unit.count ? 0 : ENOENT;
			if (!error)
				forget(i);
		}
		if (error)
			break;
		keys->done++;
	}
	return error;
}

static void clear_map(struct amfs_keys *keys)
{
	size_t i = key_unit.count;

	while (i--) {
		if (strcmp(loaded[i].map, keys->map))
			continue;
		forget(i);
		keys->done++;
	}
}

static bool is_listed(const struct amfs_keys *keys, size_t i)
{
	size_t k;

	if (keys->op == AMFS_KEYS_LIST)
		return !strcmp(loaded[i].map, keys->map);
	for (k = 0; k < i; k++)
		if (!strcmp(loaded[k].map, loaded[i].map))
			return false;
	return true;
}

static void list_keys(struct amfs_keys *keys)
{
	char *out = (char *)(uintptr_t)keys->buf;
	struct amfs_key_record *record;
	size_t count = 0;

	keys->buf_len = 0;
	for (; keys->cursor < key_unit.count && count < key_unit.page;
	     keys->cursor++) {
		if (!is_listed(keys, keys->cursor))
			continue;
		count++;
		record = (struct amfs_key_record *)(out + keys->buf_len);
		if (keys->op == AMFS_KEYS_LIST) {
			memcpy(record, loaded[keys->cursor].record,
			       loaded[keys->cursor].record->size);
		} else {
			memset(record, 0, sizeof(*record) + 264);
			record->key_len = strlen(loaded[keys->cursor].map);
			record->size = (sizeof(*record) + record->key_len + 3 +
					7) & ~7U;
			strcpy(record->data, loaded[keys->cursor].map);
		}
		keys->buf_len += record->size;
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct amfs_keys *keys;
	va_list args;
	int error = 0;

	va_start(args, request);
	keys = va_arg(args, struct amfs_keys *);
	va_end(args);
	if (fd != KEY_UNIT_FD || request != AMFS_IOC_KEYS ||
	    keys->size != sizeof(*keys) || keys->version != AMFS_VERSION)
		abort();
	key_unit.calls++;
	if (keys->op == AMFS_KEYS_ADD || keys->op == AMFS_KEYS_DEL) {
		if (keys->buf_len > key_unit.longest)
			key_unit.longest = keys->buf_len;
		error = take(keys);
	} else if (keys->op == AMFS_KEYS_CLEAR) {
		clear_map(keys);
	} else {
		list_keys(keys);
	}
	errno = error;
	return error ? -1 : 0;
}

const struct key_unit_loaded *key_unit_loaded(size_t i)
{
	return i < key_unit.count ? &loaded[i] : NULL;
}

void key_unit_clear(void)
{
	while (key_unit.count)
		forget(key_unit.count - 1);
}

/* ---- what is said to people ---- */

static int saved[2];
static int caught;

void key_unit_catch(void)
{
	int i;

	fflush(stdout);
	caught = memfd_create("said", 0);
	for (i = 0; i < 2; i++) {
		saved[i] = dup(i + 1);
		if (caught < 0 || saved[i] < 0 || dup2(caught, i + 1) < 0)
			abort();
	}
}

static const char *said(void)
{
	static char text[4096];
	ssize_t len;
	int i;

	fflush(stdout);
	for (i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		close(saved[i]);
	}
	len = pread(caught, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	close(caught);
	return text;
}

void key_unit_said(int outcome, int wanted, const char *text)
{
	const char *got = said();

	key_unit_check(outcome == wanted && !strcmp(got, text), "outcome, and words");
	if (outcome != wanted || strcmp(got, text))
		printf("# %d: %s\n", outcome, got);
}

void key_unit_read(struct amfs_key_file *file, const char *text)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	amfs_key_file_read(file, in, "F", stdout);
	fclose(in);
}
