// SPDX-License-Identifier: GPL-2.0
/*
 * A table of requests and a delivery queue beside a model in which each request
 * just says where it is.
 */
#include "core.h"

#include "dueq_shape.h"
#include "core/request.h"

#include <errno.h>
#include <string.h>

#define SLOTS	16
#define KEYS	16

/**
 * struct slot - a request, and what the model knows of it
 * @req: the request.
 * @key: which key it has.
 * @pending: is it in the table.
 * @timed: has it a deadline there.
 * @due: when.
 * @error: how it ended.
 * @place: where it is on its way.
 * @order: the lower, the earlier among those of its place.
 * @id: its id, 0 before it was submitted.
 * @again: was it read by an earlier daemon.
 */
struct slot {
	struct amfs_req req;
	unsigned int key;
	bool pending;
	bool timed;
	u64 due;
	int error;
	enum amfs_req_place place;
	long order;
	u64 id;
	bool again;
};

static struct {
	struct amfs_reqtab tab;
	struct amfs_reqq queue;
	struct slot slot[SLOTS];
	u64 now;
	u64 last_id;
	long first;	/* orders in use are from first to last */
	long last;
} world;

/* Names that begin alike, times two kinds; few hashes. */
static struct amfs_req_key key_of(unsigned int key)
{
	static const char name[] = "aabba";

	return (struct amfs_req_key){
		.name = name + key % 2 + key / 8 * 2,
		.len = 1 + key / 2 % 2,
		.hash = key % 3 ? 5 : 5 + AMFS_REQ_BUCKETS,
		.kind = key / 4 % 2 ? AMFS_REQ_EXPIRE : AMFS_REQ_MOUNT,
	};
}

/* Keys whose names have the same bytes are one key. */
static bool same_key(unsigned int a, unsigned int b)
{
	struct amfs_req_key x = key_of(a), y = key_of(b);

	return x.hash == y.hash && x.kind == y.kind && x.len == y.len &&
	       !strncmp(x.name, y.name, x.len);
}

static struct slot *pending_for(unsigned int key)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (world.slot[i].pending && same_key(world.slot[i].key, key))
			return &world.slot[i];
	return NULL;
}

static struct amfs_req *req_of(struct slot *slot)
{
	return slot ? &slot->req : NULL;
}

/* The first one at @place, or NULL. */
static struct slot *first_at(enum amfs_req_place place)
{
	struct slot *first = NULL, *slot;

	for (slot = world.slot; slot < world.slot + SLOTS; slot++)
		if (slot->place == place && (!first || slot->order < first->order))
			first = slot;
	return first;
}

static void put_last(struct slot *slot, enum amfs_req_place place)
{
	slot->place = place;
	slot->order = ++world.last;
}

static void put_first(struct slot *slot, enum amfs_req_place place)
{
	slot->place = place;
	slot->order = --world.first;
}

static void do_join(struct slot *slot, struct input *in)
{
	unsigned int key = below(in, KEYS);
	u64 lifetime = below(in, 8);
	struct amfs_req_key it = key_of(key);
	struct slot *there = pending_for(key);

	if (slot->pending || slot->place != AMFS_REQ_NOWHERE)
		return;
	memset(slot, 0, sizeof(*slot));
	slot->key = key;
	amfs_req_init(&slot->req, &it);
	require(amfs_reqtab_find(&world.tab, &it) == req_of(there));
	require(amfs_reqtab_join(&world.tab, &slot->req, world.now, lifetime) ==
		req_of(there ? there : slot));
	if (there)
		return;
	require(slot->req.created == world.now);
	slot->pending = true;
	slot->timed = lifetime;
	slot->due = world.now + lifetime;
}

static void do_end(struct slot *slot, struct input *in)
{
	int error = -(int)below(in, 4);

	require(amfs_reqtab_end(&world.tab, &slot->req, error) == slot->pending);
	if (slot->pending)
		slot->error = error;
	slot->pending = false;
	slot->timed = false;
}

static void do_overdue(void)
{
	struct amfs_req *req = amfs_reqtab_overdue(&world.tab, world.now);
	struct slot *slot, *taken = NULL;

	if (req)
		taken = container_of(req, struct slot, req);
	require(!taken || (taken->timed && taken->due <= world.now));
	for (slot = world.slot; slot < world.slot + SLOTS; slot++)
		if (slot->timed)
			require(taken ? taken->due <= slot->due :
					slot->due > world.now);
	if (taken)
		taken->timed = false;
}

