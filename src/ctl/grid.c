// SPDX-License-Identifier: GPL-2.0
/* Widths are counted in columns of the terminal, not in bytes. */
#include "grid.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static char **new_cell(struct amfs_grid *grid)
{
	char **cells;
	size_t room;

	if (grid->nr_cells == grid->room) {
		room = grid->room ? grid->room * 2 : 128;
		cells = reallocarray(grid->cells, room, sizeof(*cells));
		if (!cells)
			return NULL;
		grid->cells = cells;
		grid->room = room;
	}
	return &grid->cells[grid->nr_cells];
}

void amfs_grid_add(struct amfs_grid *grid, const char *format, ...)
{
	char **cell = new_cell(grid);
	va_list args;
	int n = -1;

	va_start(args, format);
	if (cell)
		n = vasprintf(cell, format, args);
	va_end(args);
	if (n < 0)
		grid->failed = true;
	else
		grid->nr_cells++;
}

void amfs_grid_show(struct amfs_grid *grid, const char *bytes, size_t len)
{
	char **cell = new_cell(grid);
	char *shown = cell ? malloc(AMFS_TEXT_ROOM(len)) : NULL;

	if (!shown) {
		grid->failed = true;
		return;
	}
	*cell = amfs_text_show(shown, bytes, len);
	grid->nr_cells++;
}

static void spaces(size_t n, FILE *out)
{
	while (n--)
		fputc(' ', out);
}

static void print_row(const struct amfs_grid *grid, const size_t *widths,
		      const char *const *cells, FILE *out)
{
	size_t pad;
	size_t i;

	for (i = 0; i < grid->nr_columns; i++) {
		pad = widths[i] - amfs_text_width(cells[i]);
		if (i)
			fputs("  ", out);
		if (grid->columns[i].right)
			spaces(pad, out);
		fputs(cells[i], out);
		if (!grid->columns[i].right && i + 1 < grid->nr_columns)
			spaces(pad, out);
	}
	fputc('\n', out);
}

static void print_rows(const struct amfs_grid *grid, FILE *out)
{
	const char *heads[AMFS_GRID_COLUMNS];
	size_t widths[AMFS_GRID_COLUMNS];
	size_t width;
	size_t i;

	for (i = 0; i < grid->nr_columns; i++) {
		heads[i] = grid->columns[i].head;
		widths[i] = amfs_text_width(heads[i]);
	}
	for (i = 0; i < grid->nr_cells; i++) {
		width = amfs_text_width(grid->cells[i]);
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there are columns */
		if (width > widths[i % grid->nr_columns])
			widths[i % grid->nr_columns] = width;
	}
	print_row(grid, widths, heads, out);
	for (i = 0; i + grid->nr_columns <= grid->nr_cells;
	     i += grid->nr_columns)
		print_row(grid, widths, (const char *const *)grid->cells + i,
			  out);
}

int amfs_grid_print(struct amfs_grid *grid, FILE *out)
{
	bool failed = grid->failed;
	size_t i;

	if (!failed)
		print_rows(grid, out);
	for (i = 0; i < grid->nr_cells; i++)
		free(grid->cells[i]);
	free(grid->cells);
	grid->cells = NULL;
	grid->nr_cells = 0;
	grid->room = 0;
	grid->failed = false;
	return failed ? -1 : 0;
}
