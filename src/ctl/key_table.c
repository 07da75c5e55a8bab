// SPDX-License-Identifier: GPL-2.0
/* In-kernel keys for people. */
#include "key_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "grid.h"
#include "key_options.h"

static const struct amfs_grid_column columns[] = {
	{ "MAP", false }, { "KEY", false }, { "TYPE", false },
	{ "SOURCE", false }, { "OPTIONS", false }, { "TIMEOUT", true },
};

static void add_text(struct amfs_grid *grid, const char *text)
{
	if (*text)
		amfs_grid_show(grid, text, strlen(text));
	else
		amfs_grid_add(grid, "-");
}

static void add_options(struct amfs_grid *grid, const struct amfs_key *key)
{
	char *list = amfs_key_options_list(key->attr, key->options,
					   key->options_len);

	add_text(grid, list);
	free(list);
}

static void add_timeout(struct amfs_grid *grid, uint32_t timeout_s)
{
	if (timeout_s == AMFS_TIMEOUT_DEFAULT)
		amfs_grid_add(grid, "default");
	else if (timeout_s)
		amfs_grid_add(grid, "%u s", timeout_s);
	else
		amfs_grid_add(grid, "never");
}

void amfs_key_list_table(const struct amfs_key_list *list, FILE *out)
{
	struct amfs_grid grid = {
		.columns = columns,
		.nr_columns = sizeof(columns) / sizeof(columns[0]),
	};
	const struct amfs_key *key;
	size_t i;

	if (!list->count) {
		fputs("No keys are loaded.\n", out);
		return;
	}
	for (i = 0; i < list->count; i++) {
		key = &list->keys[i];
		add_text(&grid, key->map);
		add_text(&grid, key->name);
		add_text(&grid, key->fstype);
		add_text(&grid, key->source);
		add_options(&grid, key);
		add_timeout(&grid, key->timeout_s);
	}
	if (amfs_grid_print(&grid, out))
		amfs_die(ENOMEM, "the table");
}
