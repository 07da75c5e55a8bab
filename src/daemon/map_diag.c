// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a map in words. Names come from files and from whoever walks into
 * a directory, and the words end up in logs and on terminals: a name is printed
 * only through amfs_map_quote().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map_priv.h"

/* A longer name is cut; file and line lead to it. */
#define QUOTE_BYTES 64

static char *format_args(const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return NULL;
	text = malloc((size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

/**
 * amfs_map_format() - sprintf into memory of the right size
 * @fmt: as for printf(3)
 *
 * Return: text that the caller frees, or NULL without memory.
 */
char *amfs_map_format(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = format_args(fmt, args);
	va_end(args);
	return text;
}

/**
 * amfs_map_quote() - make a name printable
 * @out: gets the name in quotes, as ASCII with \xHH for all other bytes, and
 *	"..." in the end if it was cut
 * @name: any bytes
 */
void amfs_map_quote(char out[AMFS_MAP_QUOTED], struct amfs_map_str name)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = name.len < QUOTE_BYTES ? name.len : QUOTE_BYTES;
	const char *tail = len < name.len ? "\"..." : "\"";
	size_t i;

	*out++ = '"';
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			*out++ = (char)c;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	memcpy(out, tail, strlen(tail) + 1);
}

/**
 * amfs_map_key_fault() - say why a name can't be a key
 * @key: name from a map or from a lookup
 *
 * Length isn't looked at, as it has its own errno.
 *
 * Return: a constant text, or NULL if nothing is wrong.
 */
const char *amfs_map_key_fault(struct amfs_map_str key)
{
	if (!key.len)
		return "a key can't be empty";
	if (amfs_map_str_is(key, ".") || amfs_map_str_is(key, ".."))
		return "a key can't be \".\" or \"..\"";
	/* A path is the key of a direct automount point. */
	if (*key.p != '/' && amfs_map_str_has(key, '/'))
		return "a key can't have a '/' in it unless it begins with one";
	if (amfs_map_str_has(key, '\0'))
		return "a key can't have a NUL byte in it";
	return NULL;
}

static int add_diag(struct amfs_map *map, unsigned int line, char *text)
{
	struct amfs_map_diag *diags;

	diags = amfs_map_grow(map->diags, &map->diags_room, map->nr_diags,
			      sizeof(*diags));
	if (!diags)
		return -ENOMEM;
	map->diags = diags;
	map->diags[map->nr_diags++] = (struct amfs_map_diag){ line, text };
	if (map->report)
		map->report(map->report_ctx, map->file, line, text);
	return AMFS_MAP_BAD;
}

/**
 * amfs_map_complain() - report a fault
 * @map: map being read
 * @line: where the fault is
 * @key: key it belongs to
 * @fmt: what is wrong, as for printf(3)
 *
 * Return: AMFS_MAP_BAD, and the fault is the last one of the map; -ENOMEM.
 */
int amfs_map_complain(struct amfs_map *map, unsigned int line,
		      struct amfs_map_str key, const char *fmt, ...)
{
	char quoted[AMFS_MAP_QUOTED];
	char *what, *text = NULL;
	va_list args;
	int rc;

	va_start(args, fmt);
	what = format_args(fmt, args);
	va_end(args);
	if (what) {
		amfs_map_quote(quoted, key);
		text = amfs_map_format("key %s: %s", quoted, what);
		free(what);
	}
	if (!text)
		return -ENOMEM;
	rc = add_diag(map, line, text);
	if (rc < 0)
		free(text);
	return rc;
}
