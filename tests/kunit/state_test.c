// SPDX-License-Identifier: GPL-2.0
/*
 * The trigger's life: every state meets every event.
 */
#include <kunit/test.h>
#include <linux/amfs.h>

#include "core/state.h"

/* What Documentation/lifecycle.rst allows, written down a second time. */
static const struct step {
	enum amfs_state from;
	enum amfs_event event;
	enum amfs_state to;
} allowed[] = {
	{ AMFS_IDLE,	 AMFS_EV_ASK,	     AMFS_PENDING },
	{ AMFS_IDLE,	 AMFS_EV_FOUND,	     AMFS_MOUNTED },
	{ AMFS_PENDING,	 AMFS_EV_MOUNT_OK,   AMFS_MOUNTED },
	{ AMFS_PENDING,	 AMFS_EV_MOUNT_FAIL, AMFS_FAILED },
	{ AMFS_PENDING,	 AMFS_EV_MOUNT_DROP, AMFS_IDLE },
	{ AMFS_MOUNTED,	 AMFS_EV_ASK,	     AMFS_PENDING },
	{ AMFS_MOUNTED,	 AMFS_EV_EXPIRE,     AMFS_EXPIRING },
	{ AMFS_MOUNTED,	 AMFS_EV_GONE,	     AMFS_IDLE },
	{ AMFS_EXPIRING, AMFS_EV_EXPIRE_OK,  AMFS_IDLE },
	{ AMFS_EXPIRING, AMFS_EV_EXPIRE_NO,  AMFS_MOUNTED },
	{ AMFS_FAILED,	 AMFS_EV_FOUND,	     AMFS_MOUNTED },
	{ AMFS_FAILED,	 AMFS_EV_TTL,	     AMFS_IDLE },
};

static int expected(int state, int event)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (allowed[i].from == state && allowed[i].event == event)
			return allowed[i].to;
	return -EINVAL;
}

static void state_every_pair_leads_where_it_should(struct kunit *test)
{
	int state, event, pairs = 0, moves = 0, refusals = 0;

	for (state = 0; state < AMFS_STATES; state++) {
		for (event = 0; event < AMFS_EVENTS; event++) {
			int next = amfs_state_next(state, event);

			KUNIT_EXPECT_EQ_MSG(test, next, expected(state, event),
					    "event %d in state %d", event, state);
			pairs++;
			moves += next >= 0;
			refusals += next == -EINVAL;
		}
	}

	KUNIT_EXPECT_EQ(test, pairs, 50);
	KUNIT_EXPECT_EQ(test, moves, 12);
	KUNIT_EXPECT_EQ(test, refusals, 38);
}

static void state_out_of_range_is_refused(struct kunit *test)
{
	static const int bad_states[] = { -1, AMFS_STATES, AMFS_STATES + 1, INT_MAX, INT_MIN };
	static const int bad_events[] = { -1, AMFS_EVENTS, AMFS_EVENTS + 1, INT_MAX, INT_MIN };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(bad_states); i++) {
		for (j = 0; j < AMFS_EVENTS; j++)
			KUNIT_EXPECT_EQ(test, amfs_state_next(bad_states[i], j), -EINVAL);
		for (j = 0; j < ARRAY_SIZE(bad_events); j++)
			KUNIT_EXPECT_EQ(test, amfs_state_next(bad_states[i], bad_events[j]),
					-EINVAL);
	}
	for (i = 0; i < AMFS_STATES; i++)
		for (j = 0; j < ARRAY_SIZE(bad_events); j++)
			KUNIT_EXPECT_EQ(test, amfs_state_next(i, bad_events[j]), -EINVAL);
}

/* The set of states that can follow those in @from, as bits. */
static unsigned int one_step(unsigned int from)
{
	unsigned int to = from;
	int state, event, next;

	for (state = 0; state < AMFS_STATES; state++) {
		for (event = 0; from & BIT(state) && event < AMFS_EVENTS; event++) {
			next = amfs_state_next(state, event);
			if (next >= 0)
				to |= BIT(next);
		}
	}
	return to;
}

