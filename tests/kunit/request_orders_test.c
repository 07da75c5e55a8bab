// SPDX-License-Identifier: GPL-2.0
/*
 * Join-or-create under every order: each of a few actors joins with its key
 * and later ends what it joined; every interleaving of them, with every choice
 * of keys, beside a model that knows which request is pending for which key.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "request_keys.h"

#define MAX_ACTORS	4
#define MAX_STEPS	(2 * MAX_ACTORS)
#define MAX_SCHEDULES	2520	/* 8! / 2!^4 */

struct schedule {
	u8 actor[MAX_STEPS];
};

struct actor {
	int key;
	char name[8];
	struct amfs_req req;
	struct amfs_req *joined;
};

/**
 * struct play - one run, and the model of it
 * @tab: what is tested.
 * @actors: how many there are.
 * @actor: the actors.
 * @pending: model: the request that is pending for a key.
 * @count: model: how many are.
 * @made: requests that a join added.
 * @ended: ends that were the first.
 * @schedules: how many there are.
 * @schedule: every interleaving of the actors' steps.
 */
struct play {
	struct amfs_reqtab *tab;
	int actors;
	struct actor actor[MAX_ACTORS];
	struct amfs_req *pending[KEYS];
	u32 count;
	int made;
	int ended;
	int schedules;
	struct schedule schedule[MAX_SCHEDULES];
};

/* --- schedules ------------------------------------------------------------ */

/* Is @code, read in base @actors, a sequence with each actor twice? */
static bool decode(u32 code, int actors, struct schedule *schedule)
{
	int steps[MAX_ACTORS] = {}, i;

	for (i = 0; i < 2 * actors; i++) {
		schedule->actor[i] = code % actors;
		if (++steps[code % actors] > 2)
			return false;
		code /= actors;
	}
	return true;
}

static void make_schedules(struct play *play, int actors)
{
	u32 code, codes = 1;
	int i;

	for (i = 0; i < 2 * actors; i++)
		codes *= actors;
	play->actors = actors;
	play->schedules = 0;
	for (code = 0; code < codes && play->schedules < MAX_SCHEDULES; code++)
		play->schedules += decode(code, actors, &play->schedule[play->schedules]);
}

/* --- one run -------------------------------------------------------------- */

/* Each actor has a copy of its key's name, so that only bytes can match. */
static void enter(struct actor *actor, int key)
{
	struct amfs_req_key own = request_keys[key];

	memcpy(actor->name, own.name, own.len);
	own.name = actor->name;
	amfs_req_init(&actor->req, &own);
	actor->key = key;
	actor->joined = NULL;
}

static const char *step_join(struct play *play, struct actor *actor)
{
	struct amfs_req *there = play->pending[actor->key];

	actor->joined = amfs_reqtab_join(play->tab, &actor->req, 0, 1 + actor->key);
	if (actor->joined != (there ? there : &actor->req))
		return "joined a wrong request";
	if (actor->req.pending == !!there)
		return "a spare request is pending, or the new one isn't";
	if (!there) {
		play->pending[actor->key] = &actor->req;
		play->count++;
		play->made++;
	}
	return "";
}

static const char *step_end(struct play *play, struct actor *actor)
{
	struct amfs_req *req = actor->joined;
	bool first = play->pending[actor->key] == req;
	int error = first ? -1 - (int)(actor - play->actor) : req->error;

	if (amfs_reqtab_end(play->tab, req, -1 - (int)(actor - play->actor)) != first)
		return first ? "the first end lost" : "ended twice";
	if (req->pending || req->error != error)
		return "not the first end's error";
	if (first) {
		play->pending[actor->key] = NULL;
		play->count--;
		play->ended++;
	}
	return "";
}

static const char *compare(const struct play *play)
{
	int i;

	if (play->tab->count != play->count)
		return "the count is wrong";
	for (i = 0; i < play->actors; i++) {
		const struct actor *actor = &play->actor[i];

		if (amfs_reqtab_find(play->tab, &actor->req.key) != play->pending[actor->key])
			return "not exactly the pending request is found";
	}
	return "";
}

static const char *run_schedule(struct play *play, const struct schedule *schedule)
{
	const char *fault = "";
	int i;

	for (i = 0; i < 2 * play->actors && !*fault; i++) {
		struct actor *actor = &play->actor[schedule->actor[i]];

		fault = actor->joined ? step_end(play, actor) : step_join(play, actor);
		if (!*fault)
			fault = compare(play);
	}
	return fault;
}

/* What is left when everybody has ended what they joined. */
static const char *epilogue(const struct play *play)
{
	if (play->count || play->tab->count || amfs_reqtab_any(play->tab))
		return "a request is left";
	if (amfs_reqtab_overdue(play->tab, U64_MAX))
		return "a deadline is left";
	return play->made == play->ended ? "" : "not each request ended exactly once";
}

/* --- all of them ---------------------------------------------------------- */

