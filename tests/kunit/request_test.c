// SPDX-License-Identifier: GPL-2.0
/*
 * The table of pending requests: join or make, end once, deadlines by a clock
 * that only the test moves.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "request_keys.h"

#define CREATED		1000
#define LIFETIME	60

/* Join with a request for keys[@key], made at CREATED. */
static struct amfs_req *join(struct kunit *test, struct amfs_req *req, int key, u64 lifetime)
{
	amfs_req_init(req, &request_keys[key]);
	return amfs_reqtab_join(test->priv, req, CREATED, lifetime);
}

static void reqtab_init_makes_it_empty(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	int i;

	KUNIT_EXPECT_EQ(test, tab->count, 0U);
	KUNIT_EXPECT_NULL(test, amfs_reqtab_any(tab));
	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, U64_MAX));
	for (i = 0; i < KEYS; i++)
		KUNIT_EXPECT_NULL(test, amfs_reqtab_find(tab, &request_keys[i]));
}

static void req_init_makes_it_nowhere(struct kunit *test)
{
	struct amfs_req req;

	memset(&req, 0xa5, sizeof(req));
	amfs_req_init(&req, &request_keys[KEY_BASE]);

	KUNIT_EXPECT_EQ(test, memcmp(&req.key, &request_keys[KEY_BASE], sizeof(req.key)), 0);
	KUNIT_EXPECT_FALSE(test, req.pending);
	KUNIT_EXPECT_FALSE(test, req.again);
	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&req.deadline));
	KUNIT_EXPECT_EQ(test, req.error, 0);
	KUNIT_EXPECT_EQ(test, req.id, 0ULL);
	KUNIT_EXPECT_EQ(test, (int)req.place, (int)AMFS_REQ_NOWHERE);
	KUNIT_EXPECT_TRUE(test, list_empty(&req.in_queue));
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&req.by_key) && hlist_unhashed(&req.by_id));
}

/* --- join ----------------------------------------------------------------- */

static void reqtab_join_makes_a_request_when_there_is_none(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req req;

	KUNIT_EXPECT_PTR_EQ(test, join(test, &req, KEY_BASE, LIFETIME), &req);

	KUNIT_EXPECT_TRUE(test, req.pending);
	KUNIT_EXPECT_EQ(test, req.created, (u64)CREATED);
	KUNIT_EXPECT_EQ(test, req.deadline.when, (u64)CREATED + LIFETIME);
	KUNIT_EXPECT_EQ(test, tab->count, 1U);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_find(tab, &request_keys[KEY_BASE]), &req);
}

static void reqtab_join_finds_the_pending_one_and_leaves_the_fresh_alone(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req first, second;

	join(test, &first, KEY_BASE, LIFETIME);
	KUNIT_EXPECT_PTR_EQ(test, join(test, &second, KEY_BASE, LIFETIME), &first);

	KUNIT_EXPECT_EQ(test, tab->count, 1U);
	KUNIT_EXPECT_FALSE(test, second.pending);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&second.by_key));
	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&second.deadline));
}

static void reqtab_name_is_compared_by_its_bytes_not_its_place(struct kunit *test)
{
	struct amfs_req_key copy = request_keys[KEY_BASE];
	char name[] = { 'h', 'o', 'm', 'e', 's' };
	struct amfs_req first, second;

	copy.name = name;
	join(test, &first, KEY_BASE, 0);
	amfs_req_init(&second, &copy);

	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_join(test->priv, &second, 0, 0), &first);
}

static void reqtab_long_names_differ_in_their_last_byte(struct kunit *test)
{
	static char names[2][255];
	struct amfs_req_key key[2];
	struct amfs_req req[2];
	int i;

	memset(names, 0xff, sizeof(names));
	names[1][254] = 0;
	for (i = 0; i < 2; i++) {
		key[i] = request_keys[KEY_BASE];
		key[i].name = names[i];
		key[i].len = 255;
		amfs_req_init(&req[i], &key[i]);
		KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_join(test->priv, &req[i], 0, 0), &req[i]);
	}

	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_find(test->priv, &key[0]), &req[0]);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_find(test->priv, &key[1]), &req[1]);
}

