// SPDX-License-Identifier: GPL-2.0
/* amfsctl: the command line; the texts here are the short form of amfsctl(8). */
#include <argp.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "expire.h"
#include "status.h"

#ifndef AMFS_RELEASE
#define AMFS_RELEASE	"unreleased"
#endif

enum { KEY_JSON = 0x100, KEY_DUE };

const char *argp_program_version = "amfsctl " AMFS_RELEASE;

/* What follows the command on the command line. */
struct arguments {
	bool json;
	bool due;
	int count;
	const char *names[2];
};

static void add_name(struct arguments *arguments, const char *name, int most,
		     struct argp_state *state)
{
	static const char *const what[] = { "map's name", "key" };

	if (arguments->count == most)
		argp_error(state, "%s: one argument too many", name);
	if (!*name || strlen(name) > AMFS_NAME_LEN)
		argp_error(state, "a %s has 1 to %d bytes",
			   what[arguments->count], AMFS_NAME_LEN);
	arguments->names[arguments->count++] = name;
}

static error_t parse_status(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_JSON:
		arguments->json = true;
		return 0;
	case ARGP_KEY_ARG:
		add_name(arguments, arg, 1, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_expire(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_DUE:
		arguments->due = true;
		return 0;
	case ARGP_KEY_ARG:
		add_name(arguments, arg, 2, state);
		return 0;
	case ARGP_KEY_END:
		if (arguments->due && arguments->count == 2)
			argp_error(state, "--due is for whole maps; a KEY is expired now");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run_status(const struct arguments *arguments)
{
	struct amfs_status status;
	int fd = amfs_device_open();

	amfs_status_read(&status, fd, arguments->names[0]);
	if (!arguments->json)
		amfs_status_table(&status, stdout);
	else if (amfs_status_json(&status, stdout))
		amfs_die(ENOMEM, "the status");
	amfs_status_clear(&status);
	close(fd);
	return AMFS_EXIT_OK;
}

static int run_expire(const struct arguments *arguments)
{
	int fd = amfs_device_open();
	int outcome = amfs_expire(fd, arguments->due, arguments->names[0],
				  arguments->names[1]);

	close(fd);
	return outcome;
}

static const struct argp_option status_options[] = {
	{ "json", KEY_JSON, NULL, 0, "For programs", 0 },
	{ 0 },
};

static const struct argp_option expire_options[] = {
	{ "due", KEY_DUE, NULL, 0, "Only keys whose timeout has passed", 0 },
	{ 0 },
};

static const struct command {
	const char *name;
	struct argp argp;
	int (*run)(const struct arguments *arguments);
} commands[] = {
	{
		.name = "status",
		.argp = {
			.options = status_options,
			.parser = parse_status,
			.args_doc = "[MAP]",
			.doc = "Show automount points, their keys and pending requests.",
		},
		.run = run_status,
	},
	{
		.name = "expire",
		.argp = {
			.options = expire_options,
			.parser = parse_expire,
			.args_doc = "[MAP [KEY]]",
			.doc = "Unmount keys that nobody uses: all of them, those of MAP, or KEY.\v"
			       "Exit status: 0 all that were chosen are unmounted; 1 some are busy, or failed; "
			       "2 wrong usage; 3 no module, not permitted, no such map, or no daemon.",
		},
		.run = run_expire,
	},
};

static int run_command(const struct command *command, int argc, char **argv)
{
	struct arguments arguments = { 0 };
	char name[64];
	int outcome;

	snprintf(name, sizeof(name), "amfsctl %s", command->name);
	argv[0] = name;
	argp_parse(&command->argp, argc, argv, 0, NULL, &arguments);
	outcome = command->run(&arguments);
	/* A full disk is a failure; a reader that went away has seen enough. */
	if (fclose(stdout) && errno != EPIPE) {
		fprintf(stderr, "amfsctl: output: %s\n", strerror(errno));
		return AMFS_EXIT_CANNOT;
	}
	return outcome;
}

/* Takes everything from the command on away from the outer parser. */
static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	size_t i;

	switch (key) {
	case ARGP_KEY_ARG:
		for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
			if (strcmp(arg, commands[i].name))
				continue;
			exit(run_command(&commands[i],
					 state->argc - state->next + 1,
					 state->argv + state->next - 1));
		}
		argp_error(state, "%s: no such command", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_command,
		.args_doc = "status [--json] [MAP]\nexpire [--due] [MAP [KEY]]",
		.doc = "Look at and control amfs automount points.\v"
		       "\"amfsctl COMMAND --help\" says more.",
	};

	setlocale(LC_CTYPE, "");
	argp_err_exit_status = AMFS_EXIT_USAGE;
	return argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL) ?
	       AMFS_EXIT_USAGE : AMFS_EXIT_OK;
}
