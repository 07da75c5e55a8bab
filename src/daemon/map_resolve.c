// SPDX-License-Identifier: GPL-2.0
/*
 * An entry and a name become what is mounted.
 *
 * The name comes from whoever walks into the directory, the entry from root.
 * The name is put in as bytes, after all parsing is done, so it can't add words
 * or locations; having no '/' and not being "..", it can't leave the directory
 * that the entry names. (What comes after it, the path of a part, must be in the
 * map as it is. A path, the key of a direct automount point, comes from
 * root as well, and has an entry of its own.) What reads the result afterwards has a syntax of its
 * own, though, and there the name is refused if it could be taken for more than
 * a name:
 *
 *   options         , = " \ :  blanks and control characters
 *   host of a       anything but letters, digits, '.', '-', '_';
 *   "host:/path"    between brackets ':' and '%' too
 *   cifs, smb3      , \ and control characters: mount.cifs puts the source into
 *                   its options, and servers take '\' for a '/'
 *   first byte      '-', which a helper would take for an option
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "map_priv.h"

struct lookup {
	const struct amfs_map *map;
	const struct amfs_map_entry *head;	/* the entry, with its options */
	const struct amfs_map_entry *entry;	/* that, or one of its parts */
	struct amfs_map_str key;
	struct amfs_map_str offset;
	char **why;
};

/* Stores the reason, if the caller wants one, and returns the errno. */
static int say(char **why, char *text, int rc)
{
	if (!text)
		return -ENOMEM;
	if (why)
		*why = text;
	else
		free(text);
	return rc;
}

static int refuse_key(const struct lookup *l, const char *what, int rc)
{
	char quoted[AMFS_MAP_QUOTED];

	amfs_map_quote(quoted, l->key);
	return say(l->why, amfs_map_format("key %s: %s", quoted, what), rc);
}

static int refuse(const struct lookup *l, const char *what, int rc)
{
	char quoted[AMFS_MAP_QUOTED];

	amfs_map_quote(quoted, l->key);
	return say(l->why, amfs_map_format("%s:%u: key %s: %s", l->map->file,
					   l->entry->line, quoted, what), rc);
}

static int refuse_bad(const struct lookup *l)
{
	const struct amfs_map_diag *diag = &l->map->diags[l->head->diag];

	return say(l->why, amfs_map_format("%s:%u: %s", l->map->file,
					   diag->line, diag->text), -EINVAL);
}

static bool is_safe_option(char c)
{
	return !amfs_map_control(c) && !strchr(",=\"\\: ", c);
}

static bool is_safe_share(char c)
{
	return !amfs_map_control(c) && c != ',' && c != '\\';
}

static bool is_safe_host(char c)
{
	return amfs_map_alnum(c) || strchr(".-_", c);
}

static bool is_safe_address(char c)
{
	return is_safe_host(c) || c == ':' || c == '%';
}

/* Whether @key may replace the '&'s of @text, if there are any. */
static bool fits(struct amfs_map_str key, struct amfs_map_str text,
		 bool (*is_safe)(char c))
{
	size_t i;

	if (!amfs_map_str_has(text, AMFS_MAP_SUBST))
		return true;
	for (i = 0; i < key.len; i++)
		if (!is_safe(key.p[i]))
			return false;
	return true;
}

static bool is_cifs(struct amfs_map_str type)
{
	return amfs_map_str_is(type, "cifs") || amfs_map_str_is(type, "smb3");
}

static int check_substitution(const struct lookup *l)
{
	const struct amfs_map_entry *entry = l->entry;
	struct amfs_map_str host = { entry->source.p, entry->host_len };
	bool bracket = host.len && host.p[0] == '[';

	if (!fits(l->key, l->head->options, is_safe_option) ||
	    !fits(l->key, entry->options, is_safe_option))
		return refuse(l, "can't go into the options: has , = : \" \\, a blank or a control character",
			      -EINVAL);
	if (!fits(l->key, host, bracket ? is_safe_address : is_safe_host))
		return refuse(l, "can't go into the host of the location: isn't a host name",
			      -EINVAL);
	if (is_cifs(entry->fstype) && !fits(l->key, entry->source, is_safe_share))
		return refuse(l, "can't go into the location of a share: has , \\ or a control character",
			      -EINVAL);
	if (entry->source.p[0] == AMFS_MAP_SUBST && l->key.p[0] == '-')
		return refuse(l, "can't begin the location: a mount helper takes '-' for an option",
			      -EINVAL);
	return 0;
}

static size_t expanded_len(struct amfs_map_str text, struct amfs_map_str key)
{
	size_t len = 0, i;

	for (i = 0; i < text.len; i++)
		len += text.p[i] == AMFS_MAP_SUBST ? key.len : 1;
	return len;
}

static char *expand(struct amfs_map_str text, struct amfs_map_str key)
{
	char *out, *p;
	size_t i;

	out = malloc(expanded_len(text, key) + 1);
	if (!out)
		return NULL;
	for (i = 0, p = out; i < text.len; i++) {
		if (text.p[i] == AMFS_MAP_SUBST) {
			memcpy(p, key.p, key.len);
			p += key.len;
		} else {
			*p++ = text.p[i];
		}
	}
	*p = '\0';
	return out;
}

