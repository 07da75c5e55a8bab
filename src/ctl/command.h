/* SPDX-License-Identifier: GPL-2.0 */
/* Commands of the command line, and commands below them. */
#ifndef AMFS_CTL_COMMAND_H
#define AMFS_CTL_COMMAND_H

#include <argp.h>

/* Options of commands, as keys of argp options; all of them are flags. */
enum amfs_flag {
	AMFS_FLAG_JSON = 0x100,
	AMFS_FLAG_DUE = 0x200,
	AMFS_FLAG_REPLACE = 0x400,
	AMFS_FLAG_ALL = 0x800,
};

/**
 * struct amfs_arguments - what follows a command on the command line
 * @flags: those of enum amfs_flag that were given
 * @count: entries in @words
 * @words: what isn't an option, then NULL
 */
struct amfs_arguments {
	unsigned int flags;
	int count;
	char **words;
};

/**
 * struct amfs_command - a command
 * @name: its word; NULL ends an array of commands
 * @args: what follows it, for people
 * @doc: what it does, for people
 * @options: its flags, or NULL
 * @commands: the commands below it; NULL: it is one that runs, by the rest
 * @least: how many words it needs
 * @most: how many words it takes at most, 0 for any number
 * @check: says by argp_error() what is wrong with the words, or NULL
 * @run: does it and returns an enum amfs_exit
 */
struct amfs_command {
	const char *name;
	const char *args;
	const char *doc;
	const struct argp_option *options;
	const struct amfs_command *commands;
	int least;
	int most;
	void (*check)(const struct amfs_arguments *arguments,
		      const struct argp_state *state);
	int (*run)(const struct amfs_arguments *arguments);
};

/*
 * Parses the words after @argv[0], which is what the user is told that he has
 * called, and runs the command that they lead to. Wrong usage ends the program.
 *
 * Return: an enum amfs_exit.
 */
int amfs_command_run(const struct amfs_command *command, int argc, char **argv);

/* For @check: @name has to have 1 to AMFS_NAME_LEN bytes. */
void amfs_command_check_name(const struct argp_state *state, const char *what,
			     const char *name);

#endif /* AMFS_CTL_COMMAND_H */
