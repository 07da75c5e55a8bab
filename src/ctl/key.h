/* SPDX-License-Identifier: GPL-2.0 */
/* What amfsctl key does. Each returns an enum amfs_exit. */
#ifndef AMFS_CTL_KEY_H
#define AMFS_CTL_KEY_H

#include <stdbool.h>

#include "key_file.h"
#include "key_record.h"

/* Loads a key; @replace: it may be there. */
int amfs_key_add(int fd, const char *map, const struct amfs_key_record *record,
		 bool replace);

/* Has keys forgotten, also those behind one that isn't there. */
int amfs_key_del(int fd, const char *map,
		 const struct amfs_key_record *const *records, size_t count);

/* Has all keys of a map forgotten. */
int amfs_key_clear(int fd, const char *map);

/* Loads what a file says. */
int amfs_key_load(int fd, const struct amfs_key_file *file, bool replace);

#endif /* AMFS_CTL_KEY_H */
