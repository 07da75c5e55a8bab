// SPDX-License-Identifier: GPL-2.0
/* amfsd: the order of its start and its end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "channel.h"
#include "daemonize.h"
#include "events.h"
#include "helper.h"
#include "log.h"
#include "options.h"
#include "pool.h"
#include "privileges.h"

/* A file of ours that got number 2 would receive the log. */
static int fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		/* Those three are for our children too. */
		if (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0))
			return -1;
	} while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 ? -1 : close(fd);
}

/*
 * The kernel lets the process group that binds a map through everywhere. It
 * must be ours alone: the shell that started us shares its own with us.
 */
static int leave_process_group(void)
{
	if (getpgrp() == getpid() || !setpgid(0, 0))
		return 0;
	amfs_log(LOG_ERR, "setpgid: %s", strerror(errno));
	return -1;
}

static int settle(const struct amfs_options *options)
{
	umask(022);
	if (!options->foreground && amfs_daemonize_begin())
		return -1;
	if (leave_process_group() || amfs_events_block_signals() ||
	    amfs_privileges_drop())
		return -1;
	if (chdir("/")) {
		amfs_log(LOG_ERR, "chdir /: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static void put_all(struct amfs_channel **channels, size_t count)
{
	while (count--)
		amfs_channel_put(channels[count]);
	free(channels);
}

/* All maps are read before the first is taken from another daemon. */
static struct amfs_channel **open_all(const struct amfs_options *options)
{
	struct amfs_channel **channels;
	size_t n;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): they are pointers */
	channels = calloc(options->count, sizeof(*channels));
	if (!channels) {
		amfs_log(LOG_ERR, "no memory");
		return NULL;
	}
	for (n = 0; n < options->count; n++) {
		channels[n] = amfs_channel_open(options->maps[n].name,
						options->maps[n].file);
		if (channels[n])
			continue;
		put_all(channels, n);
		return NULL;
	}
	for (n = 0; n < options->count; n++) {
		if (!amfs_channel_bind(channels[n], options->replace))
			continue;
		put_all(channels, options->count);
		return NULL;
	}
	return channels;
}

/*
 * A thread that a dead server holds can't be waited for, and what exit(3) takes down it
 * may still be working with.
 */
static noreturn void end(int status)
{
	if (amfs_pool_at_work())
		_exit(status);
	exit(status);
}

int main(int argc, char **argv)
{
	struct amfs_channel **channels;
	struct amfs_options options;
	size_t count;
	int error;

	if (argc && !strcmp(argv[0], AMFS_HELPER_NAME))
		return amfs_helper_main(argc, argv);
	if (fill_standard_fds())
		return EXIT_FAILURE;
	amfs_options_parse(&options, argc, argv);
	error = settle(&options);
	channels = error ? NULL : open_all(&options);
	if (!channels) {
		amfs_options_clear(&options);
		return EXIT_FAILURE;
	}
	count = options.count;
	amfs_attach_init();
	amfs_pool_init(options.workers);
	amfs_options_clear(&options);
	amfs_daemonize_ready();
	error = amfs_events_run(channels, count);
	free(channels);
	end(error ? EXIT_FAILURE : EXIT_SUCCESS);
}
