// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a map's requests to its daemon: submit, next, unread, again,
 * find, withdraw, cancelled, one by one.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "request_keys.h"

#define FEW	4
#define MANY	3000

/**
 * struct line - a queue with a few requests
 * @queue: what is tested.
 * @req: requests, nowhere at first.
 */
struct line {
	struct amfs_reqq queue;
	struct amfs_req req[FEW];
};

static int make_line(struct kunit *test)
{
	struct line *line = kunit_kmalloc(test, sizeof(*line), GFP_KERNEL);
	int i;

	if (!line)
		return -ENOMEM;
	memset(line, 0xa5, sizeof(*line));
	amfs_reqq_init(&line->queue);
	for (i = 0; i < FEW; i++)
		amfs_req_init(&line->req[i], &request_keys[i]);
	test->priv = line;
	return 0;
}

static void submit_all(struct line *line)
{
	int i;

	for (i = 0; i < FEW; i++)
		amfs_reqq_submit(&line->queue, &line->req[i]);
}

/* Submit all and have the first @count read. */
static void deliver(struct line *line, int count)
{
	submit_all(line);
	while (count--)
		amfs_reqq_next(&line->queue);
}

/* The next ones are exactly those whose numbers the digits of @order say. */
static void expect_next(struct kunit *test, const char *order)
{
	struct line *line = test->priv;

	for (; *order; order++)
		KUNIT_EXPECT_PTR_EQ(test, amfs_reqq_next(&line->queue), &line->req[*order - '0']);
	KUNIT_EXPECT_NULL(test, amfs_reqq_next(&line->queue));
}

static int find(struct kunit *test, u64 id)
{
	struct line *line = test->priv;
	struct amfs_req *untouched = &line->req[FEW - 1], *req = untouched;
	int err = amfs_reqq_find(&line->queue, id, &req);

	if (err)
		KUNIT_EXPECT_PTR_EQ(test, req, untouched);
	else
		KUNIT_EXPECT_EQ(test, req->id, id);
	return err;
}

/* --- submit and next ------------------------------------------------------ */

static void reqq_init_makes_it_empty(struct kunit *test)
{
	struct line *line = test->priv;

	KUNIT_EXPECT_NULL(test, amfs_reqq_next(&line->queue));
	KUNIT_EXPECT_NULL(test, amfs_reqq_cancelled(&line->queue));
	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 0U);
	KUNIT_EXPECT_EQ(test, find(test, 1), -ESRCH);
}

static void reqq_ids_begin_at_one_and_increase(struct kunit *test)
{
	struct line *line = test->priv;
	int i;

	submit_all(line);

	for (i = 0; i < FEW; i++)
		KUNIT_EXPECT_EQ(test, line->req[i].id, 1ULL + i);
}

static void reqq_id_of_an_ended_request_is_not_given_again(struct kunit *test)
{
	struct line *line = test->priv;

	amfs_reqq_submit(&line->queue, &line->req[0]);
	amfs_reqq_withdraw(&line->queue, &line->req[0], true);
	amfs_reqq_submit(&line->queue, &line->req[1]);

	KUNIT_EXPECT_EQ(test, line->req[0].id, 1ULL);
	KUNIT_EXPECT_EQ(test, line->req[1].id, 2ULL);
}

static void reqq_next_is_the_oldest_and_counts_as_delivered(struct kunit *test)
{
	struct line *line = test->priv;

	submit_all(line);
	KUNIT_EXPECT_EQ(test, (int)line->req[0].place, (int)AMFS_REQ_QUEUED);

	expect_next(test, "0123");
	KUNIT_EXPECT_EQ(test, (int)line->req[0].place, (int)AMFS_REQ_DELIVERED);
	KUNIT_EXPECT_FALSE(test, line->req[0].again);
}

/* --- find ----------------------------------------------------------------- */

static void reqq_find_gives_a_delivered_request(struct kunit *test)
{
	struct line *line = test->priv;
	int i;

	deliver(line, FEW);

	for (i = 0; i < FEW; i++)
		KUNIT_EXPECT_EQ(test, find(test, line->req[i].id), 0);
}

static void reqq_find_of_an_unread_request_is_esrch(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 1);

	KUNIT_EXPECT_EQ(test, find(test, line->req[0].id), 0);
	KUNIT_EXPECT_EQ(test, find(test, line->req[1].id), -ESRCH);
}

static void reqq_find_of_one_that_is_to_be_read_again_is_esrch(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 2);
	amfs_reqq_again(&line->queue);

	KUNIT_EXPECT_EQ(test, find(test, line->req[0].id), -ESRCH);
	amfs_reqq_next(&line->queue);
	KUNIT_EXPECT_EQ(test, find(test, line->req[0].id), 0);
}

