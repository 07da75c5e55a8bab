// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel keys: what the kernel mounts by itself, without a daemon. They
 * belong to a map, by name, and so to all of its automount points, those of now
 * and those to come. A map exists here while it has an automount point or a key.
 *
 * A key never changes. Walkers find it under RCU and take a reference; replacing
 * one puts another in its place, and what is being mounted goes by the old one.
 */
#include "keys.h"

#include <linux/slab.h>

#include "core/proto.h"

/* Number 3 of the lock order in amfs.h: the maps, and who changes their keys. */
DEFINE_MUTEX(amfs_maps_mutex);
LIST_HEAD(amfs_maps);	/* (protected by amfs_maps_mutex) */

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	const struct amfs_key *key = data;

	return jhash(key->name, key->name_len, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct qstr *name = arg->key;
	const struct amfs_key *key = data;

	return key->name_len != name->len || memcmp(key->name, name->name, name->len);
}

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct amfs_key, in_keys),
	.key_len		= sizeof(struct qstr),
	.hashfn			= amfs_hash_name,
	.obj_hashfn		= hash_key,
	.obj_cmpfn		= compare,
	.automatic_shrinking	= true,
};

/**
 * amfs_map_find_locked - look a map up
 * @name: its name
 *
 * Context: amfs_maps_mutex is held.
 * Return: the map, or NULL when it has neither an automount point nor a key.
 */
struct amfs_map *amfs_map_find_locked(const char *name)
{
	struct amfs_map *map;

	lockdep_assert_held(&amfs_maps_mutex);
	list_for_each_entry(map, &amfs_maps, in_maps)
		if (!strcmp(map->name, name))
			return map;
	return NULL;
}

static int init_tables(struct amfs_map *map)
{
	int err = rhashtable_init(&map->keys, &params);

	if (err)
		return err;
	err = amfs_folders_init(map);
	if (err)
		rhashtable_destroy(&map->keys);
	return err;
}

static struct amfs_map *get_map_locked(const char *name)
{
	struct amfs_map *map = amfs_map_find_locked(name);
	int err;

	if (map)
		return map;
	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	err = init_tables(map);
	if (err) {
		kfree(map);
		return ERR_PTR(err);
	}
	strscpy(map->name, name, sizeof(map->name));
	xa_init_flags(&map->by_id, XA_FLAGS_ALLOC1);
	list_add_tail(&map->in_maps, &amfs_maps);
	return map;
}

/* Free the map if nothing needs it. */
static void put_map_locked(struct amfs_map *map)
{
	lockdep_assert_held(&amfs_maps_mutex);
	if (map->points || map->count)
		return;
	list_del(&map->in_maps);
	rhashtable_destroy(&map->keys);
	rhashtable_destroy(&map->folders);
	xa_destroy(&map->by_id);
	kfree(map);
}

/**
 * amfs_map_join - an automount point of a map begins
 * @name: the map's name
 *
 * Context: sleeps.
 * Return: the map, to be left by amfs_map_leave(), or NULL: no memory.
 */
struct amfs_map *amfs_map_join(const char *name)
{
	struct amfs_map *map;

	mutex_lock(&amfs_maps_mutex);
	map = get_map_locked(name);
	if (!IS_ERR(map))
		map->points++;
	mutex_unlock(&amfs_maps_mutex);
	return IS_ERR(map) ? NULL : map;
}

/**
 * amfs_map_leave - an automount point of a map ends
 * @map: the map, or NULL
 *
 * Context: sleeps.
 */
void amfs_map_leave(struct amfs_map *map)
{
	if (!map)
		return;
	mutex_lock(&amfs_maps_mutex);
	map->points--;
	put_map_locked(map);
	mutex_unlock(&amfs_maps_mutex);
}

/**
 * amfs_key_find - look a key up
 * @map: the map, of a point that is held
 * @name: the name
 *
 * Context: any.
 * Return: the key with a reference, or NULL.
 */
struct amfs_key *amfs_key_find(struct amfs_map *map, const struct qstr *name)
{
	struct amfs_key *key;

	rcu_read_lock();
	key = rhashtable_lookup(&map->keys, name, params);
	if (key && !refcount_inc_not_zero(&key->refs))
		key = NULL;
	rcu_read_unlock();
	return key;
}

/**
 * amfs_key_is - is this what a name is loaded as?
 * @map: the map, of a point that is held
 * @name: the name
 * @key: a key, to which the caller has a reference; NULL: it isn't loaded
 *
 * Context: any.
 * Return: true when it is so.
 */
bool amfs_key_is(struct amfs_map *map, const struct qstr *name, const struct amfs_key *key)
{
	bool same;

	rcu_read_lock();
	same = rhashtable_lookup(&map->keys, name, params) == key;
	rcu_read_unlock();
	return same;
}

/**
 * amfs_key_known - is there such a key?
 * @map: the map, of a point that is held
 * @name: the name
 *
 * Context: any.
 * Return: true when it is loaded.
 */
bool amfs_key_known(struct amfs_map *map, const struct qstr *name)
{
	return !amfs_key_is(map, name, NULL);
}

/**
 * amfs_key_get - take another reference
 * @key: the key
 *
 * Context: any.
 * Return: @key.
 */
struct amfs_key *amfs_key_get(struct amfs_key *key)
{
	refcount_inc(&key->refs);
	return key;
}

/**
 * amfs_key_put - drop a reference
 * @key: the key
 *
 * Context: any.
 */
