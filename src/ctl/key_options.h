/* SPDX-License-Identifier: GPL-2.0 */
/* The options of an in-kernel key: from a comma list, and back. */
#ifndef AMFS_CTL_KEY_OPTIONS_H
#define AMFS_CTL_KEY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/amfs.h>

#include "fault.h"

/**
 * struct amfs_key_options - a comma list, sorted by who understands it
 * @attr: restrictions, some of AMFS_KEY_ATTR
 * @timeout_s: what x-amfs.timeout says, or AMFS_TIMEOUT_DEFAULT
 * @bind: "bind" was there
 * @len: bytes in @data
 * @data: for the filesystem: "name" or "name=value", each followed by a NUL
 */
struct amfs_key_options {
	uint32_t attr;
	uint32_t timeout_s;
	bool bind;
	uint32_t len;
	char data[AMFS_KEY_OPTIONS_LEN];
};

/*
 * Sorts the comma list @list (NULL: none), as mount(8) would. Of restrictions
 * the last one counts; a comma between double quotes belongs to its option, and
 * the quotes go. Ends the program when there is no memory.
 *
 * Return: 0, or -EINVAL with @fault.
 */
int amfs_key_options_parse(struct amfs_key_options *options, const char *list,
			   struct amfs_fault *fault);

/* Reads a number of seconds. Return: 0, or -EINVAL with @fault. */
int amfs_key_timeout_parse(uint32_t *timeout_s, const char *text,
			   struct amfs_fault *fault);

/* The word for one bit of AMFS_KEY_ATTR, NULL for any other. */
const char *amfs_key_attr_word(uint32_t bit);

/*
 * The comma list that these restrictions and the @len bytes of options at
 * @options make: "" when there are none. The caller frees it; ends the program
 * when there is no memory.
 */
char *amfs_key_options_list(uint32_t attr, const char *options, size_t len);

#endif /* AMFS_CTL_KEY_OPTIONS_H */
