/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the one who expires keys (expire.c) and the one who waits for the
 * outcome (expire_call.c).
 */
#ifndef AMFS_EXPIRE_H
#define AMFS_EXPIRE_H

#include "amfs.h"

/**
 * struct amfs_expiry - one key of a batch; all for its owner only
 * @in_batch: place in it.
 * @req: the request to the daemon, a reference; NULL when none was needed.
 * @error: then: how it ended.
 * @sub: the request was another's, which only marks: worth a second try.
 */
struct amfs_expiry {
	struct list_head in_batch;
	struct amfs_request *req;
	int error;
	bool sub;
};

int amfs_expire_one(struct amfs_trigger *trigger, bool now, struct list_head *batch);
void amfs_expire_free(struct list_head *batch);

#endif /* AMFS_EXPIRE_H */
