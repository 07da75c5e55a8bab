/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Map files: which key is mounted from where (see amfs.map(5)).
 *
 * A map is read once into a struct amfs_map that never changes afterwards, so
 * any number of threads may resolve keys in it without a lock. Who shares one
 * counts its users himself and calls amfs_map_free() after the last.
 *
 * Nothing here logs, keeps state outside the map, or starts anything.
 */
#ifndef AMFS_DAEMON_MAP_H
#define AMFS_DAEMON_MAP_H

#include <stdbool.h>
#include <stddef.h>

/* Longest key in bytes, the limit of a directory entry's name. */
#define AMFS_MAP_KEY_MAX 255

struct amfs_map;

/* How the daemon attaches a mount; DEFAULT leaves the choice to the daemon. */
enum amfs_route {
	AMFS_ROUTE_DEFAULT,
	AMFS_ROUTE_FD,
	AMFS_ROUTE_PATH,
	AMFS_ROUTE_KERNEL,
};

/**
 * struct amfs_map_diag - one fault found in a map file
 * @line: line of the file, from 1, where the faulty word stands
 * @text: one line of printable ASCII without file and line; names the key
 */
struct amfs_map_diag {
	unsigned int line;
	char *text;
};

/* Called for each fault while a map is read, in the order of the lines. */
typedef void (*amfs_map_diag_fn)(void *ctx, const char *file,
				 unsigned int line, const char *text);

/**
 * struct amfs_mount_spec - what to mount for a key
 * @fstype: file system type, "bind" for a bind mount
 * @source: what to mount, bytes as the map and the key gave them; never begins
 *	with '-', so that a mount helper can't take it for an option
 * @options: comma list, "" if none; without fstype=, route= and the words
 *	that only matter to an automounter
 * @route: the route= option
 * @offsets: where parts begin that have an automount point of their own on what
 *	is mounted: paths relative to its root, without "." and ".."
 * @nr_offsets: how many
 * @part: the key is such a part itself
 * @folders: nothing is mounted but the folders that @offsets need; then @fstype,
 *	@source and @options say what to make them in
 *
 * Filled by amfs_map_resolve(), emptied by amfs_mount_spec_clear(). The strings
 * are the holder's own and don't depend on the map.
 */
struct amfs_mount_spec {
	char *fstype;
	char *source;
	char *options;
	enum amfs_route route;
	char **offsets;
	size_t nr_offsets;
	bool part;
	bool folders;
};

/**
 * amfs_map_load() - read a map file
 * @file: path of a regular file
 * @map: the map is stored here, NULL on failure
 * @diag: called for each fault found, may be NULL
 * @ctx: handed to @diag
 *
 * A faulty entry costs only its own key: it is kept as bad, so that looking it
 * up says why instead of falling through to the wildcard.
 *
 * Return: 0, and the caller owns *@map; -EISDIR for a directory, -EINVAL if
 * @file is anything else but a regular file, -EFBIG if it is larger than 256 MiB,
 * -ENOMEM, or what open(2), fstat(2) or read(2) failed with.
 */
int amfs_map_load(const char *file, struct amfs_map **map,
		  amfs_map_diag_fn diag, void *ctx);

/**
 * amfs_map_parse() - read a map from memory
 * @name: name of the map for messages
 * @buf: text of the map, not needed after the call
 * @len: bytes in @buf
 * @map: the map is stored here, NULL on failure
 * @diag: called for each fault found, may be NULL
 * @ctx: handed to @diag
 *
 * Return: 0, and the caller owns *@map; -ENOMEM.
 */
int amfs_map_parse(const char *name, const char *buf, size_t len,
		   struct amfs_map **map, amfs_map_diag_fn diag, void *ctx);

/**
 * amfs_map_free() - free a map
 * @map: a map that nobody uses any more, or NULL
 */
void amfs_map_free(struct amfs_map *map);

/**
 * amfs_map_resolve() - find out what to mount for a key
 * @map: where to look
 * @key: name being looked up; any bytes, not terminated. A key, or a key and the
 *	path of one of its parts
 * @key_len: bytes in @key
 * @out: filled on success, left empty otherwise
 * @why: set to a line of text that the caller frees, or to NULL if there is
 *	nothing to say; may be NULL itself
 *
 * Takes constant time in the number of keys, and doesn't block.
 *
 * Return: 0, and the caller owns the strings in @out;
 * -ENOENT: neither the key nor a wildcard is in the map, or a key that begins
 * with '/' isn't, or has no such part;
 * -EINVAL: the key is empty, ".", "..", or has a NUL in it, its entry is
 * bad, or it has a byte that must not get to where its entry has a '&'; *@why
 * says which, with file and line if an entry is involved;
 * -ENAMETOOLONG: the key is over AMFS_MAP_KEY_MAX bytes, or the source comes
 * out longer than mount(2) takes;
 * -ENOMEM.
 */
int amfs_map_resolve(const struct amfs_map *map, const void *key,
		     size_t key_len, struct amfs_mount_spec *out, char **why);

/**
 * amfs_mount_spec_clear() - free what a spec holds
 * @spec: filled by amfs_map_resolve(), or all zero; is all zero afterwards
 */
void amfs_mount_spec_clear(struct amfs_mount_spec *spec);

/**
 * amfs_map_count() - number of keys that can be listed
 * @map: a map
 *
 * Return: how many literal keys have a good entry. The wildcard isn't counted.
 */
size_t amfs_map_count(const struct amfs_map *map);

/**
 * amfs_map_key() - a key that can be listed
 * @map: a map
 * @i: which, from 0; keys are in the order of the file
 * @len: set to its length
 *
 * Return: the key, not terminated, valid as long as the map; NULL if @i isn't
 * below amfs_map_count().
 */
const char *amfs_map_key(const struct amfs_map *map, size_t i, size_t *len);

/**
 * amfs_map_diags() - the faults that were found while the map was read
 * @map: a map
 * @count: set to their number
 *
 * Return: an array in the order of the lines, valid as long as the map.
 */
const struct amfs_map_diag *amfs_map_diags(const struct amfs_map *map,
					   size_t *count);

#endif /* AMFS_DAEMON_MAP_H */
