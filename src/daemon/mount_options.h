/* SPDX-License-Identifier: GPL-2.0 */
/* The options of a map entry, sorted by who understands them. */
#ifndef AMFS_DAEMON_MOUNT_OPTIONS_H
#define AMFS_DAEMON_MOUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* One option for the filesystem; @value is NULL for a flag. */
struct amfs_mount_option {
	const char *name;
	const char *value;
};

/**
 * struct amfs_mount_options - what a comma list asks for
 * @attr_set: MOUNT_ATTR_* of the mount, the access time mode included
 * @attr_clear: MOUNT_ATTR__ATIME when an access time mode was asked for
 * @propagation: MS_PRIVATE and so on, 0 when nothing was said
 * @loop_offset: where in its file an image begins
 * @loop_size: how long it is, 0 for all that is there
 * @read_only: the filesystem too is to be read-only
 * @bind: "bind" or "rbind" was there
 * @recursive: "rbind" was there
 * @count: entries in @list
 * @list: for the filesystem, in order
 * @text: what @list points into
 */
struct amfs_mount_options {
	uint64_t attr_set;
	uint64_t attr_clear;
	uint64_t propagation;
	uint64_t loop_offset;
	uint64_t loop_size;
	bool read_only;
	bool bind;
	bool recursive;
	size_t count;
	struct amfs_mount_option *list;
	char *text;
};

/*
 * Sorts the comma list @text. A later option overrides an earlier one; commas
 * between double quotes belong to the option.
 *
 * Return: 0, and the caller calls amfs_mount_options_clear(); -EINVAL with
 * @why for a value that can't be used; -ENOMEM.
 */
int amfs_mount_options_parse(struct amfs_mount_options *options,
			     const char *text, struct amfs_why *why);

void amfs_mount_options_clear(struct amfs_mount_options *options);

/*
 * The comma list that a mount helper gets: without words that only mean
 * something in fstab(5), and without "bg", since a helper that goes on in the
 * background has mounted nothing when it returns.
 *
 * Return: text that the caller frees, NULL when there is no memory.
 */
char *amfs_mount_options_for_helper(const char *text);

#endif /* AMFS_DAEMON_MOUNT_OPTIONS_H */
