/* SPDX-License-Identifier: GPL-2.0 */
/* AMFS_IOC_KEYS. */
#ifndef AMFS_CTL_KEY_CALL_H
#define AMFS_CTL_KEY_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <linux/amfs.h>

/* Bytes of records that go to the kernel at once, at most. */
#define AMFS_KEY_CALL_MAX	(1024 * 1024)

/* A call that does @op with the keys of @map, which is "" or a checked name. */
struct amfs_keys amfs_key_call_new(enum amfs_keys_op op, const char *map);

/*
 * Does it. Return: 0, or EEXIST, ENOENT, ENOTDIR, EISDIR or EINVAL; for any other errno
 * the program ends.
 */
int amfs_key_call(int fd, struct amfs_keys *call);

/* What such an errno says about the key at fault. */
const char *amfs_key_error(int error);

/*
 * Hands records to the kernel, as many of the @count at @records as go at once
 * (at least one); @call says what for. *@done says how many it has taken; after
 * an error the one at fault is the next.
 *
 * Return: 0, or an errno for amfs_key_error().
 */
int amfs_key_send(int fd, struct amfs_keys *call,
		  const struct amfs_key_record *const *records, size_t count,
		  size_t *done);

#endif /* AMFS_CTL_KEY_CALL_H */
