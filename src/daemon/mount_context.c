// SPDX-License-Identifier: GPL-2.0
/* The way to mount without a helper: the kernel tells errno and reason. */
#include "mount_context.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "mount_options.h"

/*
 * Appends the kernel's messages, one for each read, to @why. They begin with
 * their weight: "e text", "w text" or "i text".
 */
static void add_kernel_log(int context, struct amfs_why *why)
{
	size_t used = strlen(why->text);
	char text[512];
	char line[512];
	ssize_t n;

	while ((n = read(context, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		amfs_one_line(line, sizeof(line), text);
		if (strlen(line) < 3 || line[1] != ' ' || *line == 'i')
			continue;
		used += (size_t)snprintf(why->text + used,
					 sizeof(why->text) - used, "%s%s",
					 used ? "; " : "", line + 2);
		if (used >= sizeof(why->text))
			return;
	}
}

/* Return: 0 or a negative errno; the kernel's messages are still to be read. */
static int configure(int context, const char *source,
		     const struct amfs_mount_options *options,
		     struct amfs_why *why)
{
	const struct amfs_mount_option *option;
	int error;
	size_t i;

	if (*source && fsconfig(context, FSCONFIG_SET_STRING, "source", source,
				0))
		return -errno;
	if (options->read_only &&
	    fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0))
		return -errno;
	for (i = 0; i < options->count; i++) {
		option = &options->list[i];
		if (!fsconfig(context, option->value ? FSCONFIG_SET_STRING :
			      FSCONFIG_SET_FLAG, option->name, option->value,
			      0))
			continue;
		error = errno;
		amfs_why_set(why, "option %s was refused", option->name);
		return -error;
	}
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	return 0;
}

int amfs_mount_context(const char *fstype, const char *source,
		       const struct amfs_mount_options *options,
		       struct amfs_why *why)
{
	int context;
	int error;
	int fd;

	context = fsopen(fstype, FSOPEN_CLOEXEC);
	if (context < 0) {
		error = errno;
		if (error == ENODEV)
			amfs_why_set(why, "the kernel doesn't know the filesystem %s and there is no /sbin/mount.%s",
				     fstype, fstype);
		return -error;
	}
	error = configure(context, source, options, why);
	if (error) {
		add_kernel_log(context, why);
		close(context);
		return error;
	}
	fd = fsmount(context, FSMOUNT_CLOEXEC,
		     (unsigned int)options->attr_set);
	if (fd < 0) {
		fd = -errno;
		add_kernel_log(context, why);
	}
	close(context);
	return fd;
}
