// SPDX-License-Identifier: GPL-2.0
/*
 * One logical line of a map: key, options, location.
 *
 * Whatever is wrong with a line, the key is remembered if it is one, so that
 * the wildcard doesn't quietly take its place.
 */
#include <string.h>

#include "map_priv.h"

/*
 * A line being read; the entry goes into the map when the line is over. Until
 * there is a path, options and location are the entry's; then they are a part's.
 */
struct line {
	struct amfs_map *map;
	struct amfs_map_entry entry;
	struct amfs_map_entry part;
	bool in_part;
	struct amfs_map_str location;
	bool has_location;
};

#define complain(l, line, ...) \
	amfs_map_complain((l)->map, line, (l)->entry.key, __VA_ARGS__)

static int check_word(struct line *l, const struct amfs_map_word *word)
{
	if (word->fault == AMFS_MAP_FAULT_QUOTE)
		return complain(l, word->line,
			"a quote isn't closed; expected '\"' before the end of the line");
	if (word->fault == AMFS_MAP_FAULT_NUL)
		return complain(l, word->line, "NUL byte in the line");
	if (word->var)
		return complain(l, word->line,
			"variable substitution ($NAME) isn't supported yet; write \\$ for a plain '$'");
	return 0;
}

static bool begins_with(struct amfs_map_str text, char c)
{
	return text.len && text.p[0] == c;
}

/* Takes off the colon that marks a location as local, and finds the type. */
static void set_source(struct line *l, struct amfs_map_entry *entry)
{
	const char *type = "nfs";

	entry->source = l->location;
	if (begins_with(entry->source, ':')) {
		entry->source.p++;
		entry->source.len--;
		/* as in autofs, a local path without a type is bound */
		type = "bind";
	}
	if (!entry->fstype.len)
		entry->fstype = (struct amfs_map_str){ type, strlen(type) };
}

/* Finds the host of "host:/path"; a '/' before the colon means there is none. */
static void set_host(struct amfs_map_entry *entry)
{
	const char *slash = NULL;

	if (entry->source.len)
		slash = memchr(entry->source.p, '/', entry->source.len);
	if (slash && slash > entry->source.p && slash[-1] == ':')
		entry->host_len = (size_t)(slash - entry->source.p) - 1;
}

static int check_nfs(struct line *l, const struct amfs_map_entry *entry)
{
	struct amfs_map_str host = { entry->source.p, entry->host_len };
	unsigned int line = entry->line;
	bool bracket = begins_with(host, '[');

	if (!host.len)
		return complain(l, line,
			"location of an nfs mount; expected \"host:/path\", or -fstype= for another type");
	if (amfs_map_str_has(host, ',') || amfs_map_str_has(host, '('))
		return complain(l, line,
			"a list of replicated servers (host1,host2:/path) isn't supported yet");
	if (bracket ? host.len < 3 || host.p[host.len - 1] != ']' :
		      amfs_map_str_has(host, ':'))
		return complain(l, line,
			"host of an nfs mount; expected a name, an address or an IPv6 [address]");
	return 0;
}

/*
 * "fuse" without a subtype runs the program before '#' in the source: whoever
 * chooses that is root.
 */
static bool key_names_program(const struct amfs_map_entry *entry)
{
	size_t i;

	if (!amfs_map_str_is(entry->fstype, "fuse") &&
	    !amfs_map_str_is(entry->fstype, "fuseblk"))
		return false;
	for (i = 0; i < entry->source.len && entry->source.p[i] != '#'; i++)
		if (entry->source.p[i] == AMFS_MAP_SUBST)
			return true;
	return false;
}

static int check_source(struct line *l, const struct amfs_map_entry *entry)
{
	if (!entry->source.len)
		return complain(l, entry->line,
			"location is empty; expected \"host:/path\", \":/path\" or \":name\"");
	if (begins_with(entry->source, '-'))
		return complain(l, entry->line,
			"location begins with '-', which a mount helper takes for an option");
	if (amfs_map_str_is(entry->fstype, "nfs") ||
	    amfs_map_str_is(entry->fstype, "nfs4"))
		return check_nfs(l, entry);
	if (amfs_map_str_is(entry->fstype, "bind") &&
	    !begins_with(entry->source, '/'))
		return complain(l, entry->line,
			"location of a bind mount; expected \":/path\"");
	if (key_names_program(entry))
		return complain(l, entry->line,
			"'&' names the program of a fuse mount; expected it only after '#'");
	return 0;
}

/* What was read since the key, or since the last path, has to have a location. */
static int finish_location(struct line *l, struct amfs_map_entry *entry)
{
	if (!l->has_location && l->in_part)
		return complain(l, entry->line,
			"a path below the key has no location; expected \"/path [-options] location\"; a local path as a location is \":/path\"");
	if (!l->has_location)
		return complain(l, entry->line,
			"no location; expected \"key [-options] location\"");
	if (!entry->fstype.len)
		entry->fstype = l->entry.fstype;
	set_source(l, entry);
	set_host(entry);
	return check_source(l, entry);
}

