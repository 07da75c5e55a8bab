// SPDX-License-Identifier: GPL-2.0
/*
 * The options of an entry: fstype= and route= are taken out, words that only
 * mean something to an automounter are dropped, the rest becomes the comma list
 * that mount gets.
 */
#include <string.h>

#include "map_priv.h"

/*
 * What autofs understands itself. None has a meaning for a single location, and
 * all would make mount(2) fail.
 */
static const char *const dropped[] = {
	"strict", "nostrict", "use-weight-only", "no-use-weight-only",
	"nobind", "symlink", "nosymlink",
};

static bool is_dropped(struct amfs_map_str item)
{
	size_t i;

	for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (amfs_map_str_is(item, dropped[i]))
			return true;
	return false;
}

/*
 * Cuts the first item off. As in mount(8), a comma between double quotes (that
 * is, quotes which the map has escaped) belongs to its option:
 * context=\"a,b\" is one.
 */
static struct amfs_map_str next_item(struct amfs_map_str *list)
{
	struct amfs_map_str item = { list->p, 0 };
	bool quoted = false;

	while (item.len < list->len) {
		if (item.p[item.len] == '"')
			quoted = !quoted;
		if (item.p[item.len] == ',' && !quoted)
			break;
		item.len++;
	}
	list->p += item.len;
	list->len -= item.len;
	if (list->len) {
		list->p++;
		list->len--;
	}
	return item;
}

/* Cuts "name=value" in two; an item without '=' is all name. */
static struct amfs_map_str cut_value(struct amfs_map_str *item)
{
	struct amfs_map_str value = { item->p + item->len, 0 };
	const char *eq = memchr(item->p, '=', item->len);

	if (eq) {
		value.p = eq + 1;
		value.len = item->len - (size_t)(eq - item->p) - 1;
		item->len = (size_t)(eq - item->p);
	}
	return value;
}

/* A type becomes part of the name of a helper program: mount.TYPE. */
static bool is_type(struct amfs_map_str type)
{
	size_t i;

	for (i = 0; i < type.len; i++)
		if (!amfs_map_alnum(type.p[i]) &&
		    (!i || !strchr("._-", type.p[i])))
			return false;
	return true;
}

static int set_fstype(struct amfs_map *map, struct amfs_map_entry *entry,
		      unsigned int line, struct amfs_map_str type)
{
	char quoted[AMFS_MAP_QUOTED];

	if (!type.len)
		return amfs_map_complain(map, line, entry->key,
			"fstype= is empty; expected a file system type such as nfs or bind");
	if (amfs_map_str_has(type, AMFS_MAP_SUBST))
		return amfs_map_complain(map, line, entry->key,
			"fstype= can't be taken from the key; expected a file system type without '&'");
	if (amfs_map_str_is(type, "autofs"))
		return amfs_map_complain(map, line, entry->key,
			"fstype=autofs isn't supported; mount the inner map as an automount point of its own");
	if (!is_type(type)) {
		amfs_map_quote(quoted, type);
		return amfs_map_complain(map, line, entry->key,
			"fstype=%s isn't a file system type; expected letters, digits, '.', '_' and '-'",
			quoted);
	}
	entry->fstype = type;
	return 0;
}

static int set_route(struct amfs_map *map, struct amfs_map_entry *entry,
		     unsigned int line, struct amfs_map_str route)
{
	char quoted[AMFS_MAP_QUOTED];

	if (amfs_map_str_is(route, "fd")) {
		entry->route = AMFS_ROUTE_FD;
	} else if (amfs_map_str_is(route, "path")) {
		entry->route = AMFS_ROUTE_PATH;
	} else if (amfs_map_str_is(route, "kernel")) {
		entry->route = AMFS_ROUTE_KERNEL;
	} else {
		amfs_map_quote(quoted, route);
		return amfs_map_complain(map, line, entry->key,
			"route=%s is unknown; expected route=fd, route=path or route=kernel",
			quoted);
	}
	return 0;
}

/*
 * Appends to the entry's list, which is the last one in the map's opts. The
 * comma takes the place of one in the file, or of the '-' of a further word.
 */
static void keep(struct amfs_map *map, struct amfs_map_entry *entry,
		 struct amfs_map_str item)
{
	char *out = map->opts + map->opts_len;

	if (entry->options.len)
		*out++ = ',';
	else
		entry->options.p = out;
	memcpy(out, item.p, item.len);
	out += item.len;
	map->opts_len = (size_t)(out - map->opts);
	entry->options.len = (size_t)(out - entry->options.p);
}

static int read_item(struct amfs_map *map, struct amfs_map_entry *entry,
		     unsigned int line, struct amfs_map_str item)
{
	struct amfs_map_str name = item;
	struct amfs_map_str value = cut_value(&name);

	if (!item.len || is_dropped(item))
		return 0;
	/* or whoever walks in chooses between, say, nosuid and suid */
	if (amfs_map_str_has(name, AMFS_MAP_SUBST))
		return amfs_map_complain(map, line, entry->key,
			"'&' in the name of an option; expected it only in a value, as in subdir=&");
	if (amfs_map_str_is(name, "fstype"))
		return set_fstype(map, entry, line, value);
	if (amfs_map_str_is(name, "route"))
		return set_route(map, entry, line, value);
	keep(map, entry, item);
	return 0;
}

/**
 * amfs_map_options_add() - read one word of options
 * @map: map being read
 * @entry: gets the options, added to those of the words before; a later fstype=
 *	or route= counts more than an earlier one
 * @line: where the word is
 * @list: the word without its '-', in the map's words
 *
 * Return: 0; AMFS_MAP_BAD; -ENOMEM.
 */
int amfs_map_options_add(struct amfs_map *map, struct amfs_map_entry *entry,
			 unsigned int line, struct amfs_map_str list)
{
	int rc = 0;

	while (list.len && !rc)
		rc = read_item(map, entry, line, next_item(&list));
	return rc;
}
