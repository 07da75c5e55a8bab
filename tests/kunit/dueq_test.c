// SPDX-License-Identifier: GPL-2.0
/*
 * The due queue: its order at the edges, every order of a few nodes, its shape
 * with many.
 */
#include <kunit/test.h>
#include <linux/log2.h>

#include "dueq_shape.h"

#define SMALL	6	/* nodes in the runs that enumerate: SMALL! orders */
#define ORDERS	720
#define EQUAL	64	/* nodes of one time */
#define MANY	4096	/* nodes in the runs about shape */

static struct amfs_due *make_nodes(struct kunit *test, unsigned int count)
{
	struct amfs_due *nodes = kunit_kcalloc(test, count, sizeof(*nodes), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nodes);
	return nodes;
}

/* --- one by one ----------------------------------------------------------- */

static void dueq_empty_has_no_first_and_gives_nothing(struct kunit *test)
{
	struct amfs_dueq queue = {};

	KUNIT_EXPECT_NULL(test, amfs_dueq_first(&queue));
	KUNIT_EXPECT_NULL(test, amfs_dueq_take(&queue, U64_MAX));
}

static void dueq_node_is_due_at_its_very_time_and_not_before(struct kunit *test)
{
	static const u64 times[] = { 1, 2, 1000, U32_MAX, 1ULL << 63, U64_MAX - 1, U64_MAX };
	struct amfs_dueq queue = {};
	struct amfs_due node;
	int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		amfs_dueq_add(&queue, &node, times[i]);

		KUNIT_EXPECT_NULL(test, amfs_dueq_take(&queue, 0));
		KUNIT_EXPECT_NULL(test, amfs_dueq_take(&queue, times[i] - 1));
		KUNIT_EXPECT_TRUE(test, amfs_due_queued(&node));
		KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_take(&queue, times[i]), &node);
		KUNIT_EXPECT_FALSE(test, amfs_due_queued(&node));
		KUNIT_EXPECT_NULL(test, amfs_dueq_take(&queue, U64_MAX));
	}
}

static void dueq_node_of_time_zero_is_due_at_zero(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due node;

	amfs_dueq_add(&queue, &node, 0);

	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_take(&queue, 0), &node);
}

static void dueq_overdue_node_is_still_taken(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due node;

	amfs_dueq_add(&queue, &node, 5);

	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_take(&queue, U64_MAX), &node);
}

static void dueq_first_shows_the_earliest_and_leaves_it(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due early, late;

	amfs_dueq_add(&queue, &late, 20);
	amfs_dueq_add(&queue, &early, 10);

	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_first(&queue), &early);
	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_first(&queue), &early);
	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, 2), "");
}

static void dueq_add_ignores_what_the_node_held(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due node;

	memset(&node, 0xa5, sizeof(node));
	amfs_dueq_add(&queue, &node, 7);

	KUNIT_EXPECT_EQ(test, node.when, 7ULL);
	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, 1), "");
}

static void dueq_initialised_node_is_not_queued(struct kunit *test)
{
	struct amfs_due node;

	memset(&node, 0xa5, sizeof(node));
	amfs_due_init(&node);

	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&node));
}

static void dueq_deleting_the_only_node_empties_the_queue(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due node;

	amfs_dueq_add(&queue, &node, 7);
	amfs_dueq_del(&queue, &node);

	KUNIT_EXPECT_NULL(test, amfs_dueq_first(&queue));
	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&node));
}

static void dueq_deleting_what_is_not_queued_changes_nothing(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due queued, other, was;

	amfs_due_init(&other);
	amfs_dueq_del(&queue, &other);
	KUNIT_EXPECT_NULL(test, amfs_dueq_first(&queue));

	amfs_dueq_add(&queue, &queued, 7);
	amfs_dueq_add(&queue, &was, 8);
	amfs_dueq_del(&queue, &was);
	amfs_dueq_del(&queue, &was);
	amfs_dueq_del(&queue, &other);

	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_first(&queue), &queued);
	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, 1), "");
}

static void dueq_taken_or_deleted_node_can_be_queued_again(struct kunit *test)
{
	struct amfs_dueq queue = {};
	struct amfs_due node, other;

	amfs_dueq_add(&queue, &other, 50);
	amfs_dueq_add(&queue, &node, 7);
	KUNIT_ASSERT_PTR_EQ(test, amfs_dueq_take(&queue, 7), &node);
	amfs_dueq_add(&queue, &node, 9);
	amfs_dueq_del(&queue, &node);
	amfs_dueq_add(&queue, &node, 8);

	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, 2), "");
	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_take(&queue, 8), &node);
	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_take(&queue, 50), &other);
}

static void dueq_equal_times_leave_once_each_and_no_earlier(struct kunit *test)
{
	struct amfs_due *nodes = make_nodes(test, EQUAL);
	struct amfs_dueq queue = {};
	int i, taken = 0;

	for (i = 0; i < EQUAL; i++)
		amfs_dueq_add(&queue, &nodes[i], 100);

	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, EQUAL), "");
	KUNIT_EXPECT_NULL(test, amfs_dueq_take(&queue, 99));
	while (taken <= EQUAL && amfs_dueq_take(&queue, 100))
		taken++;
	KUNIT_EXPECT_EQ(test, taken, EQUAL);
	for (i = 0; i < EQUAL; i++)
		KUNIT_EXPECT_FALSE(test, amfs_due_queued(&nodes[i]));
}

/* --- every order of a few ------------------------------------------------- */