static void reqq_find_of_an_ended_request_is_estale(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 3);
	amfs_reqq_withdraw(&line->queue, &line->req[0], false);
	amfs_reqq_withdraw(&line->queue, &line->req[1], true);
	amfs_reqq_withdraw(&line->queue, &line->req[3], true);

	KUNIT_EXPECT_EQ(test, find(test, line->req[0].id), -ESTALE);
	KUNIT_EXPECT_EQ(test, find(test, line->req[1].id), -ESTALE);
	KUNIT_EXPECT_EQ(test, find(test, line->req[2].id), 0);
	KUNIT_EXPECT_EQ(test, find(test, line->req[3].id), -ESTALE);
}

static void reqq_find_of_what_never_was_is_esrch(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, FEW);

	KUNIT_EXPECT_EQ(test, find(test, FEW + 1), -ESRCH);
	KUNIT_EXPECT_EQ(test, find(test, 1 + AMFS_REQ_BUCKETS), -ESRCH);
	KUNIT_EXPECT_EQ(test, find(test, 1 + (1ULL << 32)), -ESRCH);
	KUNIT_EXPECT_EQ(test, find(test, 1 + (1ULL << 63)), -ESRCH);
	KUNIT_EXPECT_EQ(test, find(test, U64_MAX), -ESRCH);
}

static void reqq_find_of_id_zero_is_esrch(struct kunit *test)
{
	struct line *line = test->priv;

	KUNIT_EXPECT_EQ(test, find(test, 0), -ESRCH);
	deliver(line, FEW);
	KUNIT_EXPECT_EQ(test, find(test, 0), -ESRCH);
}

static void reqq_thousands_of_ids_are_each_found(struct kunit *test)
{
	struct amfs_req *req = kunit_kcalloc(test, MANY, sizeof(*req), GFP_KERNEL);
	struct line *line = test->priv;
	struct amfs_req *found;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, req);
	for (i = 0; i < MANY; i++) {
		amfs_req_init(&req[i], &request_keys[KEY_BASE]);
		amfs_reqq_submit(&line->queue, &req[i]);
		KUNIT_ASSERT_EQ(test, req[i].id, 1ULL + i);
	}
	for (i = 0; i < MANY; i++)
		KUNIT_ASSERT_PTR_EQ(test, amfs_reqq_next(&line->queue), &req[i]);

	for (i = 0; i < MANY; i++) {
		KUNIT_ASSERT_EQ(test, amfs_reqq_find(&line->queue, 1 + i, &found), 0);
		KUNIT_ASSERT_PTR_EQ(test, found, &req[i]);
	}
}

/* --- unread --------------------------------------------------------------- */

static void reqq_unread_comes_next_again(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 1);
	amfs_reqq_unread(&line->queue, &line->req[0]);

	KUNIT_EXPECT_EQ(test, (int)line->req[0].place, (int)AMFS_REQ_QUEUED);
	KUNIT_EXPECT_EQ(test, find(test, line->req[0].id), -ESRCH);
	expect_next(test, "0123");
	KUNIT_EXPECT_FALSE(test, line->req[0].again);
}

static void reqq_several_unread_backwards_keep_their_order(struct kunit *test)
{
	struct line *line = test->priv;
	int i;

	deliver(line, 3);
	for (i = 2; i >= 0; i--)
		amfs_reqq_unread(&line->queue, &line->req[i]);

	expect_next(test, "0123");
}

static void reqq_unread_of_what_is_not_delivered_changes_nothing(struct kunit *test)
{
	struct line *line = test->priv;

	amfs_reqq_unread(&line->queue, &line->req[0]);
	KUNIT_EXPECT_EQ(test, (int)line->req[0].place, (int)AMFS_REQ_NOWHERE);

	deliver(line, 1);
	amfs_reqq_withdraw(&line->queue, &line->req[0], true);
	amfs_reqq_unread(&line->queue, &line->req[0]);
	amfs_reqq_unread(&line->queue, &line->req[3]);

	KUNIT_EXPECT_EQ(test, (int)line->req[0].place, (int)AMFS_REQ_CANCELLED);
	expect_next(test, "123");
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqq_cancelled(&line->queue), &line->req[0]);
}

static void reqq_unread_request_that_ends_is_not_told(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 1);
	amfs_reqq_unread(&line->queue, &line->req[0]);

	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[0], true));
	KUNIT_EXPECT_NULL(test, amfs_reqq_cancelled(&line->queue));
}

/* --- again ---------------------------------------------------------------- */

static void reqq_again_puts_the_read_before_the_unread_each_in_order(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 2);

	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 2U);
	expect_next(test, "0123");
	KUNIT_EXPECT_TRUE(test, line->req[0].again && line->req[1].again);
	KUNIT_EXPECT_FALSE(test, line->req[2].again || line->req[3].again);
}