/* Each pair of keys, in each order: shared when it is the same key only. */
static void reqtab_only_equal_keys_share_a_request(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	int a, b, shared = 0, apart = 0;

	for (a = 0; a < KEYS; a++) {
		for (b = 0; b < KEYS; b++) {
			struct amfs_req first, second;
			struct amfs_req *got;

			join(test, &first, a, LIFETIME);
			got = join(test, &second, b, LIFETIME);

			KUNIT_EXPECT_PTR_EQ_MSG(test, got, a == b ? &first : &second,
						"key %d after key %d", b, a);
			shared += got == &first && tab->count == 1;
			apart += got == &second && tab->count == 2;
			amfs_reqtab_end(tab, &first, 0);
			amfs_reqtab_end(tab, &second, 0);
		}
	}
	KUNIT_EXPECT_EQ(test, shared, KEYS);
	KUNIT_EXPECT_EQ(test, apart, KEYS * (KEYS - 1));
	KUNIT_EXPECT_EQ(test, tab->count, 0U);
}

static void reqtab_mount_and_expire_of_one_name_end_apart(struct kunit *test)
{
	struct amfs_req mount, expire;

	join(test, &mount, KEY_BASE, LIFETIME);
	join(test, &expire, KEY_OTHER_KIND, LIFETIME);
	KUNIT_EXPECT_TRUE(test, amfs_reqtab_end(test->priv, &expire, -EBUSY));

	KUNIT_EXPECT_TRUE(test, mount.pending);
	KUNIT_EXPECT_FALSE(test, expire.pending);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_find(test->priv, &request_keys[KEY_BASE]), &mount);
	KUNIT_EXPECT_NULL(test, amfs_reqtab_find(test->priv, &request_keys[KEY_OTHER_KIND]));
}

/* --- end ------------------------------------------------------------------ */

static void reqtab_end_is_true_once_and_keeps_the_first_error(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req req;

	join(test, &req, KEY_BASE, LIFETIME);

	KUNIT_EXPECT_TRUE(test, amfs_reqtab_end(tab, &req, -EIO));
	KUNIT_EXPECT_FALSE(test, amfs_reqtab_end(tab, &req, -ETIMEDOUT));
	KUNIT_EXPECT_FALSE(test, amfs_reqtab_end(tab, &req, 0));
	KUNIT_EXPECT_EQ(test, req.error, -EIO);
	KUNIT_EXPECT_FALSE(test, req.pending);
	KUNIT_EXPECT_EQ(test, tab->count, 0U);
}

static void reqtab_end_of_a_request_that_never_was_pending_is_false(struct kunit *test)
{
	struct amfs_req first, second;

	join(test, &first, KEY_BASE, LIFETIME);
	join(test, &second, KEY_BASE, LIFETIME);

	KUNIT_EXPECT_FALSE(test, amfs_reqtab_end(test->priv, &second, -EIO));
	KUNIT_EXPECT_TRUE(test, first.pending);
	KUNIT_EXPECT_EQ(test, second.error, 0);
}

static void reqtab_asking_again_after_the_end_makes_a_new_one(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req first, second;

	join(test, &first, KEY_BASE, LIFETIME);
	amfs_reqtab_end(tab, &first, -EIO);

	KUNIT_EXPECT_PTR_EQ(test, join(test, &second, KEY_BASE, LIFETIME), &second);
	KUNIT_EXPECT_FALSE(test, amfs_reqtab_end(tab, &first, 0));
	KUNIT_EXPECT_EQ(test, first.error, -EIO);
	KUNIT_EXPECT_TRUE(test, second.pending);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_find(tab, &request_keys[KEY_BASE]), &second);
}

/* --- deadlines ------------------------------------------------------------ */

static void reqtab_request_is_overdue_from_created_plus_lifetime_on(struct kunit *test)
{
	static const u64 late[] = { 0, 1, 1000000 };
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req req;
	int i;

	for (i = 0; i < ARRAY_SIZE(late); i++) {
		join(test, &req, KEY_BASE, LIFETIME);

		KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, 0));
		KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, CREATED));
		KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, CREATED + LIFETIME - 1));
		KUNIT_EXPECT_PTR_EQ(test,
				    amfs_reqtab_overdue(tab, CREATED + LIFETIME + late[i]), &req);
		amfs_reqtab_end(tab, &req, -ETIMEDOUT);
	}
}

static void reqtab_shortest_lifetime_ends_one_tick_later(struct kunit *test)
{
	struct amfs_req req;

	join(test, &req, KEY_BASE, 1);

	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(test->priv, CREATED));
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_overdue(test->priv, CREATED + 1), &req);
}

static void reqtab_lifetime_zero_has_no_deadline(struct kunit *test)
{
	struct amfs_req req;

	join(test, &req, KEY_BASE, 0);

	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&req.deadline));
	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(test->priv, U64_MAX));
	KUNIT_EXPECT_TRUE(test, req.pending);
	KUNIT_EXPECT_TRUE(test, amfs_reqtab_end(test->priv, &req, 0));
}

