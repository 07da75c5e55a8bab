/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps and their in-kernel keys, for those who change them (keys.c) and those who
 * list them (key_list.c).
 */
#ifndef AMFS_KEYS_H
#define AMFS_KEYS_H

#include <linux/jhash.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>

#include "amfs.h"

/**
 * struct amfs_map - a map's keys
 * @in_maps: (protected by amfs_maps_mutex).
 * @points: automount points of this map (protected by amfs_maps_mutex).
 * @keys: by name (changed under amfs_maps_mutex, read under RCU).
 * @folders: above those with slashes, see key_folders.c (likewise).
 * @by_id: the keys in a stable order (protected by amfs_maps_mutex).
 * @next_id: where the next key goes (protected by amfs_maps_mutex).
 * @count: how many there are (protected by amfs_maps_mutex).
 * @name: (invariant).
 */
struct amfs_map {
	struct list_head in_maps;
	unsigned int points;
	struct rhashtable keys;
	struct rhashtable folders;
	struct xarray by_id;
	u32 next_id;
	u32 count;
	char name[AMFS_NAME_SIZE];
};

extern struct mutex amfs_maps_mutex;
extern struct list_head amfs_maps;	/* (protected by amfs_maps_mutex) */

/* Of what both tables are asked for. */
static inline u32 amfs_hash_name(const void *data, u32 len, u32 seed)
{
	const struct qstr *name = data;

	return jhash(name->name, name->len, seed);
}

/* keys.c */
struct amfs_map *amfs_map_find_locked(const char *name);

/* key_folders.c */
int amfs_folders_init(struct amfs_map *map);
int amfs_folders_hold_locked(struct amfs_map *map, const struct amfs_key *key);
void amfs_folders_drop_locked(struct amfs_map *map, const struct amfs_key *key);

#endif /* AMFS_KEYS_H */
