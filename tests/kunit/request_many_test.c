// SPDX-License-Identifier: GPL-2.0
/*
 * The table of pending requests with thousands of them.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "request_keys.h"

#define MANY		3000
#define CHAIN		300	/* in one bucket */
#define LIFETIME	60

struct crowd {
	struct amfs_req req[MANY];
	char name[MANY][8];
};

static struct crowd *join_crowd(struct kunit *test, int count, u32 hash_step)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < count; i++) {
		struct amfs_req_key key = request_keys[KEY_BASE];

		key.name = crowd->name[i];
		key.len = snprintf(crowd->name[i], sizeof(crowd->name[i]), "%d", i);
		key.hash = i * hash_step;
		amfs_req_init(&crowd->req[i], &key);
		KUNIT_ASSERT_PTR_EQ(test,
				    amfs_reqtab_join(test->priv, &crowd->req[i], i, LIFETIME),
				    &crowd->req[i]);
	}
	return crowd;
}

static void reqtab_thousands_of_names_are_each_found(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct crowd *crowd = join_crowd(test, MANY, 0x9e3779b1);
	int i;

	KUNIT_EXPECT_EQ(test, tab->count, (u32)MANY);
	for (i = 0; i < MANY; i++)
		KUNIT_ASSERT_PTR_EQ(test, amfs_reqtab_find(tab, &crowd->req[i].key),
				    &crowd->req[i]);
}

static void reqtab_hundreds_in_one_chain_are_each_found(struct kunit *test)
{
	struct crowd *crowd = join_crowd(test, CHAIN, 0);
	int i;

	for (i = 0; i < CHAIN; i++)
		KUNIT_ASSERT_PTR_EQ(test, amfs_reqtab_find(test->priv, &crowd->req[i].key),
				    &crowd->req[i]);
}

static void reqtab_any_gives_each_of_thousands_until_empty(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req *req;
	int ended = 0;

	join_crowd(test, MANY, 1);
	while ((req = amfs_reqtab_any(tab))) {
		KUNIT_ASSERT_TRUE(test, amfs_reqtab_end(tab, req, -ESHUTDOWN));
		ended++;
	}

	KUNIT_EXPECT_EQ(test, ended, MANY);
	KUNIT_EXPECT_EQ(test, tab->count, 0U);
	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, U64_MAX));
}

static void reqtab_any_finds_one_in_the_first_and_the_last_bucket(struct kunit *test)
{
	static const u32 hashes[] = { 0, AMFS_REQ_BUCKETS - 1, U32_MAX };
	struct amfs_req_key key = request_keys[KEY_BASE];
	struct amfs_req req;
	int i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		key.hash = hashes[i];
		amfs_req_init(&req, &key);
		amfs_reqtab_join(test->priv, &req, 0, 0);

		KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_any(test->priv), &req);
		amfs_reqtab_end(test->priv, &req, 0);
	}
}

/* One tick after another, each request is overdue at its own time. */
static void reqtab_each_of_thousands_is_overdue_at_its_own_time(struct kunit *test)
{
	struct crowd *crowd = join_crowd(test, MANY, 1);
	int now;

	for (now = 0; now < MANY; now++) {
		KUNIT_ASSERT_NULL(test, amfs_reqtab_overdue(test->priv, now + LIFETIME - 1));
		KUNIT_ASSERT_PTR_EQ(test, amfs_reqtab_overdue(test->priv, now + LIFETIME),
				    &crowd->req[now]);
	}
}

static struct kunit_case request_many_cases[] = {
	KUNIT_CASE(reqtab_thousands_of_names_are_each_found),
	KUNIT_CASE(reqtab_hundreds_in_one_chain_are_each_found),
	KUNIT_CASE(reqtab_any_gives_each_of_thousands_until_empty),
	KUNIT_CASE(reqtab_any_finds_one_in_the_first_and_the_last_bucket),
	KUNIT_CASE(reqtab_each_of_thousands_is_overdue_at_its_own_time),
	{}
};

static struct kunit_suite request_many_suite = {
	.name = "amfs_reqtab_many",
	.init = request_make_table,
	.test_cases = request_many_cases,
};

kunit_test_suite(request_many_suite);
