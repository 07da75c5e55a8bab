// SPDX-License-Identifier: GPL-2.0
/* argp; the texts here are the short form of amfsd(8). */
#include "options.h"

#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/amfs.h>

#ifndef AMFS_RELEASE
#define AMFS_RELEASE	"unreleased"
#endif

#define DEFAULT_WORKERS	64
#define MAX_WORKERS	4096

enum { KEY_REPLACE = 0x100 };

const char *argp_program_version = "amfsd " AMFS_RELEASE;

static const struct argp_option entries[] = {
	{ "foreground", 'f', NULL, 0,
	  "Stay in the foreground and log to standard error", 0 },
	{ "workers", 'n', "WORKERS", 0,
	  "Mount at most so many keys at once (default 64)", 0 },
	{ "replace", KEY_REPLACE, NULL, 0,
	  "Take the maps over from the amfsd that serves them", 0 },
	{ 0 },
};

static void add_map(struct amfs_options *options, char *arg,
		    struct argp_state *state)
{
	struct amfs_map_argument *map = &options->maps[options->count];
	char *file = strchr(arg, '=');
	char *folder;
	size_t i;

	if (!file || file == arg || !file[1]) {
		argp_error(state, "%s: expected MAP=FILE", arg);
		return;
	}
	if (file - arg > AMFS_NAME_LEN)
		argp_error(state, "%s: a map's name has at most %d bytes", arg,
			   AMFS_NAME_LEN);
	map->name = strndup(arg, (size_t)(file - arg));
	if (!map->name) {
		argp_failure(state, 1, 0, "no memory");
		return;
	}
	for (i = 0; i < options->count; i++)
		if (!strcmp(map->name, options->maps[i].name))
			argp_error(state, "%s: the map was named before",
				   map->name);
	/* The file is read again later, from another current folder. */
	folder = file[1] == '/' ? strdup("") : getcwd(NULL, 0);
	if (!folder || asprintf(&map->file, "%s%s%s", folder, *folder ? "/" :
				"", file + 1) < 0)
		argp_failure(state, 1, 0, "%s: no memory, or no current folder",
			     arg);
	free(folder);
	options->count++;
}

static unsigned int parse_workers(const char *arg, struct argp_state *state)
{
	char *end;
	long n;

	n = strtol(arg, &end, 10);
	if (end == arg || *end || n < 1 || n > MAX_WORKERS)
		argp_error(state, "-n %s: expected a number from 1 to %d", arg,
			   MAX_WORKERS);
	return (unsigned int)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct amfs_options *options = state->input;

	switch (key) {
	case 'f':
		options->foreground = true;
		return 0;
	case 'n':
		options->workers = parse_workers(arg, state);
		return 0;
	case KEY_REPLACE:
		options->replace = true;
		return 0;
	case ARGP_KEY_ARG:
		add_map(options, arg, state);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no map to serve");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void amfs_options_parse(struct amfs_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = entries,
		.parser = parse,
		.args_doc = "MAP=FILE...",
		.doc = "Mount the keys of amfs automount points when they are walked into.\v"
		       "MAP is the name that \"mount -t amfs MAP FOLDER\" gives, FILE a map as amfs.map(5) describes it. "
		       "SIGHUP reads the files again; SIGTERM ends amfsd and leaves everything mounted.",
	};

	argp_err_exit_status = 2;
	memset(options, 0, sizeof(*options));
	options->workers = DEFAULT_WORKERS;
	options->maps = calloc((size_t)argc + 1, sizeof(*options->maps));
	if (!options->maps) {
		fputs("amfsd: no memory\n", stderr);
		exit(1);
	}
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void amfs_options_clear(struct amfs_options *options)
{
	size_t i;

	for (i = 0; i < options->count; i++) {
		free(options->maps[i].name);
		free(options->maps[i].file);
	}
	free(options->maps);
	memset(options, 0, sizeof(*options));
}