static int finish_part(struct line *l)
{
	int rc;

	/* A location before the first path is what is mounted on the key. */
	if (!l->in_part && !l->has_location)
		return 0;
	rc = finish_location(l, &l->part);
	if (!rc && l->part.route != AMFS_ROUTE_DEFAULT)
		return complain(l, l->part.line,
			"route= in a key with paths below it, whose parts all go by fd");
	return rc ? rc : amfs_map_part_add(l->map, &l->entry, &l->part);
}

static void begin_part(struct line *l, unsigned int line)
{
	l->part = (struct amfs_map_entry){
		.key = l->entry.key,
		.line = line,
		.diag = AMFS_MAP_NONE,
		.route = l->entry.route,
	};
}

static int read_path(struct line *l, const struct amfs_map_word *word)
{
	int rc;

	if (!l->in_part)
		begin_part(l, l->entry.line);
	rc = finish_part(l);
	if (rc)
		return rc;
	begin_part(l, word->line);
	l->in_part = true;
	l->has_location = false;
	return amfs_map_offset_begin(l->map, &l->part, word);
}

static int read_value(struct line *l, const struct amfs_map_word *word)
{
	struct amfs_map_str text = word->text;
	int rc;

	rc = check_word(l, word);
	if (rc)
		return rc;
	if (word->lead == '-' && !l->has_location) {
		text.p++;
		text.len--;
		return amfs_map_options_add(l->map,
					    l->in_part ? &l->part : &l->entry,
					    word->line, text);
	}
	if (begins_with(text, '/'))
		return read_path(l, word);
	if (l->has_location)
		return complain(l, word->line,
			"a list of replicated locations isn't supported yet; a location with blanks needs quotes");
	l->location = text;
	l->has_location = true;
	return 0;
}

static int read_values(struct line *l, struct amfs_map_lex *lex)
{
	struct amfs_map_word word;
	int rc;

	while (amfs_map_lex_word(lex, AMFS_MAP_VALUE, &word)) {
		rc = read_value(l, &word);
		if (rc)
			return rc;
	}
	if (!l->in_part)
		return finish_location(l, &l->entry);
	rc = finish_part(l);
	return rc ? rc : amfs_map_parts_finish(l->map, &l->entry);
}

static const struct amfs_map_entry *find_same(const struct line *l)
{
	if (l->entry.wild)
		return amfs_map_wildcard(l->map);
	return amfs_map_find(l->map, l->entry.key);
}

static int read_key(struct line *l, const struct amfs_map_word *word)
{
	const char *fault;

	if (word->fault)
		return check_word(l, word);
	if (word->lead == '+')
		return complain(l, word->line,
			"including another map (+name) isn't supported yet");
	if (word->text.len > AMFS_MAP_KEY_MAX)
		return complain(l, word->line,
			"the key has %zu bytes; expected at most %d",
			word->text.len, AMFS_MAP_KEY_MAX);
	fault = amfs_map_key_fault(word->text);
	if (fault)
		return complain(l, word->line, "%s", fault);
	return 0;
}

/* A faulty key is remembered only if anyone could look it up. */
static bool is_lookable(const struct line *l, const struct amfs_map_word *word)
{
	return !word->fault && word->text.len <= AMFS_MAP_KEY_MAX &&
	       !amfs_map_key_fault(word->text) && !find_same(l);
}

static int finish(struct line *l, int rc)
{
	if (rc < 0)
		return rc;
	if (rc == AMFS_MAP_BAD)
		l->entry.diag = l->map->nr_diags - 1;
	return amfs_map_add(l->map, &l->entry);
}

static int read_line(struct line *l, struct amfs_map_lex *lex,
		     const struct amfs_map_word *word)
{
	const struct amfs_map_entry *same;
	int rc;

	rc = read_key(l, word);
	if (rc)
		return rc < 0 || !is_lookable(l, word) ? rc : finish(l, rc);
	same = find_same(l);
	if (same)
		return complain(l, word->line,
				"duplicate key; the entry of line %u counts",
				same->line);
	return finish(l, read_values(l, lex));
}

/**
 * amfs_map_entry_read() - read the entry of a line
 * @map: gets the entry and the faults
 * @lex: at the beginning of a logical line; is left anywhere in that line
 *
 * Return: 0, also for an empty or faulty line; -ENOMEM.
 */
int amfs_map_entry_read(struct amfs_map *map, struct amfs_map_lex *lex)
{
	struct line l = { .map = map };
	struct amfs_map_word word;
	int rc;

	if (!amfs_map_lex_word(lex, AMFS_MAP_KEY, &word))
		return 0;
	l.entry.key = word.text;
	l.entry.line = word.line;
	l.entry.diag = AMFS_MAP_NONE;
	l.entry.wild = word.lead == '*' && word.text.len == 1;
	rc = read_line(&l, lex, &word);
	return rc < 0 ? rc : 0;
}
