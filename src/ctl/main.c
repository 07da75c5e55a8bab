// SPDX-License-Identifier: GPL-2.0
/* amfsctl: the command line; the texts here are the short form of amfsctl(8). */
#include <argp.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "device.h"
#include "expire.h"
#include "key_command.h"
#include "status.h"

#ifndef AMFS_RELEASE
#define AMFS_RELEASE	"unreleased"
#endif

const char *argp_program_version = "amfsctl " AMFS_RELEASE;

/* For "[MAP [KEY]]". */
static void check_names(const struct amfs_arguments *arguments,
			const struct argp_state *state)
{
	static const char *const what[] = { "map's name", "key" };
	int i;

	for (i = 0; i < arguments->count && i < 2; i++)
		amfs_command_check_name(state, what[i], arguments->words[i]);
	if (arguments->flags & AMFS_FLAG_DUE && arguments->count == 2)
		argp_error(state, "--due is for whole maps; a KEY is expired now");
}

static int run_status(const struct amfs_arguments *arguments)
{
	struct amfs_status status;
	int fd = amfs_device_open();

	amfs_status_read(&status, fd, arguments->words[0]);
	if (!(arguments->flags & AMFS_FLAG_JSON))
		amfs_status_table(&status, stdout);
	else if (amfs_status_json(&status, stdout))
		amfs_die(ENOMEM, "the status");
	amfs_status_clear(&status);
	close(fd);
	return AMFS_EXIT_OK;
}

static int run_expire(const struct amfs_arguments *arguments)
{
	const char *map = arguments->words[0];
	int fd = amfs_device_open();
	int outcome = amfs_expire(fd, arguments->flags & AMFS_FLAG_DUE, map,
				  map ? arguments->words[1] : NULL);

	close(fd);
	return outcome;
}

static const struct argp_option status_options[] = {
	{ "json", AMFS_FLAG_JSON, NULL, 0, "For programs", 0 },
	{ 0 },
};

static const struct argp_option expire_options[] = {
	{ "due", AMFS_FLAG_DUE, NULL, 0, "Only keys whose timeout has passed", 0 },
	{ 0 },
};

static const struct amfs_command commands[] = {
	{
		.name = "status",
		.args = "[MAP]",
		.doc = "Show automount points, their keys and pending requests.",
		.options = status_options,
		.most = 1,
		.check = check_names,
		.run = run_status,
	},
	{
		.name = "expire",
		.args = "[MAP [KEY]]",
		.doc = "Unmount keys that nobody uses: all of them, those of MAP, or KEY.\v"
		       "Exit status: 0 all that were chosen are unmounted; 1 some are busy, or failed; "
		       "2 wrong usage; 3 no module, not permitted, no such map, or no daemon.",
		.options = expire_options,
		.most = 2,
		.check = check_names,
		.run = run_expire,
	},
	{
		.name = "key",
		.args = AMFS_KEY_COMMANDS_ARGS(""),
		.doc = "Tell the kernel what to mount by itself for a key, without a daemon.\v"
		       "\"amfsctl key COMMAND --help\" says more.",
		.commands = amfs_key_commands,
	},
	{ 0 },
};

static const struct amfs_command root = {
	.args = "status [--json] [MAP]\nexpire [--due] [MAP [KEY]]\n"
		AMFS_KEY_COMMANDS_ARGS("key "),
	.doc = "Look at and control amfs automount points.\v"
	       "\"amfsctl COMMAND --help\" says more.",
	.commands = commands,
};

int main(int argc, char **argv)
{
	char name[] = "amfsctl";
	int outcome;

	setlocale(LC_CTYPE, "");
	argp_err_exit_status = AMFS_EXIT_USAGE;
	if (argc)
		argv[0] = name;
	outcome = amfs_command_run(&root, argc, argv);
	/* A full disk is a failure; a reader that went away has seen enough. */
	if (fclose(stdout) && errno != EPIPE) {
		fprintf(stderr, "amfsctl: output: %s\n", strerror(errno));
		return AMFS_EXIT_CANNOT;
	}
	return outcome;
}
