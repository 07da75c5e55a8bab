// SPDX-License-Identifier: GPL-2.0
/*
 * Keys to entries: an array in the order of the file, and an open hash table of
 * indices into it. Only a map's author puts keys into the table, so the hash
 * needn't resist anyone who wants collisions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "map_priv.h"

#define MIN_SLOTS 64

static uint32_t hash_key(struct amfs_map_str key)
{
	return (uint32_t)amfs_hash(AMFS_HASH_START, key.p, key.len);
}

static bool entry_is(const struct amfs_map_entry *entry, uint32_t hash,
		     struct amfs_map_str key)
{
	return entry->hash == hash && entry->key.len == key.len &&
	       !memcmp(entry->key.p, key.p, key.len);
}

/**
 * amfs_map_find() - look a literal key up
 * @map: where to look
 * @key: what to look for
 *
 * Return: its entry, good or bad, until the next amfs_map_add(); NULL if none.
 */
const struct amfs_map_entry *amfs_map_find(const struct amfs_map *map,
					   struct amfs_map_str key)
{
	const struct amfs_map_entry *entry;
	uint32_t hash = hash_key(key);
	size_t i;

	if (!map->nr_slots)
		return NULL;
	for (i = hash; map->slots[i & (map->nr_slots - 1)]; i++) {
		entry = &map->entries[map->slots[i & (map->nr_slots - 1)] - 1];
		if (entry_is(entry, hash, key))
			return entry;
	}
	return NULL;
}

/**
 * amfs_map_wildcard() - the entry of all other keys
 * @map: where to look
 *
 * Return: as amfs_map_find().
 */
const struct amfs_map_entry *amfs_map_wildcard(const struct amfs_map *map)
{
	if (map->wildcard == AMFS_MAP_NONE)
		return NULL;
	return &map->entries[map->wildcard];
}

/**
 * amfs_map_grow() - make room for one more element
 * @array: the elements, NULL if there is no room yet
 * @room: how many fit
 * @used: how many are in use
 * @size: bytes of one
 *
 * Return: the elements, which may have moved; NULL without memory, and nothing
 * has changed.
 */
void *amfs_map_grow(void *array, size_t *room, size_t used, size_t size)
{
	size_t want = *room ? *room * 2 : 16;
	void *grown;

	if (used < *room)
		return array;
	if (want > SIZE_MAX / size)
		return NULL;
	grown = realloc(array, want * size);
	if (grown)
		*room = want;
	return grown;
}

static void fill_slot(struct amfs_map *map, size_t index)
{
	size_t i = map->entries[index].hash;

	while (map->slots[i & (map->nr_slots - 1)])
		i++;
	map->slots[i & (map->nr_slots - 1)] = index + 1;
}

static int grow_slots(struct amfs_map *map)
{
	size_t want = map->nr_slots ? map->nr_slots * 2 : MIN_SLOTS;
	size_t *slots, i;

	if (map->nr_entries + 1 <= map->nr_slots / 2)
		return 0;
	slots = calloc(want, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(map->slots);
	map->slots = slots;
	map->nr_slots = want;
	for (i = 0; i < map->nr_entries; i++)
		if (!map->entries[i].wild)
			fill_slot(map, i);
	return 0;
}

/**
 * amfs_map_add() - add an entry whose key isn't there yet
 * @map: map being read
 * @entry: is copied
 *
 * Return: 0; -ENOMEM.
 */
int amfs_map_add(struct amfs_map *map, const struct amfs_map_entry *entry)
{
	size_t index = map->nr_entries;
	struct amfs_map_entry *entries;

	entries = amfs_map_grow(map->entries, &map->entries_room, index,
				sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	map->entries = entries;
	if (grow_slots(map))
		return -ENOMEM;
	map->entries[index] = *entry;
	map->entries[index].hash = hash_key(entry->key);
	map->nr_entries++;
	if (entry->wild)
		map->wildcard = index;
	else
		fill_slot(map, index);
	return 0;
}

static bool is_listed(const struct amfs_map_entry *entry)
{
	return !entry->wild && entry->diag == AMFS_MAP_NONE;
}

/**
 * amfs_map_list() - collect the keys that can be listed
 * @map: map that was read to its end
 *
 * Return: 0; -ENOMEM.
 */
int amfs_map_list(struct amfs_map *map)
{
	size_t i;

	if (!map->nr_entries)
		return 0;
	map->listed = calloc(map->nr_entries, sizeof(*map->listed));
	if (!map->listed)
		return -ENOMEM;
	for (i = 0; i < map->nr_entries; i++)
		if (is_listed(&map->entries[i]))
			map->listed[map->nr_listed++] = i;
	return 0;
}
