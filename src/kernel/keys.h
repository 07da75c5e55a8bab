/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps and their in-kernel keys, for those who change them (keys.c) and those who
 * list them (key_list.c).
 */
#ifndef AMFS_KEYS_H
#define AMFS_KEYS_H

#include <linux/mutex.h>
#include <linux/rhashtable.h>

#include "amfs.h"

/**
 * struct amfs_map - a map's keys
 * @in_maps: (protected by amfs_maps_mutex).
 * @points: automount points of this map (protected by amfs_maps_mutex).
 * @keys: by name (changed under amfs_maps_mutex, read under RCU).
 * @by_id: the same in a stable order (protected by amfs_maps_mutex).
 * @next_id: where the next key goes (protected by amfs_maps_mutex).
 * @count: how many there are (protected by amfs_maps_mutex).
 * @name: (invariant).
 */
struct amfs_map {
	struct list_head in_maps;
	unsigned int points;
	struct rhashtable keys;
	struct xarray by_id;
	u32 next_id;
	u32 count;
	char name[AMFS_NAME_SIZE];
};

extern struct mutex amfs_maps_mutex;
extern struct list_head amfs_maps;	/* (protected by amfs_maps_mutex) */

struct amfs_map *amfs_map_find_locked(const char *name);

#endif /* AMFS_KEYS_H */
