// SPDX-License-Identifier: GPL-2.0
/*
 * Map parser: the input is a map, and its last line is also looked up in it, so
 * that maps are seeds as they are.
 *
 * fuzz-sources: src/daemon/map.c src/daemon/map_table.c src/daemon/map_lex.c
 * fuzz-sources: src/daemon/map_entry.c src/daemon/map_options.c
 * fuzz-sources: src/daemon/map_resolve.c src/daemon/map_tree.c
 * fuzz-sources: src/daemon/map_diag.c
 */
#include "../../src/daemon/map.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define require(cond) \
	do { \
		if (!(cond)) \
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* True for ".." as a component of a path. */
static int climbs(const char *path)
{
	const char *p;

	for (p = strstr(path, ".."); p; p = strstr(p + 1, ".."))
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return 1;
	return 0;
}

static void check_printable(const char *text)
{
	require(text && *text);
	for (; *text; text++)
		require(*text >= 0x20 && *text < 0x7f);
}

static void check_diag(void *ctx, const char *file, unsigned int line,
		       const char *text)
{
	size_t *seen = ctx;

	require(!strcmp(file, "fuzz"));
	require(line);
	check_printable(text);
	(*seen)++;
}

static void check_spec(const struct amfs_mount_spec *spec)
{
	require(spec->fstype && *spec->fstype);
	require(spec->source && *spec->source && *spec->source != '-');
	require(spec->options);
	require(strcmp(spec->fstype, "autofs"));
	require(!strchr(spec->fstype, '/') && *spec->fstype != '-');
	if (!strcmp(spec->fstype, "bind"))
		require(*spec->source == '/');
}

static int resolve(const struct amfs_map *map, const void *key, size_t len,
		   struct amfs_mount_spec *spec)
{
	char *why;
	int rc;

	rc = amfs_map_resolve(map, key, len, spec, &why);
	switch (rc) {
	case 0:
		require(!why);
		check_spec(spec);
		break;
	case -EINVAL:
	case -ENAMETOOLONG:
		check_printable(why);
		free(why);
		break;
	default:
		require(rc == -ENOENT && !why);
	}
	return rc;
}

static int is_listed(const struct amfs_map *map, const void *key, size_t len)
{
	size_t i, key_len;
	const char *p;

	for (i = 0; (p = amfs_map_key(map, i, &key_len)); i++)
		if (key_len == len && !memcmp(p, key, len))
			return 1;
	return 0;
}

/*
 * A key that the wildcard answers must not change more than the places it is
 * put into: compare with a harmless one, and the same @part of it.
 */
static void check_injection(const struct amfs_map *map,
			    const struct amfs_mount_spec *spec,
			    const uint8_t *part, size_t part_len)
{
	static const char plain[] = "plainkey";
	const size_t len = sizeof(plain) - 1;
	char other[sizeof(plain) + AMFS_MAP_KEY_MAX];
	struct amfs_mount_spec same;

	if (is_listed(map, plain, len))
		return;
	memcpy(other, plain, len);
	memcpy(other + len, part, part_len);
	if (!resolve(map, other, len + part_len, &same)) {
		require(!strcmp(spec->fstype, same.fstype));
		require(spec->route == same.route);
		require(count(spec->options, ',') == count(same.options, ','));
		require(count(spec->options, '=') == count(same.options, '='));
		require(count(spec->options, '"') == count(same.options, '"'));
		require(count(spec->source, '/') == count(same.source, '/'));
		require(climbs(spec->source) == climbs(same.source));
		amfs_mount_spec_clear(&same);
	}
}

static void check_last_line(const struct amfs_map *map, const uint8_t *data,
			    size_t size)
{
	struct amfs_mount_spec spec;
	const uint8_t *key = data + size, *part;

	while (key > data && key[-1] != '\n')
		key--;
	size -= (size_t)(key - data);
	if (resolve(map, key, size, &spec))
		return;
	require(size && size <= AMFS_MAP_KEY_MAX);
	require(!memchr(key, '\0', size));
	/* A path is served by its own entry alone, or is a part of another's. */
	part = memchr(key, '/', size);
	require(!part || spec.part || (*key == '/' && is_listed(map, key, size)));
	if (!part)
		part = key + size;
	if (*key != '/' && !is_listed(map, key, (size_t)(part - key)))
		check_injection(map, &spec, part, (size_t)(key + size - part));
	amfs_mount_spec_clear(&spec);
}

/* A listed key is refused only for what its own '&'s make of it. */
static void check_keys(const struct amfs_map *map)
{
	struct amfs_mount_spec spec;
	const char *key;
	size_t i, len;

	for (i = 0; i < amfs_map_count(map); i++) {
		key = amfs_map_key(map, i, &len);
		require(key && len && len <= AMFS_MAP_KEY_MAX);
		require(resolve(map, key, len, &spec) != -ENOENT);
		amfs_mount_spec_clear(&spec);
	}
	require(!amfs_map_key(map, i, &len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct amfs_map *map;
	size_t seen = 0, kept;

	require(!amfs_map_parse("fuzz", (const char *)data, size, &map,
				check_diag, &seen));
	amfs_map_diags(map, &kept);
	require(kept == seen);
	check_keys(map);
	check_last_line(map, data, size);
	amfs_map_free(map);
	return 0;
}
