// SPDX-License-Identifier: GPL-2.0
/*
 * A map's life: the file is read whole, cut into entries and closed again;
 * afterwards nothing changes until the map is freed.
 */
#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map_priv.h"

struct text {
	char *buf;
	size_t len;
	size_t room;
};

/* Millions of keys; what is larger is no map, and would cost all memory. */
#define LARGEST	((size_t)256 << 20)

/*
 * Opens without waiting: a FIFO in the place of a map must not hang the daemon.
 */
static int open_regular(const char *file)
{
	struct stat st;
	int fd, rc = 0;

	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (S_ISDIR(st.st_mode))
		rc = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_size > (off_t)LARGEST)
		rc = -EFBIG;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

/* Reads to the end and not to st_size, as the file may be growing. */
static int read_all(int fd, struct text *text)
{
	ssize_t got;
	char *buf;

	for (;;) {
		buf = amfs_map_grow(text->buf, &text->room, text->len, 1);
		if (!buf)
			return -ENOMEM;
		text->buf = buf;
		got = read(fd, buf + text->len, text->room - text->len);
		if (!got)
			return 0;
		if (got > 0)
			text->len += (size_t)got;
		else if (errno != EINTR)
			return -errno;
		if (text->len > LARGEST)
			return -EFBIG;
	}
}

int amfs_map_load(const char *file, struct amfs_map **map,
		  amfs_map_diag_fn diag, void *ctx)
{
	struct text text = { 0 };
	int fd, rc;

	*map = NULL;
	fd = open_regular(file);
	if (fd < 0)
		return fd;
	rc = read_all(fd, &text);
	close(fd);
	if (!rc)
		rc = amfs_map_parse(file, text.buf, text.len, map, diag, ctx);
	free(text.buf);
	return rc;
}

static struct amfs_map *map_new(const char *name, size_t len)
{
	struct amfs_map *map;

	map = calloc(1, sizeof(*map));
	if (!map)
		return NULL;
	map->wildcard = AMFS_MAP_NONE;
	map->file = amfs_map_format("%s", name);
	map->words = malloc(len ? len : 1);
	map->opts = malloc(len ? len : 1);
	if (!map->file || !map->words || !map->opts) {
		amfs_map_free(map);
		return NULL;
	}
	return map;
}

static int read_lines(struct amfs_map *map, const char *buf, size_t len)
{
	struct amfs_map_lex lex = {
		.pos = buf,
		.end = buf + len,
		.out = map->words,
		.line = 1,
	};
	int rc;

	do
		rc = amfs_map_entry_read(map, &lex);
	while (!rc && amfs_map_lex_next_line(&lex));
	return rc;
}

int amfs_map_parse(const char *name, const char *buf, size_t len,
		   struct amfs_map **map, amfs_map_diag_fn diag, void *ctx)
{
	struct amfs_map *new;
	int rc;

	*map = NULL;
	new = map_new(name, len);
	if (!new)
		return -ENOMEM;
	new->report = diag;
	new->report_ctx = ctx;
	rc = len ? read_lines(new, buf, len) : 0;
	if (!rc)
		rc = amfs_map_list(new);
	if (rc) {
		amfs_map_free(new);
		return rc;
	}
	/* the callback's owner may be gone when the map is used */
	new->report = NULL;
	new->report_ctx = NULL;
	*map = new;
	return 0;
}

void amfs_map_free(struct amfs_map *map)
{
	size_t i;

	if (!map)
		return;
	for (i = 0; i < map->nr_diags; i++)
		free(map->diags[i].text);
	free(map->diags);
	free(map->listed);
	free(map->slots);
	free(map->entries);
	free(map->parts);
	free(map->opts);
	free(map->words);
	free(map->file);
	free(map);
}

size_t amfs_map_count(const struct amfs_map *map)
{
	return map->nr_listed;
}

const char *amfs_map_key(const struct amfs_map *map, size_t i, size_t *len)
{
	const struct amfs_map_entry *entry;

	if (i >= map->nr_listed)
		return NULL;
	entry = &map->entries[map->listed[i]];
	*len = entry->key.len;
	return entry->key.p;
}

const struct amfs_map_diag *amfs_map_diags(const struct amfs_map *map,
					   size_t *count)
{
	*count = map->nr_diags;
	return map->diags;
}
