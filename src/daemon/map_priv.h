/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the map parser share; nobody else includes this.
 *
 *   map.c          a map's life: read the file, build, free, list
 *   map_table.c    keys to entries
 *   map_lex.c      bytes to words: quotes, escapes, comments, continuation
 *   map_entry.c    words of a line to an entry
 *   map_options.c  the options of an entry
 *   map_tree.c     the parts of an entry that has paths below its key
 *   map_resolve.c  an entry and a name to what is mounted
 *   map_diag.c     faults, and names made printable
 *
 * Functions that may find a fault return 0, AMFS_MAP_BAD after they have
 * reported it, or -ENOMEM, which ends the reading of the map.
 */
#ifndef AMFS_DAEMON_MAP_PRIV_H
#define AMFS_DAEMON_MAP_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"

#define AMFS_MAP_BAD	1
#define AMFS_MAP_NONE	SIZE_MAX

/*
 * Stands in a word for an '&' that the key replaces. NUL serves because a map
 * that has one in its text is faulty there, and a key can't contain one.
 */
#define AMFS_MAP_SUBST	'\0'

/* Room for a name as amfs_map_quote() prints it. */
#define AMFS_MAP_QUOTED	272

/* A piece of text owned by someone else; not terminated. */
struct amfs_map_str {
	const char *p;
	size_t len;
};

/**
 * struct amfs_map_entry - one key of a map
 * @key: points into the map's words, as all text here but a default @fstype
 * @fstype: file system type
 * @options: comma list with AMFS_MAP_SUBST, points into the map's opts
 * @source: with AMFS_MAP_SUBST
 * @host_len: length of the host that @source begins with, 0 if none
 * @diag: index of the fault that makes the entry bad, else AMFS_MAP_NONE
 * @hash: of @key
 * @line: line of the file where the key stands
 * @route: the route= option
 * @wild: this is the wildcard
 * @offset: of a part: the path below the key, without a slash before it; empty
 *	for what is mounted on the key itself
 * @parts: index into the map's parts of the first of this key's
 * @nr_parts: how many there are; then the entry's own text is but its options,
 *	which hold for all parts
 */
struct amfs_map_entry {
	struct amfs_map_str key;
	struct amfs_map_str fstype;
	struct amfs_map_str options;
	struct amfs_map_str source;
	size_t host_len;
	size_t diag;
	uint32_t hash;
	unsigned int line;
	enum amfs_route route;
	bool wild;
	struct amfs_map_str offset;
	size_t parts;
	size_t nr_parts;
};

/**
 * struct amfs_map - a map; invariant after it was read
 * @file: name for messages
 * @words: every word of the file without its quotes and escapes
 * @opts: the option lists of the entries
 * @opts_len: bytes used in @opts
 * @entries: good and bad ones, in the order of the file
 * @nr_entries: entries in use
 * @entries_room: entries allocated
 * @parts: of all entries; those of an entry stand together, by offset
 * @nr_parts: parts in use
 * @parts_room: parts allocated
 * @slots: hash table, index into @entries plus one, 0 is free
 * @nr_slots: a power of two over twice the literal keys, or 0
 * @wildcard: index into @entries or AMFS_MAP_NONE
 * @listed: indices of the entries that amfs_map_key() shows
 * @nr_listed: how many
 * @diags: faults found
 * @nr_diags: faults in use
 * @diags_room: faults allocated
 * @report: the reader's callback, used only while reading
 * @report_ctx: its argument
 *
 * @words and @opts have as many bytes as the file. That is enough, because
 * neither unquoting nor dropping an option makes text longer.
 */
struct amfs_map {
	char *file;
	char *words;
	char *opts;
	size_t opts_len;
	struct amfs_map_entry *entries;
	size_t nr_entries;
	size_t entries_room;
	struct amfs_map_entry *parts;
	size_t nr_parts;
	size_t parts_room;
	size_t *slots;
	size_t nr_slots;
	size_t wildcard;
	size_t *listed;
	size_t nr_listed;
	struct amfs_map_diag *diags;
	size_t nr_diags;
	size_t diags_room;
	amfs_map_diag_fn report;
	void *report_ctx;
};