static void reqtab_overdue_request_is_given_once_and_stays_pending(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req req, other;

	join(test, &req, KEY_BASE, LIFETIME);
	KUNIT_ASSERT_PTR_EQ(test, amfs_reqtab_overdue(tab, CREATED + LIFETIME), &req);

	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, U64_MAX));
	KUNIT_EXPECT_TRUE(test, req.pending);
	KUNIT_EXPECT_EQ(test, tab->count, 1U);
	KUNIT_EXPECT_PTR_EQ(test, join(test, &other, KEY_BASE, LIFETIME), &req);
	KUNIT_EXPECT_TRUE(test, amfs_reqtab_end(tab, &req, -ETIMEDOUT));
	KUNIT_EXPECT_FALSE(test, amfs_reqtab_end(tab, &req, 0));
	KUNIT_EXPECT_EQ(test, req.error, -ETIMEDOUT);
}

static void reqtab_answered_request_is_never_overdue(struct kunit *test)
{
	struct amfs_req req;

	join(test, &req, KEY_BASE, LIFETIME);
	amfs_reqtab_end(test->priv, &req, 0);

	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(test->priv, U64_MAX));
	KUNIT_EXPECT_FALSE(test, amfs_due_queued(&req.deadline));
}

static void reqtab_joiner_does_not_move_the_deadline(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req first, second;

	join(test, &first, KEY_BASE, LIFETIME);
	amfs_req_init(&second, &request_keys[KEY_BASE]);
	amfs_reqtab_join(tab, &second, CREATED + LIFETIME - 1, 10 * LIFETIME);

	KUNIT_EXPECT_EQ(test, first.created, (u64)CREATED);
	KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_overdue(tab, CREATED + LIFETIME), &first);
	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, U64_MAX));
}

static void reqtab_overdue_requests_come_in_the_order_of_their_deadlines(struct kunit *test)
{
	static const int rank[] = { 5, 0, 8, 3, 7, 1, 9, 6, 2, 4 };
	struct amfs_reqtab *tab = test->priv;
	struct amfs_req *req = kunit_kcalloc(test, KEYS, sizeof(*req), GFP_KERNEL);
	int i, j;

	BUILD_BUG_ON(ARRAY_SIZE(rank) != KEYS);
	KUNIT_ASSERT_NOT_NULL(test, req);
	for (i = 0; i < KEYS; i++)
		join(test, &req[i], i, LIFETIME + rank[i]);

	for (i = 0; i < KEYS; i++) {
		for (j = 0; rank[j] != i; j++)
			;
		KUNIT_EXPECT_PTR_EQ(test, amfs_reqtab_overdue(tab, U64_MAX), &req[j]);
	}
	KUNIT_EXPECT_NULL(test, amfs_reqtab_overdue(tab, U64_MAX));
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(reqtab_init_makes_it_empty),
	KUNIT_CASE(req_init_makes_it_nowhere),
	KUNIT_CASE(reqtab_join_makes_a_request_when_there_is_none),
	KUNIT_CASE(reqtab_join_finds_the_pending_one_and_leaves_the_fresh_alone),
	KUNIT_CASE(reqtab_name_is_compared_by_its_bytes_not_its_place),
	KUNIT_CASE(reqtab_long_names_differ_in_their_last_byte),
	KUNIT_CASE(reqtab_only_equal_keys_share_a_request),
	KUNIT_CASE(reqtab_mount_and_expire_of_one_name_end_apart),
	KUNIT_CASE(reqtab_end_is_true_once_and_keeps_the_first_error),
	KUNIT_CASE(reqtab_end_of_a_request_that_never_was_pending_is_false),
	KUNIT_CASE(reqtab_asking_again_after_the_end_makes_a_new_one),
	KUNIT_CASE(reqtab_request_is_overdue_from_created_plus_lifetime_on),
	KUNIT_CASE(reqtab_shortest_lifetime_ends_one_tick_later),
	KUNIT_CASE(reqtab_lifetime_zero_has_no_deadline),
	KUNIT_CASE(reqtab_overdue_request_is_given_once_and_stays_pending),
	KUNIT_CASE(reqtab_answered_request_is_never_overdue),
	KUNIT_CASE(reqtab_joiner_does_not_move_the_deadline),
	KUNIT_CASE(reqtab_overdue_requests_come_in_the_order_of_their_deadlines),
	{}
};

static struct kunit_suite request_suite = {
	.name = "amfs_reqtab",
	.init = request_make_table,
	.test_cases = request_cases,
};

kunit_test_suite(request_suite);
