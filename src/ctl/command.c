// SPDX-License-Identifier: GPL-2.0
/* One argp parser for all commands; what they differ in is in their tables. */
#include "command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

/**
 * struct call - a command that is being parsed
 * @command: the command
 * @arguments: what it is to run with
 * @below: the one below it that was called
 * @argc: the words from that on
 * @argv: the same
 */
struct call {
	const struct amfs_command *command;
	struct amfs_arguments arguments;
	const struct amfs_command *below;
	int argc;
	char **argv;
};

/* Takes everything from the command on away from this parser. */
static void take_command(struct call *call, const char *word,
			 struct argp_state *state)
{
	const struct amfs_command *command = call->command->commands;

	while (command->name && strcmp(command->name, word))
		command++;
	if (!command->name)
		argp_error(state, "%s: no such command", word);
	call->below = command;
	call->argc = state->argc - state->next + 1;
	call->argv = state->argv + state->next - 1;
	state->next = state->argc;
}

static void take_word(struct call *call, char *word,
		      const struct argp_state *state)
{
	struct amfs_arguments *arguments = &call->arguments;

	if (call->command->most && arguments->count == call->command->most)
		argp_error(state, "%s: one argument too many", word);
	arguments->words[arguments->count++] = word;
}

static void check_end(const struct call *call, const struct argp_state *state)
{
	const struct amfs_command *command = call->command;

	if (command->commands) {
		if (!call->below)
			argp_error(state, "no command");
		return;
	}
	if (call->arguments.count < command->least)
		argp_error(state, "an argument is missing: %s", command->args);
	if (command->check)
		command->check(&call->arguments, state);
}

static bool take_flag(struct call *call, int key)
{
	const struct argp_option *option = call->command->options;

	while (option && option->key && option->key != key)
		option++;
	if (!option || !option->key)
		return false;
	call->arguments.flags |= (unsigned int)key;
	return true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct call *call = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (call->command->commands)
			take_command(call, arg, state);
		else
			take_word(call, arg, state);
		return 0;
	case ARGP_KEY_END:
		check_end(call, state);
		return 0;
	default:
		return take_flag(call, key) ? 0 : ARGP_ERR_UNKNOWN;
	}
}

static int run_below(const struct call *call, const char *called)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %s", called, call->below->name);
	call->argv[0] = name;
	return amfs_command_run(call->below, call->argc, call->argv);
}

int amfs_command_run(const struct amfs_command *command, int argc, char **argv)
{
	const struct argp argp = {
		.options = command->options,
		.parser = parse,
		.args_doc = command->args,
		.doc = command->doc,
	};
	struct call call = { .command = command };
	int outcome;

	call.arguments.words = calloc((size_t)argc + 1, sizeof(char *));
	if (!call.arguments.words)
		amfs_die(ENOMEM, "the command line");
	if (argp_parse(&argp, argc, argv, command->commands ? ARGP_IN_ORDER : 0,
		       NULL, &call))
		outcome = AMFS_EXIT_USAGE;
	else if (call.below)
		outcome = run_below(&call, argv[0]);
	else
		outcome = command->run(&call.arguments);
	free(call.arguments.words);
	return outcome;
}

void amfs_command_check_name(const struct argp_state *state, const char *what,
			     const char *name)
{
	if (!*name || strlen(name) > AMFS_NAME_LEN)
		argp_error(state, "a %s has 1 to %d bytes", what,
			   AMFS_NAME_LEN);
}