enum amfs_map_fault {
	AMFS_MAP_FAULT_NONE,
	AMFS_MAP_FAULT_QUOTE,	/* a quote isn't closed on its line */
	AMFS_MAP_FAULT_NUL,	/* a NUL byte */
};

/**
 * struct amfs_map_lex - position in the text of a map
 * @pos: next byte
 * @end: after the last byte
 * @out: where the next word is written
 * @line: line of @pos, from 1
 */
struct amfs_map_lex {
	const char *pos;
	const char *end;
	char *out;
	unsigned int line;
};

/**
 * struct amfs_map_word - one word of a line
 * @text: without quotes and escapes; usable only if there is no @fault
 * @line: line where it begins
 * @lead: its first byte if that is neither quoted nor escaped, else 0
 * @var: it has a $VAR or ${VAR} in it
 * @fault: what is wrong with it
 */
struct amfs_map_word {
	struct amfs_map_str text;
	unsigned int line;
	char lead;
	bool var;
	enum amfs_map_fault fault;
};

/* A key is plain text; in the other words '&' and '$' have their meaning. */
enum amfs_map_role {
	AMFS_MAP_KEY,
	AMFS_MAP_VALUE,
};

static inline bool amfs_map_str_is(struct amfs_map_str str, const char *text)
{
	return str.len == __builtin_strlen(text) &&
	       !__builtin_memcmp(str.p, text, str.len);
}

static inline bool amfs_map_str_has(struct amfs_map_str str, char c)
{
	return str.len && __builtin_memchr(str.p, c, str.len);
}

/* isalnum(3) depends on the locale, and what is safe doesn't. */
static inline bool amfs_map_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static inline bool amfs_map_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* map_lex.c */
bool amfs_map_lex_word(struct amfs_map_lex *lex, enum amfs_map_role role,
		       struct amfs_map_word *word);
bool amfs_map_lex_next_line(struct amfs_map_lex *lex);

/* map_entry.c */
int amfs_map_entry_read(struct amfs_map *map, struct amfs_map_lex *lex);

/* map_options.c */
int amfs_map_options_add(struct amfs_map *map, struct amfs_map_entry *entry,
			 unsigned int line, struct amfs_map_str list);

/* map_tree.c */
int amfs_map_offset_begin(struct amfs_map *map, struct amfs_map_entry *part,
			  const struct amfs_map_word *word);
int amfs_map_part_add(struct amfs_map *map, struct amfs_map_entry *head,
		      const struct amfs_map_entry *part);
int amfs_map_parts_finish(struct amfs_map *map,
			  const struct amfs_map_entry *head);
const struct amfs_map_entry *amfs_map_part(const struct amfs_map *map,
					   const struct amfs_map_entry *head,
					   struct amfs_map_str offset);
int amfs_map_offsets_below(const struct amfs_map *map,
			   const struct amfs_map_entry *head,
			   struct amfs_map_str offset,
			   struct amfs_mount_spec *out);

/* map_table.c */
const struct amfs_map_entry *amfs_map_find(const struct amfs_map *map,
					   struct amfs_map_str key);
const struct amfs_map_entry *amfs_map_wildcard(const struct amfs_map *map);
int amfs_map_add(struct amfs_map *map, const struct amfs_map_entry *entry);
int amfs_map_list(struct amfs_map *map);
void *amfs_map_grow(void *array, size_t *room, size_t used, size_t size);

/* map_diag.c */
char *amfs_map_format(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
void amfs_map_quote(char out[AMFS_MAP_QUOTED], struct amfs_map_str name);
const char *amfs_map_key_fault(struct amfs_map_str key);
int amfs_map_complain(struct amfs_map *map, unsigned int line,
		      struct amfs_map_str key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* AMFS_DAEMON_MAP_PRIV_H */