void amfs_key_put(struct amfs_key *key)
{
	if (refcount_dec_and_test(&key->refs))
		kfree_rcu(key, rcu);
}

static void remove_locked(struct amfs_map *map, struct amfs_key *key)
{
	rhashtable_remove_fast(&map->keys, &key->in_keys, params);
	xa_erase(&map->by_id, key->id);
	amfs_folders_drop_locked(map, key);
	map->count--;
	amfs_key_put(key);
}

static struct amfs_key *key_of(const struct amfs_key_record *record)
{
	u32 len = amfs_proto_key_data(record);
	struct amfs_key *key = kzalloc(struct_size(key, data, len), GFP_KERNEL_ACCOUNT);

	if (!key)
		return NULL;
	refcount_set(&key->refs, 1);
	key->timeout = record->timeout_s;
	key->attr = record->attr;
	key->name_len = record->key_len;
	key->options_len = record->options_len;
	memcpy(key->data, record->data, len);
	key->name = key->data;
	key->fstype = key->name + record->key_len + 1;
	key->source = key->fstype + record->fstype_len + 1;
	key->options = key->source + record->source_len + 1;
	return key;
}

static struct amfs_key *find_locked(struct amfs_map *map, const struct amfs_key_record *record)
{
	struct qstr name = QSTR_INIT(record->data, record->key_len);

	lockdep_assert_held(&amfs_maps_mutex);
	return rhashtable_lookup_fast(&map->keys, &name, params);
}

/* @old: the one that it takes the place of, in the same folders; or NULL. */
static int insert_locked(struct amfs_map *map, struct amfs_key *key, struct amfs_key *old)
{
	int err = xa_alloc_cyclic(&map->by_id, &key->id, key, XA_LIMIT(1, U32_MAX), &map->next_id,
				  GFP_KERNEL_ACCOUNT);

	if (err < 0)
		return err;
	if (old)
		err = rhashtable_replace_fast(&map->keys, &old->in_keys, &key->in_keys, params);
	else
		err = rhashtable_insert_fast(&map->keys, &key->in_keys, params);
	if (err) {
		xa_erase(&map->by_id, key->id);
		return err;
	}
	if (!old) {
		map->count++;
		return 0;
	}
	xa_erase(&map->by_id, old->id);
	amfs_key_put(old);
	return 0;
}

static int add_locked(struct amfs_map *map, struct amfs_key *key)
{
	int err = amfs_folders_hold_locked(map, key);

	if (err)
		return err;
	err = insert_locked(map, key, NULL);
	if (err)
		amfs_folders_drop_locked(map, key);
	return err;
}

/**
 * amfs_key_add - load a key
 * @name: the map's name
 * @record: the key, checked
 * @replace: it may be there already
 *
 * Context: sleeps.
 * Return: 0; -EEXIST it is there; -ENOTDIR a key leads to it; -EISDIR it leads to
 * keys; -ENOMEM.
 */
int amfs_key_add(const char *name, const struct amfs_key_record *record, bool replace)
{
	struct amfs_key *key = key_of(record), *old;
	struct amfs_map *map;
	int err;

	if (!key)
		return -ENOMEM;
	mutex_lock(&amfs_maps_mutex);
	map = get_map_locked(name);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
	} else {
		old = find_locked(map, record);
		if (!old)
			err = add_locked(map, key);
		else
			err = replace ? insert_locked(map, key, old) : -EEXIST;
		put_map_locked(map);
	}
	mutex_unlock(&amfs_maps_mutex);
	if (err)
		amfs_key_put(key);
	return err;
}

/**
 * amfs_key_del - forget a key; what is mounted stays until it is idle
 * @name: the map's name
 * @record: of which only the key counts, checked
 *
 * Context: sleeps.
 * Return: 0, or -ENOENT: no such map or key.
 */
int amfs_key_del(const char *name, const struct amfs_key_record *record)
{
	struct amfs_key *key = NULL;
	struct amfs_map *map;

	mutex_lock(&amfs_maps_mutex);
	map = amfs_map_find_locked(name);
	if (map)
		key = find_locked(map, record);
	if (key) {
		remove_locked(map, key);
		put_map_locked(map);
	}
	mutex_unlock(&amfs_maps_mutex);
	return key ? 0 : -ENOENT;
}

static void clear_locked(struct amfs_map *map)
{
	struct amfs_key *key;
	unsigned long id;

	xa_for_each(&map->by_id, id, key)
		remove_locked(map, key);
	put_map_locked(map);
}

/**
 * amfs_key_clear - forget all keys of a map
 * @name: the map's name
 *
 * Context: sleeps.
 * Return: how many there were.
 */
u32 amfs_key_clear(const char *name)
{
	struct amfs_map *map;
	u32 count = 0;

	mutex_lock(&amfs_maps_mutex);
	map = amfs_map_find_locked(name);
	if (map) {
		count = map->count;
		clear_locked(map);
	}
	mutex_unlock(&amfs_maps_mutex);
	return count;
}

/**
 * amfs_keys_exit - the module goes; there are no automount points any more
 */
void amfs_keys_exit(void)
{
	struct amfs_map *map, *next;

	mutex_lock(&amfs_maps_mutex);
	list_for_each_entry_safe(map, next, &amfs_maps, in_maps)
		clear_locked(map);
	mutex_unlock(&amfs_maps_mutex);
	/* Keys are freed behind RCU, with kfree_rcu(), which needs no code of ours. */
}
