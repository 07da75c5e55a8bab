/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests: who asks for what (struct amfs_reqtab, one per automount point) and
 * how a question travels to a daemon (struct amfs_reqq, one per map). Pure: the
 * callers hold their locks, own the nodes and hand in the time.
 */
#ifndef AMFS_CORE_REQUEST_H
#define AMFS_CORE_REQUEST_H

#include <linux/list.h>
#include <linux/types.h>

#include "dueq.h"

/* Power of two; 30,000 names pending at once make chains of 30. */
#define AMFS_REQ_BUCKETS	1024

/**
 * enum amfs_req_kind - what is asked
 * @AMFS_REQ_MOUNT: mount the key.
 * @AMFS_REQ_EXPIRE: unmount it if it is idle.
 */
enum amfs_req_kind {
	AMFS_REQ_MOUNT,
	AMFS_REQ_EXPIRE,
};

/**
 * enum amfs_req_place - where a request is on its way
 * @AMFS_REQ_NOWHERE: in no delivery queue.
 * @AMFS_REQ_QUEUED: waits for a daemon to read it.
 * @AMFS_REQ_DELIVERED: read, not answered.
 * @AMFS_REQ_CANCELLED: ended behind the daemon's back, which is to be told.
 */
enum amfs_req_place {
	AMFS_REQ_NOWHERE,
	AMFS_REQ_QUEUED,
	AMFS_REQ_DELIVERED,
	AMFS_REQ_CANCELLED,
};

/**
 * struct amfs_req_key - what makes two questions the same one
 * @name: the whole name in its automount point, not NUL-terminated; lives as long
 *	as the request.
 * @hash: any hash of @name; equal keys have equal hashes.
 * @len: bytes of @name.
 * @kind: enum amfs_req_kind; MOUNT and EXPIRE never share a request.
 */
struct amfs_req_key {
	const char *name;
	u32 hash;
	u16 len;
	u8 kind;
};

/**
 * struct amfs_req - one question; tens of thousands may be open at once
 * @key: invariant after init.
 * @by_key: bucket of the reqtab (protected by the point's lock).
 * @deadline: place in the reqtab's deadlines (protected by the point's lock).
 * @created: when it was added (protected by the point's lock).
 * @id: the daemon's name for it, 0 before it was submitted (protected by the
 *	queue's lock; constant once submitted).
 * @in_queue: list of @place (protected by the queue's lock).
 * @by_id: bucket of the queue (protected by the queue's lock).
 * @error: how it ended, valid once !@pending (written under the point's lock).
 * @pending: in the reqtab, not ended (protected by the point's lock).
 * @place: enum amfs_req_place (protected by the queue's lock).
 * @again: was delivered to an earlier daemon (protected by the queue's lock).
 */
struct amfs_req {
	struct amfs_req_key key;
	struct hlist_node by_key;
	struct amfs_due deadline;
	u64 created;
	u64 id;
	struct list_head in_queue;
	struct hlist_node by_id;
	int error;
	bool pending;
	u8 place;
	bool again;
};

/**
 * struct amfs_reqtab - the unanswered requests of one automount point
 * @bucket: requests by key.
 * @deadlines: those that have one.
 * @count: how many there are.
 */
struct amfs_reqtab {
	struct hlist_head bucket[AMFS_REQ_BUCKETS];
	struct amfs_dueq deadlines;
	u32 count;
};

/**
 * struct amfs_reqq - the way of one map's requests to its daemon
 * @queued: to be read, oldest first.
 * @delivered: read, not answered, in the order of reading.
 * @cancelled: ended after they were read; the daemon is to be told.
 * @by_id: queued and delivered ones.
 * @last_id: the last id given out.
 */
struct amfs_reqq {
	struct list_head queued;
	struct list_head delivered;
	struct list_head cancelled;
	struct hlist_head by_id[AMFS_REQ_BUCKETS];
	u64 last_id;
};

void amfs_req_init(struct amfs_req *req, const struct amfs_req_key *key);

void amfs_reqtab_init(struct amfs_reqtab *tab);
struct amfs_req *amfs_reqtab_find(const struct amfs_reqtab *tab, const struct amfs_req_key *key);
struct amfs_req *amfs_reqtab_join(struct amfs_reqtab *tab, struct amfs_req *fresh, u64 now,
				  u64 lifetime);
bool amfs_reqtab_end(struct amfs_reqtab *tab, struct amfs_req *req, int error);
struct amfs_req *amfs_reqtab_overdue(struct amfs_reqtab *tab, u64 now);
struct amfs_req *amfs_reqtab_any(const struct amfs_reqtab *tab);

void amfs_reqq_init(struct amfs_reqq *queue);
void amfs_reqq_submit(struct amfs_reqq *queue, struct amfs_req *req);
struct amfs_req *amfs_reqq_next(struct amfs_reqq *queue);
void amfs_reqq_unread(struct amfs_reqq *queue, struct amfs_req *req);
u32 amfs_reqq_again(struct amfs_reqq *queue);
int amfs_reqq_find(const struct amfs_reqq *queue, u64 id, struct amfs_req **req);
bool amfs_reqq_withdraw(struct amfs_reqq *queue, struct amfs_req *req, bool tell);
struct amfs_req *amfs_reqq_cancelled(struct amfs_reqq *queue);
void amfs_reqq_uncancel(struct amfs_reqq *queue, struct list_head *requests);

#endif /* AMFS_CORE_REQUEST_H */
