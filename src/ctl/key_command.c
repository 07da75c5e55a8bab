// SPDX-License-Identifier: GPL-2.0
/* amfsctl key: the command lines, and what is checked before the device. */
#include "key_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "key.h"
#include "key_list.h"
#include "key_record.h"

#define TIMEOUT	"timeout="

static bool is_timeout(const char *word)
{
	return !strncmp(word, TIMEOUT, strlen(TIMEOUT));
}

static void check_add(const struct amfs_arguments *arguments,
		      const struct argp_state *state)
{
	const char *last = arguments->words[arguments->count - 1];

	amfs_command_check_name(state, "map's name", arguments->words[0]);
	if (arguments->count == 6 && !is_timeout(last))
		argp_error(state, "%s: " TIMEOUT "SECONDS is expected", last);
}

static void check_del(const struct amfs_arguments *arguments,
		      const struct argp_state *state)
{
	bool all = arguments->flags & AMFS_FLAG_ALL;

	amfs_command_check_name(state, "map's name", arguments->words[0]);
	if (all && arguments->count > 1)
		argp_error(state, "--all is for whole maps, not for a KEY");
	if (!all && arguments->count == 1)
		argp_error(state, "an argument is missing: KEY, or --all");
}

static void check_list(const struct amfs_arguments *arguments,
		       const struct argp_state *state)
{
	if (arguments->count)
		amfs_command_check_name(state, "map's name",
					arguments->words[0]);
}

static int complain(const char *map, const char *key,
		    const struct amfs_fault *fault)
{
	struct amfs_fault where;

	/* A key may be too long for anything else: that may be the fault. */
	amfs_fault_set(&where, "%s: %s", map, key);
	fprintf(stderr, "amfsctl: %s: %s\n", where.text, fault->text);
	return AMFS_EXIT_USAGE;
}

static int run_add(const struct amfs_arguments *arguments)
{
	char *const *given = arguments->words;
	int count = arguments->count;
	struct amfs_key_words words = {
		.name = given[1],
		.fstype = given[2],
		.source = given[3],
	};
	struct amfs_fault fault;
	union amfs_key_room room;
	int outcome;
	int fd;

	if (count > 4 && is_timeout(given[count - 1]))
		words.timeout = given[--count] + strlen(TIMEOUT);
	if (count > 4)
		words.options = given[4];
	if (amfs_key_record_make(&room, &words, &fault))
		return complain(given[0], given[1], &fault);
	fd = amfs_device_open();
	outcome = amfs_key_add(fd, given[0], &room.record,
			       arguments->flags & AMFS_FLAG_REPLACE);
	close(fd);
	return outcome;
}

static int del_keys(const char *map, char *const *keys, size_t count)
{
	union amfs_key_room *rooms = calloc(count, sizeof(*rooms));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): they are pointers */
	const struct amfs_key_record **records = calloc(count, sizeof(*records));
	struct amfs_fault fault;
	int outcome = AMFS_EXIT_OK;
	size_t i;
	int fd;

	if (!rooms || !records)
		amfs_die(ENOMEM, "the keys");
	for (i = 0; i < count && outcome == AMFS_EXIT_OK; i++) {
		if (amfs_key_record_name(&rooms[i], keys[i], &fault))
			outcome = complain(map, keys[i], &fault);
		records[i] = &rooms[i].record;
	}
	if (outcome == AMFS_EXIT_OK) {
		fd = amfs_device_open();
		outcome = amfs_key_del(fd, map, records, count);
		close(fd);
	}
	free(records);
	free(rooms);
	return outcome;
}

static int run_del(const struct amfs_arguments *arguments)
{
	const char *map = arguments->words[0];
	int outcome;
	int fd;

	if (!(arguments->flags & AMFS_FLAG_ALL))
		return del_keys(map, arguments->words + 1,
				(size_t)arguments->count - 1);
	fd = amfs_device_open();
	outcome = amfs_key_clear(fd, map);
	close(fd);
	return outcome;
}

static int run_list(const struct amfs_arguments *arguments)
{
	struct amfs_key_list list;
	int fd = amfs_device_open();

	amfs_key_list_read(&list, fd, arguments->words[0]);
	close(fd);
	if (!(arguments->flags & AMFS_FLAG_JSON))
		amfs_key_list_table(&list, stdout);
	else if (amfs_key_list_json(&list, stdout))
		amfs_die(ENOMEM, "the list");
	amfs_key_list_clear(&list);
	return AMFS_EXIT_OK;
}

static void read_file(struct amfs_key_file *file, const char *name)
{
	FILE *in = stdin;

	if (!strcmp(name, "-"))
		name = "standard input";
	else
		in = fopen(name, "re");
	if (!in)
		amfs_die(errno, "%s", name);
	amfs_key_file_read(file, in, name, stderr);
	if (in != stdin)
		fclose(in);
}

static int run_load(const struct amfs_arguments *arguments)
{
	struct amfs_key_file file;
	int outcome = AMFS_EXIT_CANNOT;
	int fd;

	read_file(&file, arguments->words[0]);
	if (file.bad) {
		fprintf(stderr, "amfsctl: %s: nothing was loaded\n", file.name);
	} else {
		fd = amfs_device_open();
		outcome = amfs_key_load(fd, &file,
					arguments->flags & AMFS_FLAG_REPLACE);
		close(fd);
	}
	amfs_key_file_clear(&file);
	return outcome;
}

static const struct argp_option add_options[] = {
	{ "replace", AMFS_FLAG_REPLACE, NULL, 0, "Also keys that are there already", 0 },
	{ 0 },
};

static const struct argp_option del_options[] = {
	{ "all", AMFS_FLAG_ALL, NULL, 0, "All keys of the map", 0 },
	{ 0 },
};

static const struct argp_option list_options[] = {
	{ "json", AMFS_FLAG_JSON, NULL, 0, "For programs", 0 },
	{ 0 },
};

const struct amfs_command amfs_key_commands[] = {
	{
		.name = "add",
		.args = AMFS_KEY_ADD_ARGS,
		.doc = "Load a key, which the kernel then mounts by itself.\v"
		       "FSTYPE is a type of filesystem, or bind. OPTIONS is a comma list as for mount(8). "
		       "SECONDS are those after which it is unmounted when idle, 0 for never.",
		.options = add_options,
		.least = 4,
		.most = 6,
		.check = check_add,
		.run = run_add,
	},
	{
		.name = "del",
		.args = "MAP [KEY...]",
		.doc = "Have the kernel forget keys. What is mounted stays until it is idle.\v"
		       "Exit status: 0 done; 1 some keys weren't there; 2 wrong usage; "
		       "3 no module, or not permitted.",
		.options = del_options,
		.least = 1,
		.check = check_del,
		.run = run_del,
	},
	{
		.name = "list",
		.args = "[MAP]",
		.doc = "Show the keys of MAP, or all, that the kernel mounts by itself.",
		.options = list_options,
		.most = 1,
		.check = check_list,
		.run = run_list,
	},
	{
		.name = "load",
		.args = "FILE",
		.doc = "Load the keys in FILE, or in standard input if it is -.\v"
		       "The format is that of fstab(5): SOURCE MAP/KEY FSTYPE [OPTIONS]. "
		       "x-amfs.timeout=SECONDS is among the options. "
		       "A file with a bad line isn't loaded.",
		.options = add_options,
		.least = 1,
		.most = 1,
		.run = run_load,
	},
	{ 0 },
};
