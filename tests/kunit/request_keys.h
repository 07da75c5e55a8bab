/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys that are alike in all but one thing each: no two of them may ever share
 * a request. All but the last two have one hash, so only a comparison in full
 * tells them apart; SAME_BUCKET shares the chain.
 */
#ifndef AMFS_KUNIT_REQUEST_KEYS_H
#define AMFS_KUNIT_REQUEST_KEYS_H

#include <kunit/test.h>

#include "core/request.h"

enum {
	KEY_BASE,
	KEY_OTHER_NAME,
	KEY_PREFIX,
	KEY_LONGER,
	KEY_NUL_INSIDE,
	KEY_AFTER_NUL,
	KEY_OTHER_KIND,
	KEY_OTHER_CASE,
	KEY_SAME_BUCKET,
	KEY_OTHER_BUCKET,
	KEYS
};

extern const struct amfs_req_key request_keys[KEYS];

int request_make_table(struct kunit *test);

#endif /* AMFS_KUNIT_REQUEST_KEYS_H */
