/* SPDX-License-Identifier: GPL-2.0 */
/* amfsctl expire. */
#ifndef AMFS_CTL_EXPIRE_H
#define AMFS_CTL_EXPIRE_H

#include <stdbool.h>

/*
 * Has the keys of @map (NULL: of all maps) unmounted: those that are due with
 * @due, else all, or with @key that one. Prints the outcome.
 *
 * Return: an enum amfs_exit.
 */
int amfs_expire(int fd, bool due, const char *map, const char *key);

#endif /* AMFS_CTL_EXPIRE_H */
