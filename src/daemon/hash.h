/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FNV-1a, of 64 bits. It spreads well, and resists nobody who wants collisions.
 */
#ifndef AMFS_DAEMON_HASH_H
#define AMFS_DAEMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define AMFS_HASH_START	0xcbf29ce484222325ULL

/* Return: the hash of what @hash stands for, or AMFS_HASH_START, and then @text. */
static inline uint64_t amfs_hash(uint64_t hash, const char *text, size_t len)
{
	while (len--) {
		hash ^= (unsigned char)*text++;
		hash *= 0x100000001b3ULL;
	}
	return hash;
}

#endif /* AMFS_DAEMON_HASH_H */
