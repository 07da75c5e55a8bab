/* SPDX-License-Identifier: GPL-2.0 */
/* The in-kernel keys that there are. */
#ifndef AMFS_CTL_KEY_LIST_H
#define AMFS_CTL_KEY_LIST_H

#include <stdio.h>

#include "key_record.h"

struct amfs_key_page;

/**
 * struct amfs_key_list - keys of one map or of all
 * @keys: in the order of maps and names
 * @count: entries in @keys
 * @room: entries that fit
 * @pages: what @keys point into
 */
struct amfs_key_list {
	struct amfs_key *keys;
	size_t count;
	size_t room;
	struct amfs_key_page *pages;
};

/*
 * Reads the keys of @map, which @list then points to, or of all maps when it is
 * NULL. Ends the program when it can't.
 */
void amfs_key_list_read(struct amfs_key_list *list, int fd, const char *map);

void amfs_key_list_clear(struct amfs_key_list *list);

/* Writes it for people; ends the program when there is no memory. */
void amfs_key_list_table(const struct amfs_key_list *list, FILE *out);

/* Writes it for programs. Return: 0, or -1 when there is no memory. */
int amfs_key_list_json(const struct amfs_key_list *list, FILE *out);

#endif /* AMFS_CTL_KEY_LIST_H */
