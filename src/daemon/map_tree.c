// SPDX-License-Identifier: GPL-2.0
/*
 * Entries with parts: "key [-options] /path [-options] location ...". Each path
 * is an offset, below what is mounted on the key or, where "/" has no location,
 * below folders that the daemon makes.
 *
 * The parts of an entry are sorted so that what lies below a part comes right
 * after it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map_priv.h"

/* A '/' before any other byte, so that "a/b" stands before "a-b". */
static int rank(char c)
{
	return c == '/' ? 0 : 1 + (unsigned char)c;
}

static int compare_offsets(struct amfs_map_str a, struct amfs_map_str b)
{
	size_t i;

	for (i = 0; i < a.len && i < b.len; i++)
		if (a.p[i] != b.p[i])
			return rank(a.p[i]) - rank(b.p[i]);
	return (a.len > b.len) - (a.len < b.len);
}

static int compare_parts(const void *a, const void *b)
{
	const struct amfs_map_entry *first = a, *second = b;

	return compare_offsets(first->offset, second->offset);
}

static bool is_below(struct amfs_map_str path, struct amfs_map_str top)
{
	if (!top.len)
		return path.len;
	return path.len > top.len && path.p[top.len] == '/' &&
	       !memcmp(path.p, top.p, top.len);
}

static const char *name_fault(struct amfs_map_str name)
{
	if (!name.len)
		return "has an empty name in it";
	if (amfs_map_str_is(name, ".") || amfs_map_str_is(name, ".."))
		return "has \".\" or \"..\" in it";
	return NULL;
}

/* Return: what is wrong with a path that has lost its first slash, or NULL. */
static const char *path_fault(struct amfs_map_str path)
{
	struct amfs_map_str name = { path.p, 0 };
	const char *fault;

	if (amfs_map_str_has(path, AMFS_MAP_SUBST))
		return "has an '&' in it, which isn't supported there";
	for (;;) {
		while (name.p + name.len < path.p + path.len &&
		       name.p[name.len] != '/')
			name.len++;
		fault = name_fault(name);
		if (fault || name.p + name.len == path.p + path.len)
			return fault;
		name.p += name.len + 1;
		name.len = 0;
	}
}

/**
 * amfs_map_offset_begin() - read the word that a part begins with
 * @map: map being read
 * @part: the part, with its key; gets the offset
 * @word: the word, with the '/' that it begins with
 *
 * Return: 0; AMFS_MAP_BAD; -ENOMEM.
 */
int amfs_map_offset_begin(struct amfs_map *map, struct amfs_map_entry *part,
			  const struct amfs_map_word *word)
{
	struct amfs_map_str path = { word->text.p + 1, word->text.len - 1 };
	const char *fault = path.len ? path_fault(path) : NULL;
	char quoted[AMFS_MAP_QUOTED];

	if (!fault && path.len + part->key.len >= AMFS_MAP_KEY_MAX)
		fault = "is too long: with its key it may have 255 bytes";
	part->offset = path;
	if (!fault)
		return 0;
	amfs_map_quote(quoted, word->text);
	return amfs_map_complain(map, word->line, part->key,
				 "the path %s below the key %s", quoted, fault);
}

/**
 * amfs_map_part_add() - add a part to the entry that is being read
 * @map: map being read
 * @head: its entry, not in the map yet
 * @part: is copied
 *
 * Return: 0; -ENOMEM.
 */
int amfs_map_part_add(struct amfs_map *map, struct amfs_map_entry *head,
		      const struct amfs_map_entry *part)
{
	struct amfs_map_entry *parts;

	parts = amfs_map_grow(map->parts, &map->parts_room, map->nr_parts,
			      sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	map->parts = parts;
	if (!head->nr_parts)
		head->parts = map->nr_parts;
	map->parts[map->nr_parts++] = *part;
	head->nr_parts++;
	return 0;
}

/**
 * amfs_map_parts_finish() - an entry has all its parts
 * @map: map being read
 * @head: its entry
 *
 * Return: 0; AMFS_MAP_BAD; -ENOMEM.
 */
int amfs_map_parts_finish(struct amfs_map *map,
			  const struct amfs_map_entry *head)
{
	struct amfs_map_entry *parts = map->parts + head->parts;
	char quoted[AMFS_MAP_QUOTED];
	size_t i;

	qsort(parts, head->nr_parts, sizeof(*parts), compare_parts);
	for (i = 1; i < head->nr_parts; i++) {
		if (compare_parts(&parts[i - 1], &parts[i]))
			continue;
		amfs_map_quote(quoted, parts[i].offset);
		return amfs_map_complain(map, parts[i].line, head->key,
			"the path %s below the key is there twice", quoted);
	}
	return 0;
}

/**
 * amfs_map_part() - find a part
 * @map: a map
 * @head: an entry with parts
 * @offset: as in struct amfs_map_entry
 *
 * Return: the part or NULL.
 */
const struct amfs_map_entry *amfs_map_part(const struct amfs_map *map,
					   const struct amfs_map_entry *head,
					   struct amfs_map_str offset)
{
	struct amfs_map_entry want = { .offset = offset };

	if (!head->nr_parts)
		return NULL;
	return bsearch(&want, map->parts + head->parts, head->nr_parts,
		       sizeof(want), compare_parts);
}

/**
 * amfs_map_offsets_below() - the parts that lie directly on another one
 * @map: a map
 * @head: an entry with parts
 * @offset: of that other one
 * @out: gets the offsets, relative to it; amfs_mount_spec_clear() frees them
 *
 * Return: 0; -ENOMEM.
 */
int amfs_map_offsets_below(const struct amfs_map *map,
			   const struct amfs_map_entry *head,
			   struct amfs_map_str offset,
			   struct amfs_mount_spec *out)
{
	const struct amfs_map_entry *part = map->parts + head->parts;
	const struct amfs_map_entry *last = NULL;
	size_t skip = offset.len ? offset.len + 1 : 0;
	size_t i;

	out->offsets = calloc(head->nr_parts, sizeof(*out->offsets));
	if (!out->offsets)
		return -ENOMEM;
	for (i = 0; i < head->nr_parts; i++, part++) {
		if (!is_below(part->offset, offset) ||
		    (last && is_below(part->offset, last->offset)))
			continue;
		last = part;
		out->offsets[out->nr_offsets] =
			amfs_map_format("%.*s", (int)(part->offset.len - skip),
					part->offset.p + skip);
		if (!out->offsets[out->nr_offsets])
			return -ENOMEM;
		out->nr_offsets++;
	}
	return 0;
}
