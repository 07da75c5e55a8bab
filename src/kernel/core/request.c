// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <linux/errno.h>
#include <linux/string.h>

/**
 * amfs_req_init - make a request that is nowhere yet
 * @req: the request
 * @key: what it asks; @key->name must live as long as @req
 *
 * Context: any; the caller owns @req.
 */
void amfs_req_init(struct amfs_req *req, const struct amfs_req_key *key)
{
	*req = (struct amfs_req){ .key = *key };
	INIT_LIST_HEAD(&req->in_queue);
	INIT_HLIST_NODE(&req->by_key);
	INIT_HLIST_NODE(&req->by_id);
}

/* --- the table of one automount point ------------------------------------ */

static bool same_key(const struct amfs_req_key *a, const struct amfs_req_key *b)
{
	return a->hash == b->hash && a->kind == b->kind && a->len == b->len &&
	       !memcmp(a->name, b->name, a->len);
}

/**
 * amfs_reqtab_init - make an empty table
 * @tab: the table
 */
void amfs_reqtab_init(struct amfs_reqtab *tab)
{
	int i;

	for (i = 0; i < AMFS_REQ_BUCKETS; i++)
		INIT_HLIST_HEAD(&tab->bucket[i]);
	tab->deadlines = (struct amfs_dueq){};
	tab->count = 0;
}

/**
 * amfs_reqtab_find - the pending request for a key
 * @tab: the table
 * @key: what is asked
 *
 * Context: the caller's lock protects @tab.
 * Return: the request, or NULL.
 */
struct amfs_req *amfs_reqtab_find(const struct amfs_reqtab *tab, const struct amfs_req_key *key)
{
	struct amfs_req *req;

	hlist_for_each_entry(req, &tab->bucket[key->hash % AMFS_REQ_BUCKETS], by_key)
		if (same_key(&req->key, key))
			return req;
	return NULL;
}

/**
 * amfs_reqtab_join - join the pending request for a key, or make it
 * @tab: the table
 * @fresh: an initialised request, added when there is none for its key yet
 * @now: the time
 * @lifetime: nanoseconds until the deadline, 0 for none
 *
 * Context: the caller's lock protects @tab.
 * Return: @fresh when it was added, else the request that was there; @fresh is
 * then still the caller's alone.
 */
struct amfs_req *amfs_reqtab_join(struct amfs_reqtab *tab, struct amfs_req *fresh, u64 now,
				  u64 lifetime)
{
	struct amfs_req *req = amfs_reqtab_find(tab, &fresh->key);

	if (req)
		return req;
	fresh->created = now;
	fresh->pending = true;
	hlist_add_head(&fresh->by_key, &tab->bucket[fresh->key.hash % AMFS_REQ_BUCKETS]);
	if (lifetime)
		amfs_dueq_add(&tab->deadlines, &fresh->deadline, now + lifetime);
	tab->count++;
	return fresh;
}

/**
 * amfs_reqtab_end - end a request, once
 * @tab: its table
 * @req: the request
 * @error: 0 or a negative errno for everybody who waits
 *
 * The one place that decides who ended a request: of a daemon's answer, a
 * deadline, a grace that is over and an unmount, the first one wins.
 *
 * Context: the caller's lock protects @tab.
 * Return: true when the caller ended it; false when it had ended before, and
 * then nothing changed.
 */
bool amfs_reqtab_end(struct amfs_reqtab *tab, struct amfs_req *req, int error)
{
	if (!req->pending)
		return false;
	hlist_del_init(&req->by_key);
	amfs_dueq_del(&tab->deadlines, &req->deadline);
	tab->count--;
	req->error = error;
	req->pending = false;
	return true;
}

/**
 * amfs_reqtab_overdue - a request whose deadline has passed
 * @tab: the table
 * @now: the time
 *
 * Context: the caller's lock protects @tab.
 * Return: the request, still pending and without a deadline from now on (so
 * that the next call returns the next one), or NULL.
 */
struct amfs_req *amfs_reqtab_overdue(struct amfs_reqtab *tab, u64 now)
{
	struct amfs_due *due = amfs_dueq_take(&tab->deadlines, now);

	return due ? container_of(due, struct amfs_req, deadline) : NULL;
}

/**
 * amfs_reqtab_any - some pending request, for ending all of them
 * @tab: the table
 *
 * Context: the caller's lock protects @tab. O(buckets).
 * Return: a request, or NULL when there is none.
 */
struct amfs_req *amfs_reqtab_any(const struct amfs_reqtab *tab)
{
	int i;

	for (i = 0; tab->count && i < AMFS_REQ_BUCKETS; i++)
		if (!hlist_empty(&tab->bucket[i]))
			return hlist_entry(tab->bucket[i].first, struct amfs_req, by_key);
	return NULL;
}

/* --- the way to the daemon ------------------------------------------------ */

/**
 * amfs_reqq_init - make an empty queue
 * @queue: the queue
 */
void amfs_reqq_init(struct amfs_reqq *queue)
{
	int i;

	INIT_LIST_HEAD(&queue->queued);
	INIT_LIST_HEAD(&queue->delivered);
	INIT_LIST_HEAD(&queue->cancelled);
	for (i = 0; i < AMFS_REQ_BUCKETS; i++)
		INIT_HLIST_HEAD(&queue->by_id[i]);
	queue->last_id = 0;
}

