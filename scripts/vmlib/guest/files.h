// SPDX-License-Identifier: GPL-2.0
/* Small things to do with files. */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a folder and those above it. */
void make_dirs(const char *path);

bool put_file(const char *path, const char *text);

/* A whole file with a 0 behind it, the caller's to free; NULL if there is none. */
char *get_file(const char *path, size_t *size);

/* The words of a file in which a 0 ends each; kept for ever. */
char **get_words(const char *path);

/* The value of a word "name=value" of the run's settings, or NULL. */
const char *setting(const char *name);

#endif
