/* SPDX-License-Identifier: GPL-2.0 */
/* Columns of text. */
#ifndef AMFS_CTL_GRID_H
#define AMFS_CTL_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define AMFS_GRID_COLUMNS	12

/* A column: its head, and whether it holds numbers, which stand to the right. */
struct amfs_grid_column {
	const char *head;
	bool right;
};

/**
 * struct amfs_grid - rows of cells (owner only)
 * @columns: their heads
 * @nr_columns: at most AMFS_GRID_COLUMNS
 * @cells: row after row
 * @nr_cells: entries in @cells
 * @room: entries that fit
 * @failed: there was no memory
 */
struct amfs_grid {
	const struct amfs_grid_column *columns;
	size_t nr_columns;
	char **cells;
	size_t nr_cells;
	size_t room;
	bool failed;
};

/* Appends a cell; rows fill from left to right. */
void amfs_grid_add(struct amfs_grid *grid, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a cell with bytes of any kind, as amfs_text_show() shows them. */
void amfs_grid_show(struct amfs_grid *grid, const char *bytes, size_t len);

/*
 * Writes the rows under their heads, each column as wide as its widest cell
 * and no spaces after the last, and frees the cells. Return: 0; -1 when there
 * was no memory for a cell, and nothing was written.
 */
int amfs_grid_print(struct amfs_grid *grid, FILE *out);

#endif /* AMFS_CTL_GRID_H */