/* What holds for all parts comes before what is this one's. */
static char *all_options(const struct lookup *l)
{
	char *all = expand(l->head->options, l->key);
	char *own, *joined = NULL;

	if (l->entry == l->head || !l->entry->options.len)
		return all;
	own = expand(l->entry->options, l->key);
	if (all && own && *all)
		joined = amfs_map_format("%s,%s", all, own);
	else if (all && own)
		joined = amfs_map_format("%s", own);
	free(all);
	free(own);
	return joined;
}

static int fill_mount(const struct lookup *l, struct amfs_mount_spec *out)
{
	/* what mount(2) takes as a source, with its NUL */
	if (expanded_len(l->entry->source, l->key) >= PATH_MAX)
		return refuse(l, "the location is longer than 4095 bytes",
			      -ENAMETOOLONG);
	out->route = l->entry->route;
	out->fstype = expand(l->entry->fstype, l->key);
	out->source = expand(l->entry->source, l->key);
	out->options = all_options(l);
	return out->fstype && out->source && out->options ? 0 : -ENOMEM;
}

/* Nothing is mounted on the key itself. Nobody is to write there. */
static int fill_folders(struct amfs_mount_spec *out)
{
	out->folders = true;
	out->fstype = amfs_map_format("tmpfs");
	out->source = amfs_map_format("amfs");
	out->options = amfs_map_format("mode=0755,nosuid,nodev,noexec");
	return out->fstype && out->source && out->options ? 0 : -ENOMEM;
}

static int fill(const struct lookup *l, struct amfs_mount_spec *out)
{
	int rc;

	rc = l->entry ? fill_mount(l, out) : fill_folders(out);
	if (!rc && l->head->nr_parts)
		rc = amfs_map_offsets_below(l->map, l->head, l->offset, out);
	out->part = l->offset.len;
	if (rc)
		amfs_mount_spec_clear(out);
	return rc;
}

static const struct amfs_map_entry *find_head(const struct amfs_map *map,
					      struct amfs_map_str key)
{
	const struct amfs_map_entry *head = amfs_map_find(map, key);

	/* A path is meant by its own entry, or by none. */
	return head || *key.p == '/' ? head : amfs_map_wildcard(map);
}

/*
 * Cuts a name into a key that the map has and the path of one of its parts. The
 * longest key counts; one that isn't a path has no '/' in it.
 */
static int find_part(struct lookup *l, struct amfs_map_str name)
{
	size_t cut = name.len;

	while (cut-- > 1) {
		if (name.p[cut] != '/')
			continue;
		l->key = (struct amfs_map_str){ name.p, cut };
		l->offset = (struct amfs_map_str){ name.p + cut + 1,
						   name.len - cut - 1 };
		if (!l->offset.len || amfs_map_key_fault(l->key))
			continue;
		l->head = find_head(l->map, l->key);
		if (!l->head)
			continue;
		if (l->head->diag != AMFS_MAP_NONE)
			return refuse_bad(l);
		l->entry = amfs_map_part(l->map, l->head, l->offset);
		if (l->entry)
			return 0;
	}
	return -ENOENT;
}

static int find_key(struct lookup *l, struct amfs_map_str name)
{
	l->key = name;
	l->head = find_head(l->map, l->key);
	if (!l->head)
		return -ENOENT;
	if (l->head->diag != AMFS_MAP_NONE)
		return refuse_bad(l);
	l->entry = l->head;
	if (l->head->nr_parts)
		l->entry = amfs_map_part(l->map, l->head, l->offset);
	return 0;
}

/* A path is a direct key's, or else that of a part below one. */
static int find(struct lookup *l, struct amfs_map_str name)
{
	int rc = -ENOENT;

	if (*name.p == '/' || !amfs_map_str_has(name, '/'))
		rc = find_key(l, name);
	if (rc == -ENOENT && amfs_map_str_has(name, '/'))
		rc = find_part(l, name);
	return rc;
}

static const char *name_fault(struct amfs_map_str name)
{
	if (amfs_map_str_has(name, '\0'))
		return "a key can't have a NUL byte in it";
	return amfs_map_str_has(name, '/') ? NULL : amfs_map_key_fault(name);
}

int amfs_map_resolve(const struct amfs_map *map, const void *key,
		     size_t key_len, struct amfs_mount_spec *out, char **why)
{
	struct lookup l = { .map = map, .key = { key, key_len }, .why = why };
	struct amfs_map_str name = l.key;
	const char *fault;
	int rc;

	memset(out, 0, sizeof(*out));
	if (why)
		*why = NULL;
	if (key_len > AMFS_MAP_KEY_MAX)
		return refuse_key(&l, "longer than 255 bytes", -ENAMETOOLONG);
	fault = name_fault(name);
	if (fault)
		return refuse_key(&l, fault, -EINVAL);
	rc = find(&l, name);
	if (rc)
		return rc;
	rc = l.entry ? check_substitution(&l) : 0;
	return rc ? rc : fill(&l, out);
}

void amfs_mount_spec_clear(struct amfs_mount_spec *spec)
{
	size_t i;

	for (i = 0; i < spec->nr_offsets; i++)
		free(spec->offsets[i]);
	free(spec->offsets);
	free(spec->fstype);
	free(spec->source);
	free(spec->options);
	memset(spec, 0, sizeof(*spec));
}
