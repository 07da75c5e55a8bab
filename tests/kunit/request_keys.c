// SPDX-License-Identifier: GPL-2.0
#include "request_keys.h"

#define KEY_HASH	7

#define A_KEY(_name, _hash, _kind) {		\
	.name = _name,				\
	.len = sizeof(_name) - 1,		\
	.hash = _hash,				\
	.kind = _kind,				\
}

const struct amfs_req_key request_keys[KEYS] = {
	[KEY_BASE]	   = A_KEY("home", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_OTHER_NAME]   = A_KEY("work", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_PREFIX]	   = A_KEY("hom", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_LONGER]	   = A_KEY("homes", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_NUL_INSIDE]   = A_KEY("h\0me", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_AFTER_NUL]	   = A_KEY("h\0mf", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_OTHER_KIND]   = A_KEY("home", KEY_HASH, AMFS_REQ_EXPIRE),
	[KEY_OTHER_CASE]   = A_KEY("Home", KEY_HASH, AMFS_REQ_MOUNT),
	[KEY_SAME_BUCKET]  = A_KEY("home", KEY_HASH + AMFS_REQ_BUCKETS, AMFS_REQ_MOUNT),
	[KEY_OTHER_BUCKET] = A_KEY("home", KEY_HASH + 1, AMFS_REQ_MOUNT),
};

/**
 * request_make_table - the init of suites that need a table
 * @test: gets an empty struct amfs_reqtab as its priv
 *
 * Return: 0 or -ENOMEM.
 */
int request_make_table(struct kunit *test)
{
	struct amfs_reqtab *tab = kunit_kmalloc(test, sizeof(*tab), GFP_KERNEL);

	if (!tab)
		return -ENOMEM;
	memset(tab, 0xa5, sizeof(*tab));
	amfs_reqtab_init(tab);
	test->priv = tab;
	return 0;
}