static void do_submit(struct slot *slot)
{
	if (!slot->req.key.name || slot->id)
		return;
	amfs_reqq_submit(&world.queue, &slot->req);
	slot->id = ++world.last_id;
	put_last(slot, AMFS_REQ_QUEUED);
}

static void do_next(void)
{
	struct slot *slot = first_at(AMFS_REQ_QUEUED);

	require(amfs_reqq_next(&world.queue) == req_of(slot));
	if (slot)
		put_last(slot, AMFS_REQ_DELIVERED);
}

static void do_unread(struct slot *slot)
{
	amfs_reqq_unread(&world.queue, &slot->req);
	if (slot->place == AMFS_REQ_DELIVERED)
		put_first(slot, AMFS_REQ_QUEUED);
}

static void do_again(void)
{
	struct slot *read[SLOTS];
	u32 count = 0, i;

	while ((read[count] = first_at(AMFS_REQ_DELIVERED)))
		read[count++]->place = AMFS_REQ_NOWHERE;
	require(amfs_reqq_again(&world.queue) == count);
	for (i = count; i > 0; i--) {
		put_first(read[i - 1], AMFS_REQ_QUEUED);
		read[i - 1]->again = true;
	}
}

static void do_withdraw(struct slot *slot, bool tell)
{
	bool told = tell && slot->place == AMFS_REQ_DELIVERED;

	require(amfs_reqq_withdraw(&world.queue, &slot->req, tell) == told);
	put_last(slot, told ? AMFS_REQ_CANCELLED : AMFS_REQ_NOWHERE);
}

static void do_cancelled(void)
{
	struct slot *slot = first_at(AMFS_REQ_CANCELLED);

	require(amfs_reqq_cancelled(&world.queue) == req_of(slot));
	if (slot)
		slot->place = AMFS_REQ_NOWHERE;
}

/* Any id: one of ours, of one that has left, of none. */
static void do_find(struct input *in)
{
	u64 id = some_time(in) + below(in, 2) * AMFS_REQ_BUCKETS;
	int want = id && id <= world.last_id ? -ESTALE : -ESRCH;
	struct amfs_req *req = NULL, *expected = NULL;
	struct slot *slot;

	for (slot = world.slot; slot < world.slot + SLOTS; slot++) {
		if (slot->id != id || !id || slot->place == AMFS_REQ_NOWHERE ||
		    slot->place == AMFS_REQ_CANCELLED)
			continue;
		want = slot->place == AMFS_REQ_DELIVERED ? 0 : -ESRCH;
		expected = want ? NULL : &slot->req;
	}
	require(amfs_reqq_find(&world.queue, id, &req) == want);
	require(req == expected);
}

static void do_one(struct input *in)
{
	unsigned int verb = below(in, 16);
	struct slot *slot;

	switch (verb) {
	case 4:
		return do_overdue();
	case 5:
		return do_next();
	case 6:
		return do_again();
	case 7:
		return do_cancelled();
	case 8:
		return do_find(in);
	case 9:
		world.now += below(in, 16);
		return;
	}
	slot = &world.slot[below(in, SLOTS)];
	switch (verb) {
	case 10:
		return do_end(slot, in);
	case 11:
		return do_submit(slot);
	case 12:
		return do_unread(slot);
	case 13:
	case 14:
		return do_withdraw(slot, verb == 14);
	default:
		return do_join(slot, in);
	}
}

static void check_world(void)
{
	unsigned int pending = 0, timed = 0;
	struct slot *slot;

	for (slot = world.slot; slot < world.slot + SLOTS; slot++) {
		require(slot->req.pending == slot->pending);
		require(slot->req.error == slot->error);
		require(slot->req.place == slot->place);
		require(slot->req.id == slot->id);
		require(slot->req.again == slot->again);
		require(amfs_due_queued(&slot->req.deadline) == slot->timed);
		pending += slot->pending;
		timed += slot->timed;
	}
	require(world.tab.count == pending);
	require(!amfs_reqtab_any(&world.tab) == !pending);
	require(!*dueq_fault(&world.tab.deadlines, timed));
}

void fuzz_request(struct input *in)
{
	struct amfs_req_key none = {};
	size_t i;

	memset(&world, 0, sizeof(world));
	amfs_reqtab_init(&world.tab);
	amfs_reqq_init(&world.queue);
	for (i = 0; i < SLOTS; i++)
		amfs_req_init(&world.slot[i].req, &none);
	while (more(in)) {
		do_one(in);
		check_world();
	}
}