/* The @nth order of 0..SMALL-1. */
static void nth_order(int nth, int order[SMALL])
{
	int left[SMALL], i, j, pick;

	for (i = 0; i < SMALL; i++)
		left[i] = i;
	for (i = SMALL; i > 0; i--) {
		pick = nth % i;
		nth /= i;
		order[i - 1] = left[pick];
		for (j = pick; j < i - 1; j++)
			left[j] = left[j + 1];
	}
}

/* Add SMALL nodes, node i at time i / @share, in the @nth order. */
static void add_in_order(struct amfs_dueq *queue, struct amfs_due nodes[SMALL], int nth,
			 int share)
{
	int order[SMALL], i;

	nth_order(nth, order);
	for (i = 0; i < SMALL; i++)
		amfs_dueq_add(queue, &nodes[order[i]], order[i] / share);
}

static void dueq_every_order_of_adding_leaves_in_time(struct kunit *test)
{
	struct amfs_due nodes[SMALL];
	struct amfs_dueq queue = {};
	int nth, share, runs = 0;

	for (share = 1; share <= SMALL; share++) {
		for (nth = 0; nth < ORDERS; nth++) {
			add_in_order(&queue, nodes, nth, share);

			KUNIT_ASSERT_STREQ(test, dueq_drain(&queue, SMALL), "");
			runs++;
		}
	}
	KUNIT_EXPECT_EQ(test, runs, SMALL * 720);
}

static void dueq_deleting_any_one_keeps_the_others_in_time(struct kunit *test)
{
	struct amfs_due nodes[SMALL];
	struct amfs_dueq queue = {};
	int nth, victim, runs = 0;

	for (victim = 0; victim < SMALL; victim++) {
		for (nth = 0; nth < ORDERS; nth++) {
			add_in_order(&queue, nodes, nth, 1);
			amfs_dueq_del(&queue, &nodes[victim]);

			KUNIT_ASSERT_FALSE(test, amfs_due_queued(&nodes[victim]));
			KUNIT_ASSERT_STREQ(test, dueq_drain(&queue, SMALL - 1), "");
			runs++;
		}
	}
	KUNIT_EXPECT_EQ(test, runs, SMALL * 720);
}

static void dueq_deleting_all_in_every_order_keeps_the_shape(struct kunit *test)
{
	struct amfs_due nodes[SMALL];
	struct amfs_dueq queue = {};
	int nth, out[SMALL], i, runs = 0;

	for (nth = 0; nth < ORDERS; nth++) {
		add_in_order(&queue, nodes, nth * 7 % ORDERS, 1);
		nth_order(nth, out);
		for (i = 0; i < SMALL; i++) {
			amfs_dueq_del(&queue, &nodes[out[i]]);
			KUNIT_ASSERT_STREQ(test, dueq_fault(&queue, SMALL - 1 - i), "");
		}
		runs++;
	}
	KUNIT_EXPECT_EQ(test, runs, 720);
}

/* --- many ----------------------------------------------------------------- */

static void dueq_ascending_times_keep_the_rank_bound(struct kunit *test)
{
	struct amfs_due *nodes = make_nodes(test, MANY);
	struct amfs_dueq queue = {};
	int i;

	for (i = 0; i < MANY; i++) {
		amfs_dueq_add(&queue, &nodes[i], i);
		KUNIT_ASSERT_LE(test, queue.top->rank, (u32)ilog2(i + 1) + 1);
	}

	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, MANY), "");
}

/* Descending times make one left spine, as deep as there are nodes. */
static void dueq_deepest_node_of_a_long_spine_can_be_deleted(struct kunit *test)
{
	struct amfs_due *nodes = make_nodes(test, MANY);
	struct amfs_dueq queue = {};
	int i;

	for (i = 0; i < MANY; i++)
		amfs_dueq_add(&queue, &nodes[i], MANY - i);
	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, MANY), "");
	amfs_dueq_del(&queue, &nodes[0]);
	amfs_dueq_del(&queue, &nodes[MANY / 2]);
	amfs_dueq_del(&queue, &nodes[MANY - 1]);

	KUNIT_EXPECT_STREQ(test, dueq_fault(&queue, MANY - 3), "");
	KUNIT_EXPECT_PTR_EQ(test, amfs_dueq_first(&queue), &nodes[MANY - 2]);
}

static struct kunit_case dueq_cases[] = {
	KUNIT_CASE(dueq_empty_has_no_first_and_gives_nothing),
	KUNIT_CASE(dueq_node_is_due_at_its_very_time_and_not_before),
	KUNIT_CASE(dueq_node_of_time_zero_is_due_at_zero),
	KUNIT_CASE(dueq_overdue_node_is_still_taken),
	KUNIT_CASE(dueq_first_shows_the_earliest_and_leaves_it),
	KUNIT_CASE(dueq_add_ignores_what_the_node_held),
	KUNIT_CASE(dueq_initialised_node_is_not_queued),
	KUNIT_CASE(dueq_deleting_the_only_node_empties_the_queue),
	KUNIT_CASE(dueq_deleting_what_is_not_queued_changes_nothing),
	KUNIT_CASE(dueq_taken_or_deleted_node_can_be_queued_again),
	KUNIT_CASE(dueq_equal_times_leave_once_each_and_no_earlier),
	KUNIT_CASE(dueq_every_order_of_adding_leaves_in_time),
	KUNIT_CASE(dueq_deleting_any_one_keeps_the_others_in_time),
	KUNIT_CASE(dueq_deleting_all_in_every_order_keeps_the_shape),
	KUNIT_CASE(dueq_ascending_times_keep_the_rank_bound),
	KUNIT_CASE(dueq_deepest_node_of_a_long_spine_can_be_deleted),
	{}
};

static struct kunit_suite dueq_suite = {
	.name = "amfs_dueq",
	.test_cases = dueq_cases,
};

kunit_test_suite(dueq_suite);
