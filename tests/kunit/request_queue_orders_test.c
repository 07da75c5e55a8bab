// SPDX-License-Identifier: GPL-2.0
/*
 * Every sequence of a few operations on the delivery queue, beside a model
 * that keeps the three lists as short arrays.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "request_keys.h"

#define REQS	3
#define STEPS	5

/* DROP withdraws without telling the daemon, CANCEL tells it. */
enum verb { SUBMIT, NEXT, UNREAD, AGAIN, DROP, CANCEL, CANCELLED };

struct op {
	enum verb verb;
	int who;
};

/* Requests in order, by their number. */
struct row {
	int count;
	int who[REQS];
};

/**
 * struct rig - a queue and the model of it
 * @queue: what is tested.
 * @req: its requests.
 * @row: model: requests by place, in order; those NOWHERE have none.
 * @place: model: place of each request.
 * @id: model: id of each, 0 before it was submitted.
 * @again: model: was it read by an earlier daemon.
 * @last_id: model: the last one given out; goes on from run to run.
 */
struct rig {
	struct amfs_reqq queue;
	struct amfs_req req[REQS];
	struct row row[AMFS_REQ_CANCELLED + 1];
	enum amfs_req_place place[REQS];
	u64 id[REQS];
	bool again[REQS];
	u64 last_id;
};

static int make_rig(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	amfs_reqq_init(&rig->queue);
	test->priv = rig;
	return 0;
}

/* --- the model ------------------------------------------------------------ */

static void row_remove(struct row *row, int who)
{
	int i, kept = 0;

	for (i = 0; i < row->count; i++)
		if (row->who[i] != who)
			row->who[kept++] = row->who[i];
	row->count = kept;
}

static void row_insert(struct row *row, int at, int who)
{
	int i;

	for (i = row->count++; i > at; i--)
		row->who[i] = row->who[i - 1];
	row->who[at] = who;
}

/* Move a request to @place: to its end, or to its head. */
static void model_move(struct rig *rig, int who, enum amfs_req_place place, bool head)
{
	row_remove(&rig->row[rig->place[who]], who);
	rig->place[who] = place;
	if (place != AMFS_REQ_NOWHERE)
		row_insert(&rig->row[place], head ? 0 : rig->row[place].count, who);
}

static void model_submit(struct rig *rig, int who)
{
	rig->id[who] = ++rig->last_id;
	model_move(rig, who, AMFS_REQ_QUEUED, false);
}

/* The first of @from goes @to: its number, or -1. */
static int model_pop(struct rig *rig, enum amfs_req_place from, enum amfs_req_place to)
{
	int who = rig->row[from].count ? rig->row[from].who[0] : -1;

	if (who >= 0)
		model_move(rig, who, to, false);
	return who;
}

static u32 model_again(struct rig *rig)
{
	struct row *read = &rig->row[AMFS_REQ_DELIVERED];
	u32 count = read->count;

	while (read->count) {
		int who = read->who[read->count - 1];

		rig->again[who] = true;
		model_move(rig, who, AMFS_REQ_QUEUED, true);
	}
	return count;
}

static bool model_withdraw(struct rig *rig, int who, bool tell)
{
	bool told = tell && rig->place[who] == AMFS_REQ_DELIVERED;

	model_move(rig, who, told ? AMFS_REQ_CANCELLED : AMFS_REQ_NOWHERE, false);
	return told;
}

/* --- both, side by side --------------------------------------------------- */

static const struct amfs_req *numbered(const struct rig *rig, int who)
{
	return who < 0 ? NULL : &rig->req[who];
}

static bool step_pop(struct rig *rig, enum verb verb)
{
	if (verb == NEXT)
		return amfs_reqq_next(&rig->queue) ==
		       numbered(rig, model_pop(rig, AMFS_REQ_QUEUED, AMFS_REQ_DELIVERED));
	return amfs_reqq_cancelled(&rig->queue) ==
	       numbered(rig, model_pop(rig, AMFS_REQ_CANCELLED, AMFS_REQ_NOWHERE));
}

/* Do it to both; do they say the same? */
static bool step(struct rig *rig, const struct op *op)
{
	struct amfs_req *req = &rig->req[op->who];

	switch (op->verb) {
	case SUBMIT:
		amfs_reqq_submit(&rig->queue, req);
		model_submit(rig, op->who);
		return true;
	case UNREAD:
		amfs_reqq_unread(&rig->queue, req);
		if (rig->place[op->who] == AMFS_REQ_DELIVERED)
			model_move(rig, op->who, AMFS_REQ_QUEUED, true);
		return true;
	case AGAIN:
		return amfs_reqq_again(&rig->queue) == model_again(rig);
	case DROP:
	case CANCEL:
		return amfs_reqq_withdraw(&rig->queue, req, op->verb == CANCEL) ==
		       model_withdraw(rig, op->who, op->verb == CANCEL);
	default:
		return step_pop(rig, op->verb);
	}
}

static bool same_row(const struct rig *rig, const struct list_head *list, const struct row *row)
{
	const struct amfs_req *req;
	int i = 0;

	list_for_each_entry(req, list, in_queue)
		if (i == row->count || req != &rig->req[row->who[i++]])
			return false;
	return i == row->count;
}