static void state_every_state_is_reachable_from_every_other(struct kunit *test)
{
	int state, steps;

	for (state = 0; state < AMFS_STATES; state++) {
		unsigned int reached = BIT(state);

		for (steps = 0; steps < AMFS_STATES; steps++)
			reached = one_step(reached);

		KUNIT_EXPECT_EQ_MSG(test, reached, BIT(AMFS_STATES) - 1, "from state %d", state);
	}
}

static void state_every_event_is_allowed_somewhere(struct kunit *test)
{
	int state, event;

	for (event = 0; event < AMFS_EVENTS; event++) {
		int moves = 0;

		for (state = 0; state < AMFS_STATES; state++)
			moves += amfs_state_next(state, event) >= 0;

		KUNIT_EXPECT_GT_MSG(test, moves, 0, "event %d", event);
	}
}

/* A request under way is left by its own end and by nothing else. */
static void state_mount_and_expire_requests_end_only_as_themselves(struct kunit *test)
{
	int event;

	for (event = 0; event < AMFS_EVENTS; event++) {
		bool ends_mount = event == AMFS_EV_MOUNT_OK || event == AMFS_EV_MOUNT_FAIL ||
				  event == AMFS_EV_MOUNT_DROP;
		bool ends_expire = event == AMFS_EV_EXPIRE_OK || event == AMFS_EV_EXPIRE_NO;

		KUNIT_EXPECT_EQ(test, amfs_state_next(AMFS_PENDING, event) >= 0, ends_mount);
		KUNIT_EXPECT_EQ(test, amfs_state_next(AMFS_EXPIRING, event) >= 0, ends_expire);
	}
}

static void state_names_are_words_and_differ(struct kunit *test)
{
	int i, j;

	for (i = 0; i < AMFS_STATES; i++) {
		KUNIT_ASSERT_NOT_NULL(test, amfs_state_name(i));
		KUNIT_EXPECT_GT(test, strlen(amfs_state_name(i)), (size_t)1);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, strcmp(amfs_state_name(i), amfs_state_name(j)), 0);
	}
}

static void state_name_of_what_is_no_state_is_a_question_mark(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, amfs_state_name(AMFS_STATES), "?");
	KUNIT_EXPECT_STREQ(test, amfs_state_name(-1), "?");
	KUNIT_EXPECT_STREQ(test, amfs_state_name(INT_MAX), "?");
}

static void state_numbers_are_those_of_the_abi(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)AMFS_IDLE, (int)AMFS_INFO_IDLE);
	KUNIT_EXPECT_EQ(test, (int)AMFS_PENDING, (int)AMFS_INFO_PENDING);
	KUNIT_EXPECT_EQ(test, (int)AMFS_MOUNTED, (int)AMFS_INFO_MOUNTED);
	KUNIT_EXPECT_EQ(test, (int)AMFS_EXPIRING, (int)AMFS_INFO_EXPIRING);
	KUNIT_EXPECT_EQ(test, (int)AMFS_FAILED, (int)AMFS_INFO_FAILED);
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(state_every_pair_leads_where_it_should),
	KUNIT_CASE(state_out_of_range_is_refused),
	KUNIT_CASE(state_every_state_is_reachable_from_every_other),
	KUNIT_CASE(state_every_event_is_allowed_somewhere),
	KUNIT_CASE(state_mount_and_expire_requests_end_only_as_themselves),
	KUNIT_CASE(state_names_are_words_and_differ),
	KUNIT_CASE(state_name_of_what_is_no_state_is_a_question_mark),
	KUNIT_CASE(state_numbers_are_those_of_the_abi),
	{}
};

static struct kunit_suite state_suite = {
	.name = "amfs_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
