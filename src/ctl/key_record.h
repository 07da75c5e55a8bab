/* SPDX-License-Identifier: GPL-2.0 */
/* In-kernel keys as the kernel takes and gives them. */
#ifndef AMFS_CTL_KEY_RECORD_H
#define AMFS_CTL_KEY_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <linux/amfs.h>

#include "fault.h"

/**
 * struct amfs_key_words - a key as somebody wrote it
 * @name: the key
 * @fstype: the filesystem's type
 * @source: what to mount
 * @options: a comma list, or NULL
 * @timeout: seconds, in place of an x-amfs.timeout in @options; or NULL
 */
struct amfs_key_words {
	const char *name;
	const char *fstype;
	const char *source;
	const char *options;
	const char *timeout;
};

/**
 * struct amfs_key - what a record says; points into it
 * @map: the map, which the record doesn't have
 * @name: the key
 * @fstype: the filesystem's type
 * @source: what to mount
 * @options: for the filesystem, each followed by a NUL
 * @options_len: bytes in @options
 * @attr: restrictions, some of AMFS_KEY_ATTR
 * @timeout_s: seconds, 0: never expire; AMFS_TIMEOUT_DEFAULT
 */
struct amfs_key {
	const char *map;
	const char *name;
	const char *fstype;
	const char *source;
	const char *options;
	uint32_t options_len;
	uint32_t attr;
	uint32_t timeout_s;
};

/* A record with room for the largest. */
union amfs_key_room {
	struct amfs_key_record record;
	char bytes[AMFS_KEY_RECORD_MAX];
};

/*
 * Makes the record of what somebody wrote. Return: 0, or -EINVAL with @fault:
 * what the kernel wouldn't take or mount.
 */
int amfs_key_record_make(union amfs_key_room *room,
			 const struct amfs_key_words *words,
			 struct amfs_fault *fault);

/* The same for a record of which only the key counts. */
int amfs_key_record_name(union amfs_key_room *room, const char *name,
			 struct amfs_fault *fault);

/* Whether @name can be a key. Return: 0, or -EINVAL with @fault. */
int amfs_key_check_name(const char *name, struct amfs_fault *fault);

/*
 * Reads the record at @buf, of which @left bytes are there, into all of @key but
 * @key->map. Return: bytes that it has, or 0: it makes no sense.
 */
size_t amfs_key_record_read(struct amfs_key *key, const char *buf, size_t left);

#endif /* AMFS_CTL_KEY_RECORD_H */
