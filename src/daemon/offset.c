// SPDX-License-Identifier: GPL-2.0
/*
 * A part is a direct automount point of the same map. It never expires by
 * itself, and in all else is as the automount point that the tree is below. It has
 * the restrictions of what is to be mounted on it, so that the kernel can attach
 * that in other mount namespaces.
 */
#include "offset.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "channel.h"
#include "log.h"
#include "map.h"
#include "mount_context.h"
#include "mount_options.h"
#include "point.h"
#include "pool.h"
#include "snapshot.h"

#define RESTRICTIONS \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | \
	 MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW)

char *amfs_offset_name(const char *name, const char *offset)
{
	char *text;

	return asprintf(&text, "%s/%s", name, offset) < 0 ? NULL : text;
}

static bool is_inherited(const char *option)
{
	static const char *const names[] = {
		"deadline=", "grace=", "negative=", "uid=", "gid=", "mode=",
		"nsattach=",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(option, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Leaves in @text those that a part has as well. */
static void keep_inherited(char *text)
{
	char *next, *out = text;
	size_t len;

	for (; text; text = next) {
		next = strchr(text, ',');
		if (next)
			*next++ = '\0';
		if (!is_inherited(text))
			continue;
		len = strlen(text);
		memmove(out, text, len);
		out += len;
		*out++ = ',';
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is a text */
	*out = '\0';
}

/* A key may have commas, so it isn't made a part of the text. */
static int add_own(struct amfs_mount_options *options, const char *name)
{
	struct amfs_mount_option *list;

	list = reallocarray(options->list, options->count + 2, sizeof(*list));
	if (!list)
		return -ENOMEM;
	options->list = list;
	list[options->count++] = (struct amfs_mount_option){ "timeout", "0" };
	list[options->count++] = (struct amfs_mount_option){ "offset", name };
	return 0;
}

/* Return: MOUNT_ATTR_*; a part whose options are bad fails when it is mounted. */
static uint64_t restrictions(struct amfs_channel *channel, const char *name)
{
	struct amfs_mount_options options = { 0 };
	struct amfs_mount_spec spec = { 0 };
	struct amfs_why unused;
	uint64_t attr = 0;

	if (!amfs_snapshot_resolve(channel, name, strlen(name), &spec, &unused) &&
	    !amfs_mount_options_parse(&options, spec.options, &unused)) {
		attr = options.attr_set & RESTRICTIONS;
		amfs_mount_options_clear(&options);
	}
	amfs_mount_spec_clear(&spec);
	return attr;
}

static int make(struct amfs_channel *channel, const char *inherited,
		const char *name, struct amfs_why *why)
{
	struct amfs_mount_options options;
	int fd;

	fd = amfs_mount_options_parse(&options, inherited, why);
	if (fd)
		return fd;
	options.attr_set |= restrictions(channel, name);
	fd = add_own(&options, name);
	if (!fd)
		fd = amfs_mount_context("amfs", channel->name, &options, why);
	amfs_mount_options_clear(&options);
	return fd;
}

int amfs_offset_make(struct amfs_job *job, const char *name,
		     const char *offset, struct amfs_why *why)
{
	char *own = amfs_offset_name(name, offset);
	char *inherited = NULL;
	int fd;

	fd = own ? amfs_point_options(job->dev, &inherited) : -ENOMEM;
	if (!fd) {
		/* The last comma stands for the options that a map would add. */
		keep_inherited(inherited);
		fd = make(job->channel, inherited, own, why);
	}
	free(inherited);
	free(own);
	return fd;
}
