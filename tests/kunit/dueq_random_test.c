// SPDX-License-Identifier: GPL-2.0
/*
 * The due queue in long pseudo-random runs beside a model that searches an
 * array. The seed is part of the test's name.
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/prandom.h>

#include "dueq_shape.h"

#define SLOTS	64
#define STEPS	5000

struct run {
	struct kunit *test;
	struct rnd_state random;
	struct amfs_dueq queue;
	struct amfs_due nodes[SLOTS];
	bool queued[SLOTS];
	u64 when[SLOTS];
	unsigned int count;
	unsigned int done[3];
};

static u32 below(struct run *run, u32 limit)
{
	return prandom_u32_state(&run->random) % limit;
}

/* Mostly a few times, so that many are equal; now and then an extreme. */
static u64 some_time(struct run *run)
{
	switch (below(run, 16)) {
	case 0:
		return U64_MAX - below(run, 3);
	case 1:
		return 0;
	default:
		return below(run, 40);
	}
}

static void random_add(struct run *run)
{
	u32 slot = below(run, SLOTS);
	u64 when = some_time(run);

	if (run->queued[slot])
		return;
	amfs_dueq_add(&run->queue, &run->nodes[slot], when);
	run->queued[slot] = true;
	run->when[slot] = when;
	run->count++;
	run->done[0]++;
}

static void random_del(struct run *run)
{
	u32 slot = below(run, SLOTS);

	amfs_dueq_del(&run->queue, &run->nodes[slot]);
	run->done[1] += run->queued[slot];
	run->count -= run->queued[slot];
	run->queued[slot] = false;
}

static bool model_first(const struct run *run, u64 *when)
{
	bool found = false;
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (run->queued[i] && (!found || run->when[i] < *when)) {
			*when = run->when[i];
			found = true;
		}
	}
	return found;
}

static void random_take(struct run *run)
{
	u64 now = some_time(run), first = 0;
	bool due = model_first(run, &first) && first <= now;
	struct amfs_due *node = amfs_dueq_take(&run->queue, now);
	long slot = node - run->nodes;

	KUNIT_ASSERT_EQ(run->test, !!node, due);
	if (!node)
		return;
	KUNIT_ASSERT_TRUE(run->test, run->queued[slot]);
	KUNIT_ASSERT_EQ(run->test, run->when[slot], first);
	run->queued[slot] = false;
	run->count--;
	run->done[2]++;
}

static void random_step(struct run *run)
{
	switch (below(run, 4)) {
	case 0:
	case 1:
		random_add(run);
		break;
	case 2:
		random_del(run);
		break;
	case 3:
		random_take(run);
		break;
	}
}

static void check_run(struct run *run, int step)
{
	int i;

	KUNIT_ASSERT_STREQ_MSG(run->test, dueq_fault(&run->queue, run->count), "", "step %d", step);
	for (i = 0; i < SLOTS; i++)
		if (amfs_due_queued(&run->nodes[i]) != run->queued[i])
			KUNIT_ASSERT_FAILURE(run->test, "step %d: node %d", step, i);
}

static void dueq_random_run_agrees_with_a_naive_model(struct kunit *test)
{
	u32 seed = *(const u32 *)test->param_value;
	struct run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);
	int step;

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->test = test;
	prandom_seed_state(&run->random, seed);

	for (step = 0; step < STEPS; step++) {
		random_step(run);
		check_run(run, step);
	}

	KUNIT_EXPECT_STREQ(test, dueq_drain(&run->queue, run->count), "");
	KUNIT_EXPECT_GT(test, min3(run->done[0], run->done[1], run->done[2]), STEPS / 20U);
}

static const u32 seeds[] = { 1, 2, 3, 20231, 0xdecade, U32_MAX };

static void describe_seed(const u32 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u", *seed);
}

KUNIT_ARRAY_PARAM(seed, seeds, describe_seed);

static struct kunit_case dueq_random_cases[] = {
	KUNIT_CASE_PARAM(dueq_random_run_agrees_with_a_naive_model, seed_gen_params),
	{}
};

static struct kunit_suite dueq_random_suite = {
	.name = "amfs_dueq_random",
	.test_cases = dueq_random_cases,
};

kunit_test_suite(dueq_random_suite);
