// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel keys as records, page by page.
 */
#include "keys.h"

#include "core/proto.h"

static u32 put_key(void *buf, u32 room, const struct amfs_key *key)
{
	struct amfs_key_record head = {
		.timeout_s = key->timeout,
		.attr = key->attr,
		.key_len = key->name_len,
		.fstype_len = strlen(key->fstype),
		.source_len = strlen(key->source),
		.options_len = key->options_len,
	};

	return amfs_proto_put_key(buf, room, &head, key->data);
}

/**
 * amfs_key_list - write the keys of a map as records
 * @name: the map's name
 * @cursor: 0 for the first, and where to go on
 * @buf: where to, at least AMFS_KEY_RECORD_MAX bytes
 * @room: bytes there
 *
 * Context: sleeps.
 * Return: bytes written, 0 at the end.
 */
u32 amfs_key_list(const char *name, u64 *cursor, void *buf, u32 room)
{
	unsigned long id = *cursor;
	struct amfs_map *map;
	struct amfs_key *key;
	u32 used = 0, size;

	mutex_lock(&amfs_maps_mutex);
	map = amfs_map_find_locked(name);
	if (map) {
		xa_for_each_start(&map->by_id, id, key, id) {
			size = put_key(buf + used, room - used, key);
			if (!size)
				break;
			used += size;
			*cursor = id + 1;
		}
	}
	mutex_unlock(&amfs_maps_mutex);
	return used;
}

/**
 * amfs_key_maps - write the names of all maps that have keys, as records
 * @cursor: how many to leave out, and where to go on
 * @buf: where to, at least AMFS_KEY_RECORD_MAX bytes
 * @room: bytes there
 *
 * Context: sleeps.
 * Return: bytes written, 0 at the end.
 */
u32 amfs_key_maps(u64 *cursor, void *buf, u32 room)
{
	static const char nothing[3];
	char data[AMFS_NAME_SIZE + sizeof(nothing)];
	struct amfs_map *map;
	u32 used = 0, size;
	u64 place = 0;

	mutex_lock(&amfs_maps_mutex);
	list_for_each_entry(map, &amfs_maps, in_maps) {
		struct amfs_key_record head = { .key_len = strlen(map->name) };

		if (!map->count || place++ < *cursor)
			continue;
		memset(data, 0, sizeof(data));
		memcpy(data, map->name, head.key_len);
		size = amfs_proto_put_key(buf + used, room - used, &head, data);
		if (!size)
			break;
		used += size;
		++*cursor;
	}
	mutex_unlock(&amfs_maps_mutex);
	return used;
}
