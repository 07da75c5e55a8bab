// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a map's in-kernel keys and deletes them. Nobody else does, so it knows what
 * each call has to say, and that a key is there for whoever asks after it was loaded.
 */
#include "storm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LOADED 8

struct loaded {
	const struct key *key;
	int there;
};

static struct loaded table[MAX_LOADED];
static unsigned int count_of_table;

static uint32_t put_text(char **at, const char *text)
{
	uint32_t len = strlen(text);

	memcpy(*at, text, len + 1);
	*at += len + 1;
	return len;
}

static uint32_t put_key(char *buf, const struct key *key)
{
	struct amfs_key_record *record = (struct amfs_key_record *)buf;
	char *at = record->data, path[PATH_MAX];

	source_path(path, key);
	record->timeout_s = pick(2) ? AMFS_TIMEOUT_DEFAULT : 1;
	record->key_len = put_text(&at, key->name);
	record->fstype_len = put_text(&at, "bind");
	record->source_len = put_text(&at, path);
	record->size = (at - buf + 7) & ~7U;
	return record->size;
}

/* What the call has to say: a key and a folder exclude each other. */
static int expected(enum amfs_keys_op what, const struct loaded *it, int replace)
{
	const char *name = it->key->name;
	unsigned int i;

	if (what == AMFS_KEYS_DEL)
		return it->there ? 0 : ENOENT;
	if (it->there)
		return replace ? 0 : EEXIST;
	for (i = 0; i < count_of_table; i++) {
		const char *other = table[i].key->name;

		if (!table[i].there)
			continue;
		if (!strncmp(other, name, strlen(name)) && other[strlen(name)] == '/')
			return EISDIR;
		if (!strncmp(other, name, strlen(other)) && name[strlen(other)] == '/')
			return ENOTDIR;
	}
	return 0;
}

static void must_be(const char *what, const char *name, int err, int want)
{
	if (err != want)
		fail("%s %s: expected %s, got %s", what, name,
		     want ? strerrorname_np(want) : "success",
		     err ? strerrorname_np(err) : "success");
}

/*
 * The first walk may have joined those who asked before the key was there. A name that
 * is a key now and a folder then may be kept from being the other by who is in it.
 */
static void check_there(const struct key *key)
{
	if (key->place != STEADY || key->kind == FLIP)
		return;
	walk(key, WAY_OPEN, AT_HOME);
	must_be("a walk to a loaded key", key->name, walk(key, WAY_OPEN, AT_HOME), 0);
}

static void add(const char *map, struct loaded *it)
{
	_Alignas(8) static char buf[AMFS_KEY_RECORD_MAX];
	int replace = pick(2), err;

	memset(buf, 0, sizeof(buf));
	err = amfs_keys(map, AMFS_KEYS_ADD, replace ? AMFS_KEYS_REPLACE : 0, buf,
			put_key(buf, it->key), NULL);
	must_be("loading", it->key->name, err, expected(AMFS_KEYS_ADD, it, replace));
	op(it->there ? OP_KEYS_REPLACE : OP_KEYS_ADD, err);
	if (err)
		return;
	it->there = 1;
	check_there(it->key);
}

static void del(const char *map, struct loaded *it)
{
	_Alignas(8) static char buf[AMFS_KEY_RECORD_MAX];
	int err;

	memset(buf, 0, sizeof(buf));
	err = amfs_keys(map, AMFS_KEYS_DEL, 0, buf, put_key(buf, it->key), NULL);
	must_be("deleting", it->key->name, err, expected(AMFS_KEYS_DEL, it, 0));
	op(OP_KEYS_DEL, err);
	it->there = 0;
}

static unsigned int records(const char *buf, uint32_t len)
{
	unsigned int found = 0;
	uint32_t pos;

	for (pos = 0; pos < len; pos += ((struct amfs_key_record *)(buf + pos))->size)
		found++;
	return found;
}

static void list(const char *map)
{
	_Alignas(8) static char buf[65536];
	unsigned int there = 0, i;
	uint32_t used;
	int err = amfs_keys(map, AMFS_KEYS_LIST, 0, buf, sizeof(buf), &used);

	must_be("listing", map, op(OP_KEYS_LIST, err), 0);
	for (i = 0; i < count_of_table; i++)
		there += table[i].there;
	if (records(buf, used) != there)
		fail("%s: %u keys are listed, %u are loaded", map, records(buf, used), there);
}

static void clear(const char *map)
{
	unsigned int i;

	must_be("clearing", map, op(OP_KEYS_CLEAR, amfs_keys(map, AMFS_KEYS_CLEAR, 0, NULL, 0,
							    NULL)), 0);
	for (i = 0; i < count_of_table; i++)
		table[i].there = 0;
}

static void choose_keys(unsigned int place)
{
	unsigned int i;

	for (i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];

		if (key->place != place)
			continue;
		if (key->kind != LOADED && key->kind != DEEP && key->kind != FLIP && place != DIRECT)
			continue;
		if (count_of_table == MAX_LOADED)
			fail("loader: more than %d keys", MAX_LOADED);
		table[count_of_table++].key = key;
	}
}

void run_loader(unsigned int place)
{
	const char *map = places[place].map;

	choose_keys(place);
	while (!stopped()) {
		struct loaded *it = &table[pick(count_of_table)];

		switch (pick(16)) {
		case 0:
			clear(map);
			break;
		case 1 ... 2:
			list(map);
			break;
		case 3 ... 7:
			del(map, it);
			break;
		default:
			add(map, it);
		}
		nap(30000);
	}
	clear(map);
	_exit(0);
}
