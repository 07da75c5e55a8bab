// SPDX-License-Identifier: GPL-2.0
/*
 * Folders: what lies above the in-kernel keys with slashes. The key "a/b/c" makes
 * "a" and "a/b" folders, in which dir.c finds further folders and the triggers of
 * keys. A folder exists as long as a key below it is loaded, whose number it
 * counts: so a lookup costs the same for one key and for many, and loading a key
 * costs its depth.
 *
 * No name is both a key and a folder: the kernel can't mount inside of what it has
 * mounted, since that belongs to another filesystem.
 */
#include "keys.h"

#include <linux/slab.h>

/**
 * struct amfs_folder - a folder of a map
 * @in_folders: the map's table (changed under amfs_maps_mutex, read under RCU).
 * @rcu: for freeing behind RCU walks.
 * @keys: loaded ones below it, at any depth (protected by amfs_maps_mutex).
 * @len: bytes of @path (invariant).
 * @path: from the root, "a/b" (invariant).
 */
struct amfs_folder {
	struct rhash_head in_folders;
	struct rcu_head rcu;
	u32 keys;
	u32 len;
	char path[];
};

static u32 hash_folder(const void *data, u32 len, u32 seed)
{
	const struct amfs_folder *folder = data;

	return jhash(folder->path, folder->len, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct qstr *path = arg->key;
	const struct amfs_folder *folder = data;

	return folder->len != path->len || memcmp(folder->path, path->name, path->len);
}

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct amfs_folder, in_folders),
	.key_len		= sizeof(struct qstr),
	.hashfn			= amfs_hash_name,
	.obj_hashfn		= hash_folder,
	.obj_cmpfn		= compare,
	.automatic_shrinking	= true,
};

/**
 * amfs_folders_init - make a map's table
 * @map: the map
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int amfs_folders_init(struct amfs_map *map)
{
	return rhashtable_init(&map->folders, &params);
}

/* The end of the next folder above a key, NULL after the last. */
static const char *next_slash(const struct amfs_key *key, const char *from)
{
	/* The path that a direct automount point has for a key is one name. */
	return key->name[0] == '/' ? NULL : strchr(from, '/');
}

static int hold_locked(struct amfs_map *map, const struct qstr *path)
{
	struct amfs_folder *folder;
	int err;

	lockdep_assert_held(&amfs_maps_mutex);
	if (amfs_key_known(map, path))
		return -ENOTDIR;
	folder = rhashtable_lookup_fast(&map->folders, path, params);
	if (folder) {
		folder->keys++;
		return 0;
	}
	folder = kzalloc(struct_size(folder, path, path->len), GFP_KERNEL_ACCOUNT);
	if (!folder)
		return -ENOMEM;
	folder->keys = 1;
	folder->len = path->len;
	memcpy(folder->path, path->name, path->len);
	err = rhashtable_insert_fast(&map->folders, &folder->in_folders, params);
	if (err)
		kfree(folder);
	return err;
}

static void drop_locked(struct amfs_map *map, const struct qstr *path)
{
	struct amfs_folder *folder = rhashtable_lookup_fast(&map->folders, path, params);

	if (WARN_ON_ONCE(!folder) || --folder->keys)
		return;
	rhashtable_remove_fast(&map->folders, &folder->in_folders, params);
	kfree_rcu(folder, rcu);
}

/* Those that end before @end; NULL: all. */
static void drop_until_locked(struct amfs_map *map, const struct amfs_key *key, const char *end)
{
	const char *slash = next_slash(key, key->name);

	for (; slash && slash != end; slash = next_slash(key, slash + 1))
		drop_locked(map, &(struct qstr)QSTR_INIT(key->name, slash - key->name));
}

/**
 * amfs_folders_hold_locked - there is to be a key: make its folders
 * @map: the map
 * @key: the key
 *
 * Context: amfs_maps_mutex is held; may sleep.
 * Return: 0; -ENOTDIR one of them is a key; -EISDIR the key is a folder;
 * -ENOMEM. After an error nothing has changed.
 */
int amfs_folders_hold_locked(struct amfs_map *map, const struct amfs_key *key)
{
	const struct qstr name = QSTR_INIT(key->name, key->name_len);
	const char *slash = next_slash(key, key->name);
	int err;

	if (amfs_folder_known(map, &name))
		return -EISDIR;
	for (; slash; slash = next_slash(key, slash + 1)) {
		err = hold_locked(map, &(struct qstr)QSTR_INIT(key->name, slash - key->name));
		if (err) {
			drop_until_locked(map, key, slash);
			return err;
		}
	}
	return 0;
}

/**
 * amfs_folders_drop_locked - the counterpart of amfs_folders_hold_locked()
 * @map: the map
 * @key: the key that goes
 *
 * Context: amfs_maps_mutex is held.
 */
void amfs_folders_drop_locked(struct amfs_map *map, const struct amfs_key *key)
{
	drop_until_locked(map, key, NULL);
}

/**
 * amfs_folder_known - are there loaded keys below a name?
 * @map: the map, of a point that is held
 * @path: the name from the root
 *
 * Context: any.
 * Return: true when there are.
 */
bool amfs_folder_known(struct amfs_map *map, const struct qstr *path)
{
	bool known;

	rcu_read_lock();
	known = rhashtable_lookup(&map->folders, path, params);
	rcu_read_unlock();
	return known;
}
