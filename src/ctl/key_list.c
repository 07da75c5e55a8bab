// SPDX-License-Identifier: GPL-2.0
/* Reading and sorting; what it looks like is in key_table.c and key_json.c. */
#include "key_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "key_call.h"

#define PAGE_BYTES	(64 * 1024)

/* What one call wrote. */
struct amfs_key_page {
	struct amfs_key_page *next;
	char records[];
};

static struct amfs_key_page *new_page(struct amfs_key_list *list,
				      const char *records, size_t used)
{
	struct amfs_key_page *page = malloc(sizeof(*page) + used);

	if (!page)
		amfs_die(ENOMEM, "the list");
	page->next = list->pages;
	memcpy(page->records, records, used);
	list->pages = page;
	return page;
}

static struct amfs_key *new_key(struct amfs_key_list *list)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->keys = reallocarray(list->keys, list->room,
					  sizeof(*list->keys));
		if (!list->keys)
			amfs_die(ENOMEM, "the list");
	}
	return &list->keys[list->count++];
}

static void add_page(struct amfs_key_list *list, const char *map,
		     const char *records, size_t used)
{
	const char *at = new_page(list, records, used)->records;
	struct amfs_key *key;
	size_t len;

	for (; used; used -= len, at += len) {
		key = new_key(list);
		len = amfs_key_record_read(key, at, used);
		if (!len)
			amfs_die(0, "the kernel's list makes no sense; amfsctl and amfs.ko must be of one release");
		key->map = map;
	}
}

static void read_all(struct amfs_key_list *list, int fd, enum amfs_keys_op op,
		     const char *map)
{
	struct amfs_keys call = amfs_key_call_new(op, map);
	char *buf = malloc(PAGE_BYTES);
	int error;

	if (!buf)
		amfs_die(ENOMEM, "the list");
	call.buf = (uintptr_t)buf;
	for (;;) {
		call.buf_len = PAGE_BYTES;
		error = amfs_key_call(fd, &call);
		if (error)
			amfs_die(error, "the list can't be read");
		if (!call.buf_len)
			break;
		add_page(list, map, buf, call.buf_len);
	}
	free(buf);
}

/* The names of maps come as keys too; they leave when theirs have been read. */
static void read_maps(struct amfs_key_list *list, int fd)
{
	size_t maps;
	size_t i;

	read_all(list, fd, AMFS_KEYS_MAPS, "");
	maps = list->count;
	for (i = 0; i < maps; i++)
		read_all(list, fd, AMFS_KEYS_LIST, list->keys[i].name);
	list->count -= maps;
	if (list->count)
		memmove(list->keys, list->keys + maps,
			list->count * sizeof(*list->keys));
}

static int compare(const void *a, const void *b)
{
	const struct amfs_key *x = a;
	const struct amfs_key *y = b;
	int order = strcmp(x->map, y->map);

	return order ? order : strcmp(x->name, y->name);
}

void amfs_key_list_read(struct amfs_key_list *list, int fd, const char *map)
{
	memset(list, 0, sizeof(*list));
	if (map)
		read_all(list, fd, AMFS_KEYS_LIST, map);
	else
		read_maps(list, fd);
	/* qsort(3) mustn't be given NULL. */
	if (list->count)
		qsort(list->keys, list->count, sizeof(*list->keys), compare);
}

void amfs_key_list_clear(struct amfs_key_list *list)
{
	struct amfs_key_page *page;

	while ((page = list->pages)) {
		list->pages = page->next;
		free(page);
	}
	free(list->keys);
	memset(list, 0, sizeof(*list));
}