static void reqq_again_twice_keeps_the_order_of_the_first_reading(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 3);
	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 3U);
	amfs_reqq_next(&line->queue);

	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 1U);
	expect_next(test, "0123");
}

static void reqq_again_with_nothing_read_counts_nothing(struct kunit *test)
{
	struct line *line = test->priv;

	submit_all(line);

	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 0U);
	expect_next(test, "0123");
	KUNIT_EXPECT_FALSE(test, line->req[0].again);
}

static void reqq_again_leaves_out_what_was_answered(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, 3);
	amfs_reqq_withdraw(&line->queue, &line->req[0], false);
	amfs_reqq_withdraw(&line->queue, &line->req[2], true);

	KUNIT_EXPECT_EQ(test, amfs_reqq_again(&line->queue), 1U);
	expect_next(test, "13");
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqq_cancelled(&line->queue), &line->req[2]);
}

/* --- withdraw and cancelled ----------------------------------------------- */

static void reqq_withdraw_of_what_is_nowhere_is_false(struct kunit *test)
{
	struct line *line = test->priv;

	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[0], true));
	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[0], false));
	KUNIT_EXPECT_NULL(test, amfs_reqq_cancelled(&line->queue));
}

static void reqq_withdrawn_unread_request_is_never_told(struct kunit *test)
{
	struct line *line = test->priv;

	submit_all(line);

	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[1], true));
	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[2], false));
	KUNIT_EXPECT_EQ(test, (int)line->req[1].place, (int)AMFS_REQ_NOWHERE);
	KUNIT_EXPECT_NULL(test, amfs_reqq_cancelled(&line->queue));
	expect_next(test, "03");
}

static void reqq_withdrawn_read_request_is_told_only_if_wanted(struct kunit *test)
{
	struct line *line = test->priv;

	deliver(line, FEW);

	KUNIT_EXPECT_TRUE(test, amfs_reqq_withdraw(&line->queue, &line->req[2], true));
	KUNIT_EXPECT_FALSE(test, amfs_reqq_withdraw(&line->queue, &line->req[1], false));
	KUNIT_EXPECT_TRUE(test, amfs_reqq_withdraw(&line->queue, &line->req[0], true));
	KUNIT_EXPECT_EQ(test, (int)line->req[2].place, (int)AMFS_REQ_CANCELLED);
	KUNIT_EXPECT_EQ(test, (int)line->req[1].place, (int)AMFS_REQ_NOWHERE);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqq_cancelled(&line->queue), &line->req[2]);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqq_cancelled(&line->queue), &line->req[0]);
	KUNIT_EXPECT_NULL(test, amfs_reqq_cancelled(&line->queue));
	KUNIT_EXPECT_EQ(test, (int)line->req[2].place, (int)AMFS_REQ_NOWHERE);
}

static struct kunit_case request_queue_cases[] = {
	KUNIT_CASE(reqq_init_makes_it_empty),
	KUNIT_CASE(reqq_ids_begin_at_one_and_increase),
	KUNIT_CASE(reqq_id_of_an_ended_request_is_not_given_again),
	KUNIT_CASE(reqq_next_is_the_oldest_and_counts_as_delivered),
	KUNIT_CASE(reqq_find_gives_a_delivered_request),
	KUNIT_CASE(reqq_find_of_an_unread_request_is_esrch),
	KUNIT_CASE(reqq_find_of_one_that_is_to_be_read_again_is_esrch),
	KUNIT_CASE(reqq_find_of_an_ended_request_is_estale),
	KUNIT_CASE(reqq_find_of_what_never_was_is_esrch),
	KUNIT_CASE(reqq_find_of_id_zero_is_esrch),
	KUNIT_CASE(reqq_thousands_of_ids_are_each_found),
	KUNIT_CASE(reqq_unread_comes_next_again),
	KUNIT_CASE(reqq_several_unread_backwards_keep_their_order),
	KUNIT_CASE(reqq_unread_of_what_is_not_delivered_changes_nothing),
	KUNIT_CASE(reqq_unread_request_that_ends_is_not_told),
	KUNIT_CASE(reqq_again_puts_the_read_before_the_unread_each_in_order),
	KUNIT_CASE(reqq_again_twice_keeps_the_order_of_the_first_reading),
	KUNIT_CASE(reqq_again_with_nothing_read_counts_nothing),
	KUNIT_CASE(reqq_again_leaves_out_what_was_answered),
	KUNIT_CASE(reqq_withdraw_of_what_is_nowhere_is_false),
	KUNIT_CASE(reqq_withdrawn_unread_request_is_never_told),
	KUNIT_CASE(reqq_withdrawn_read_request_is_told_only_if_wanted),
	{}
};

static struct kunit_suite request_queue_suite = {
	.name = "amfs_reqq",
	.init = make_line,
	.test_cases = request_queue_cases,
};

kunit_test_suite(request_queue_suite);