static int expected_find(const struct rig *rig, int who)
{
	if (rig->place[who] == AMFS_REQ_DELIVERED)
		return 0;
	return rig->place[who] == AMFS_REQ_QUEUED || !rig->id[who] ? -ESRCH : -ESTALE;
}

static const char *compare_one(const struct rig *rig, int who)
{
	const struct amfs_req *req = &rig->req[who];
	struct amfs_req *found = NULL;
	int err = amfs_reqq_find(&rig->queue, rig->id[who], &found);

	if (req->id != rig->id[who])
		return "a wrong id";
	if (req->place != rig->place[who])
		return "a wrong place";
	if (req->again != rig->again[who])
		return "a wrong again";
	if (err != expected_find(rig, who) || found != (err ? NULL : req))
		return "a wrong find";
	return "";
}

static const char *compare(const struct rig *rig)
{
	struct amfs_req *found;
	const char *fault;
	int who;

	if (!same_row(rig, &rig->queue.queued, &rig->row[AMFS_REQ_QUEUED]))
		return "queued differs";
	if (!same_row(rig, &rig->queue.delivered, &rig->row[AMFS_REQ_DELIVERED]))
		return "delivered differs";
	if (!same_row(rig, &rig->queue.cancelled, &rig->row[AMFS_REQ_CANCELLED]))
		return "cancelled differs";
	if (amfs_reqq_find(&rig->queue, rig->last_id + 1, &found) != -ESRCH)
		return "a request of the future is found";
	for (who = 0; who < REQS; who++) {
		fault = compare_one(rig, who);
		if (*fault)
			return fault;
	}
	return "";
}

/* --- every sequence ------------------------------------------------------- */

static void start_over(struct rig *rig)
{
	int who;

	for (who = 0; who < REQS; who++) {
		amfs_reqq_withdraw(&rig->queue, &rig->req[who], false);
		model_withdraw(rig, who, false);
		amfs_req_init(&rig->req[who], &request_keys[who]);
		rig->id[who] = 0;
		rig->again[who] = false;
	}
}

/* Run the operations that the digits of @code, in base @count, name. */
static const char *run(struct rig *rig, const struct op *ops, int count, int code)
{
	const char *fault = "";
	int i;

	for (i = 0; i < STEPS && !*fault; i++) {
		const struct op *op = &ops[code % count];

		code /= count;
		/* submitted already: nobody does that twice */
		if (op->verb == SUBMIT && rig->id[op->who])
			return NULL;
		fault = step(rig, op) ? compare(rig) : "a wrong answer";
	}
	return fault;
}

/*
 * All sequences of STEPS out of @count operations, with the first @submitted
 * requests queued before; how many could be run.
 */
static int run_all(struct kunit *test, const struct op *ops, int count, int submitted)
{
	struct rig *rig = test->priv;
	int code, codes = 1, runs = 0, i;

	for (i = 0; i < STEPS; i++)
		codes *= count;
	for (code = 0; code < codes; code++) {
		const char *fault;

		start_over(rig);
		for (i = 0; i < submitted; i++)
			step(rig, &(struct op){ SUBMIT, i });
		fault = run(rig, ops, count, code);
		if (!fault)
			continue;
		KUNIT_ASSERT_STREQ_MSG(test, fault, "", "sequence %d in base %d", code, count);
		runs++;
	}
	start_over(rig);
	KUNIT_EXPECT_STREQ(test, compare(rig), "");
	return runs;
}

/* 9^5 without a submit, 2 * 5 * 9^4 with one, 5 * 4 * 9^3 with both. */
static void reqq_two_requests_in_every_sequence_of_five(struct kunit *test)
{
	static const struct op ops[] = {
		{ SUBMIT, 0 }, { SUBMIT, 1 }, { NEXT }, { UNREAD, 0 }, { UNREAD, 1 }, { AGAIN },
		{ DROP, 0 }, { DROP, 1 }, { CANCEL, 0 }, { CANCEL, 1 }, { CANCELLED },
	};

	KUNIT_EXPECT_EQ(test, run_all(test, ops, ARRAY_SIZE(ops), 0), 139239);
}

static void reqq_three_submitted_requests_in_every_sequence_of_five(struct kunit *test)
{
	static const struct op ops[] = {
		{ NEXT }, { UNREAD, 0 }, { UNREAD, 1 }, { UNREAD, 2 }, { AGAIN }, { CANCELLED },
		{ DROP, 1 }, { CANCEL, 0 }, { CANCEL, 1 }, { CANCEL, 2 },
	};

	KUNIT_EXPECT_EQ(test, run_all(test, ops, ARRAY_SIZE(ops), 3), 100000);
}

static struct kunit_case request_queue_orders_cases[] = {
	KUNIT_CASE(reqq_two_requests_in_every_sequence_of_five),
	KUNIT_CASE(reqq_three_submitted_requests_in_every_sequence_of_five),
	{}
};

static struct kunit_suite request_queue_orders_suite = {
	.name = "amfs_reqq_orders",
	.init = make_rig,
	.test_cases = request_queue_orders_cases,
};

kunit_test_suite(request_queue_orders_suite);