static void move_to(struct amfs_req *req, enum amfs_req_place place, struct list_head *list)
{
	req->place = place;
	list_move_tail(&req->in_queue, list);
}

/**
 * amfs_reqq_submit - give a request an id and queue it
 * @queue: the queue
 * @req: a request that is nowhere
 *
 * Context: the caller's lock protects @queue.
 */
void amfs_reqq_submit(struct amfs_reqq *queue, struct amfs_req *req)
{
	req->id = ++queue->last_id;
	hlist_add_head(&req->by_id, &queue->by_id[req->id % AMFS_REQ_BUCKETS]);
	move_to(req, AMFS_REQ_QUEUED, &queue->queued);
}

/**
 * amfs_reqq_next - hand the oldest queued request to the reader
 * @queue: the queue
 *
 * Context: the caller's lock protects @queue.
 * Return: the request, delivered from now on, or NULL.
 */
struct amfs_req *amfs_reqq_next(struct amfs_reqq *queue)
{
	struct amfs_req *req;

	req = list_first_entry_or_null(&queue->queued, struct amfs_req, in_queue);
	if (req)
		move_to(req, AMFS_REQ_DELIVERED, &queue->delivered);
	return req;
}

/**
 * amfs_reqq_unread - the reader didn't get it after all
 * @queue: the queue
 * @req: a request; nothing happens unless it counts as delivered
 *
 * Context: the caller's lock protects @queue.
 */
void amfs_reqq_unread(struct amfs_reqq *queue, struct amfs_req *req)
{
	if (req->place != AMFS_REQ_DELIVERED)
		return;
	req->place = AMFS_REQ_QUEUED;
	list_move(&req->in_queue, &queue->queued);
}

/**
 * amfs_reqq_again - deliver again all that was read and not answered
 * @queue: the queue
 *
 * They come before what nobody has read yet, in the order of the first reading.
 *
 * Context: the caller's lock protects @queue.
 * Return: how many there are.
 */
u32 amfs_reqq_again(struct amfs_reqq *queue)
{
	struct amfs_req *req;
	u32 count = 0;

	list_for_each_entry(req, &queue->delivered, in_queue) {
		req->place = AMFS_REQ_QUEUED;
		req->again = true;
		count++;
	}
	list_splice_init(&queue->delivered, &queue->queued);
	return count;
}

/**
 * amfs_reqq_find - the request that a daemon names
 * @queue: the queue
 * @id: the daemon's word for it
 * @req: where to put it
 *
 * A request that nobody has read yet can't be named: a guess is -ESRCH.
 *
 * Context: the caller's lock protects @queue.
 * Return: 0; -ESRCH when there never was such a request; -ESTALE when it has
 * ended.
 */
int amfs_reqq_find(const struct amfs_reqq *queue, u64 id, struct amfs_req **req)
{
	struct amfs_req *pos;

	hlist_for_each_entry(pos, &queue->by_id[id % AMFS_REQ_BUCKETS], by_id) {
		if (pos->id != id)
			continue;
		if (pos->place != AMFS_REQ_DELIVERED)
			return -ESRCH;
		*req = pos;
		return 0;
	}
	return id && id <= queue->last_id ? -ESTALE : -ESRCH;
}

/**
 * amfs_reqq_withdraw - take a request that has ended out of the queue
 * @queue: the queue
 * @req: the request; nothing happens if it is nowhere
 * @tell: tell the daemon if it had read it
 *
 * Context: the caller's lock protects @queue.
 * Return: true when @req is now on the cancelled list, whose reference is the
 * caller's to take.
 */
bool amfs_reqq_withdraw(struct amfs_reqq *queue, struct amfs_req *req, bool tell)
{
	bool was_read = req->place == AMFS_REQ_DELIVERED;

	if (req->place == AMFS_REQ_NOWHERE)
		return false;
	hlist_del_init(&req->by_id);
	if (tell && was_read) {
		move_to(req, AMFS_REQ_CANCELLED, &queue->cancelled);
		return true;
	}
	list_del_init(&req->in_queue);
	req->place = AMFS_REQ_NOWHERE;
	return false;
}

/**
 * amfs_reqq_cancelled - take the next one that the daemon is to be told of
 * @queue: the queue
 *
 * Context: the caller's lock protects @queue.
 * Return: the request with the list's reference, or NULL.
 */
struct amfs_req *amfs_reqq_cancelled(struct amfs_reqq *queue)
{
	struct amfs_req *req;

	req = list_first_entry_or_null(&queue->cancelled, struct amfs_req, in_queue);
	if (req) {
		list_del_init(&req->in_queue);
		req->place = AMFS_REQ_NOWHERE;
	}
	return req;
}

/**
 * amfs_reqq_uncancel - the daemon wasn't told after all
 * @queue: the queue
 * @requests: what amfs_reqq_cancelled() returned, linked by in_queue, with the
 *	list's references; empty afterwards
 *
 * Context: the caller's lock protects @queue.
 */
void amfs_reqq_uncancel(struct amfs_reqq *queue, struct list_head *requests)
{
	struct amfs_req *req;

	list_for_each_entry(req, requests, in_queue)
		req->place = AMFS_REQ_CANCELLED;
	list_splice_init(requests, &queue->cancelled);
}