/* Actor i has the key that digit i of @choice, in base @keys, stands for. */
static void enter_all(struct play *play, int choice, const int *key, int keys)
{
	int i;

	for (i = 0; i < play->actors; i++) {
		enter(&play->actor[i], key[choice % keys]);
		choice /= keys;
	}
}

/* Run every schedule with every choice of keys; how many runs that were. */
static int run_all(struct kunit *test, int actors, const int *key, int keys)
{
	struct play *play = kunit_kzalloc(test, sizeof(*play), GFP_KERNEL);
	int choice, choices = 1, nth, runs = 0;

	KUNIT_ASSERT_NOT_NULL(test, play);
	play->tab = test->priv;
	make_schedules(play, actors);
	for (nth = 0; nth < actors; nth++)
		choices *= keys;

	for (choice = 0; choice < choices; choice++) {
		for (nth = 0; nth < play->schedules; nth++) {
			enter_all(play, choice, key, keys);
			KUNIT_ASSERT_STREQ_MSG(test, run_schedule(play, &play->schedule[nth]), "",
					       "keys %d, schedule %d", choice, nth);
			KUNIT_ASSERT_STREQ_MSG(test, epilogue(play), "",
					       "keys %d, schedule %d", choice, nth);
			runs++;
		}
	}
	kunit_info(test, "%d runs, %d requests made, %d ended", runs, play->made, play->ended);
	return runs;
}

static const int any_key[] = {
	KEY_BASE, KEY_OTHER_NAME, KEY_PREFIX, KEY_LONGER, KEY_NUL_INSIDE, KEY_AFTER_NUL,
	KEY_OTHER_KIND, KEY_OTHER_CASE, KEY_SAME_BUCKET, KEY_OTHER_BUCKET,
};

static void reqtab_two_actors_with_any_keys_in_every_order(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_all(test, 2, any_key, KEYS), 6 * 100);
}

static void reqtab_three_actors_with_any_keys_in_every_order(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_all(test, 3, any_key, KEYS), 90 * 1000);
}

static void reqtab_four_actors_that_mount_and_expire_in_every_order(struct kunit *test)
{
	static const int key[] = { KEY_BASE, KEY_OTHER_KIND };

	KUNIT_EXPECT_EQ(test, run_all(test, 4, key, ARRAY_SIZE(key)), 2520 * 16);
}

static void reqtab_four_actors_with_colliding_names_in_every_order(struct kunit *test)
{
	static const int key[] = { KEY_BASE, KEY_PREFIX };

	KUNIT_EXPECT_EQ(test, run_all(test, 4, key, ARRAY_SIZE(key)), 2520 * 16);
}

/* --- an answer against the clock ------------------------------------------ */

#define DEADLINE	10

/*
 * The daemon answers at @answer, the deadline ends what is overdue on every
 * tick; how many ends were the first.
 */
static int race_the_clock(struct amfs_reqtab *tab, struct amfs_req *req, int answer)
{
	int now, wins = 0;

	amfs_req_init(req, &request_keys[KEY_BASE]);
	amfs_reqtab_join(tab, req, 0, DEADLINE);
	for (now = 0; now <= 2 * DEADLINE; now++) {
		struct amfs_req *overdue = amfs_reqtab_overdue(tab, now);

		if (overdue)
			wins += amfs_reqtab_end(tab, overdue, -ETIMEDOUT);
		if (now == answer)
			wins += amfs_reqtab_end(tab, req, -EIO);
	}
	return wins;
}

static void reqtab_answer_and_deadline_end_it_once_at_every_time(struct kunit *test)
{
	struct amfs_reqtab *tab = test->priv;
	int answer, answered = 0, timed_out = 0;
	struct amfs_req req;

	for (answer = 0; answer <= 2 * DEADLINE; answer++) {
		KUNIT_EXPECT_EQ(test, race_the_clock(tab, &req, answer), 1);
		KUNIT_EXPECT_EQ(test, req.error, answer < DEADLINE ? -EIO : -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, tab->count, 0U);
		answered += req.error == -EIO;
		timed_out += req.error == -ETIMEDOUT;
	}

	KUNIT_EXPECT_EQ(test, answered, DEADLINE);
	KUNIT_EXPECT_EQ(test, timed_out, DEADLINE + 1);
}

static struct kunit_case request_orders_cases[] = {
	KUNIT_CASE(reqtab_two_actors_with_any_keys_in_every_order),
	KUNIT_CASE(reqtab_three_actors_with_any_keys_in_every_order),
	KUNIT_CASE(reqtab_four_actors_that_mount_and_expire_in_every_order),
	KUNIT_CASE(reqtab_four_actors_with_colliding_names_in_every_order),
	KUNIT_CASE(reqtab_answer_and_deadline_end_it_once_at_every_time),
	{}
};

static struct kunit_suite request_orders_suite = {
	.name = "amfs_reqtab_orders",
	.init = request_make_table,
	.test_cases = request_orders_cases,
};

kunit_test_suite(request_orders_suite);
