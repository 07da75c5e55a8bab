/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef AMFS_DAEMON_OPTIONS_H
#define AMFS_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* A map to serve; @file is an absolute path. */
struct amfs_map_argument {
	char *name;
	char *file;
};

/**
 * struct amfs_options - what the command line says
 * @foreground: -f
 * @replace: --replace
 * @workers: -n
 * @count: entries in @maps
 * @maps: in the order given
 */
struct amfs_options {
	bool foreground;
	bool replace;
	unsigned int workers;
	size_t count;
	struct amfs_map_argument *maps;
};

/* Fills @options, or says what is wrong and ends the program with status 2. */
void amfs_options_parse(struct amfs_options *options, int argc, char **argv);

void amfs_options_clear(struct amfs_options *options);

#endif /* AMFS_DAEMON_OPTIONS_H */
