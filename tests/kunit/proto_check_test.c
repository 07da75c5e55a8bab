// SPDX-License-Identifier: GPL-2.0
/*
 * What a daemon hands in: what all kinds of structures have in common. One
 * valid one of each kind, then size, version, flags and spare words malformed
 * one at a time.
 */
#include <kunit/test.h>
#include <linux/amfs.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "core/proto.h"

/* --- one of each ---------------------------------------------------------- */

static const struct amfs_bind valid_bind = {
	.size = sizeof(valid_bind), .version = AMFS_VERSION, .map = "home",
};

static const struct amfs_release valid_release = {
	.size = sizeof(valid_release), .version = AMFS_VERSION,
};

static const struct amfs_target valid_target = {
	.size = sizeof(valid_target), .version = AMFS_VERSION, .id = 1, .mnt_fd = 3,
};

static const struct amfs_done valid_done = {
	.size = sizeof(valid_done), .version = AMFS_VERSION, .id = 1, .mnt_fd = 3,
};

static const struct amfs_expire valid_expire = {
	.size = sizeof(valid_expire), .version = AMFS_VERSION, .flags = AMFS_EXPIRE_DUE,
	.map = "home",
};

static const struct amfs_list valid_list = {
	.size = sizeof(valid_list), .version = AMFS_VERSION, .what = AMFS_LIST_KEYS,
	.buf_len = 4096,
};

static const struct amfs_keys valid_keys = {
	.size = sizeof(valid_keys), .version = AMFS_VERSION, .op = AMFS_KEYS_ADD,
	.map = "home",
};

static int check_bind(const void *s)	{ return amfs_proto_check_bind(s); }
static int check_release(const void *s)	{ return amfs_proto_check_release(s); }
static int check_target(const void *s)	{ return amfs_proto_check_target(s); }
static int check_done(const void *s)	{ return amfs_proto_check_done(s); }
static int check_expire(const void *s)	{ return amfs_proto_check_expire(s); }
static int check_list(const void *s)	{ return amfs_proto_check_list(s); }
static int check_keys(const void *s)	{ return amfs_proto_check_keys(s); }

/**
 * struct form - one kind of structure, in words of 32 bits
 * @name: of the kind.
 * @check: what is tested.
 * @valid: one that is right.
 * @size: its bytes.
 * @flags: word with the flags, 0 for none.
 * @known: flags that are right by themselves.
 * @spare: first spare word.
 * @spares: how many there are.
 * @out: first word that the kernel writes and doesn't read.
 * @outs: how many there are.
 */
struct form {
	const char *name;
	int (*check)(const void *s);
	const void *valid;
	u32 size;
	u32 flags;
	u32 known;
	u32 spare;
	u32 spares;
	u32 out;
	u32 outs;
};

#define WORD(_type, _field)	(offsetof(struct amfs_##_type, _field) / 4)
#define WORDS(_type, _field)	(sizeof_field(struct amfs_##_type, _field) / 4)
#define A_FORM(_type)				\
	.name = #_type,				\
	.check = check_##_type,			\
	.valid = &valid_##_type,		\
	.size = sizeof(struct amfs_##_type)

static const struct form forms[] = {
	{
		A_FORM(bind), .flags = WORD(bind, flags), .known = AMFS_BIND_ADOPT,
		.spare = WORD(bind, spare), .spares = WORDS(bind, spare),
		.out = WORD(bind, points), .outs = 2,
	}, {
		A_FORM(release), .flags = WORD(release, flags),
		.spare = WORD(release, spare), .spares = WORDS(release, spare),
	}, {
		A_FORM(target), .flags = WORD(target, flags),
		.known = AMFS_TARGET_PATH | AMFS_TARGET_TREE,
		.spare = WORD(target, spare), .spares = WORDS(target, spare),
		.out = WORD(target, fd), .outs = 1,
	}, {
		A_FORM(done), .flags = WORD(done, flags), .known = AMFS_DONE_ATTACH,
		.spare = WORD(done, spare), .spares = WORDS(done, spare),
	}, {
		/* one of them is set, so a second is as wrong as an unknown one */
		A_FORM(expire), .flags = WORD(expire, flags), .known = AMFS_EXPIRE_DUE,
		.out = WORD(expire, chosen), .outs = 4,
	}, {
		A_FORM(list),
		.spare = WORD(list, spare), .spares = WORDS(list, spare),
		.out = WORD(list, used), .outs = 1,
	}, {
		A_FORM(keys), .flags = WORD(keys, flags), .known = AMFS_KEYS_REPLACE,
		.spare = WORD(keys, spare), .spares = WORDS(keys, spare),
		.out = WORD(keys, done), .outs = 1,
	},
};

static void describe_form(const struct form *form, char *desc)
{
	strscpy(desc, form->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(form, forms, describe_form);

/* A copy of the valid one, in memory that ends where it ends. */
static u32 *copy_of(struct kunit *test, const struct form *form)
{
	u32 *words = kunit_kmalloc(test, form->size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, words);
	memcpy(words, form->valid, form->size);
	return words;
}

/* --- what all have in common ---------------------------------------------- */

static void proto_valid_one_is_accepted(struct kunit *test)
{
	const struct form *form = test->param_value;

	KUNIT_EXPECT_EQ(test, form->check(copy_of(test, form)), 0);
}

static void proto_every_smaller_size_is_einval(struct kunit *test)
{
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form);

	for (words[0] = 0; words[0] < form->size; words[0]++)
		KUNIT_EXPECT_EQ_MSG(test, form->check(words), -EINVAL, "size %u", words[0]);
}

static void proto_larger_size_is_accepted(struct kunit *test)
{
	static const u32 more[] = { 1, 4, 8, 4096 };
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form);
	int i;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		words[0] = form->size + more[i];
		KUNIT_EXPECT_EQ(test, form->check(words), 0);
	}
	words[0] = U32_MAX;
	KUNIT_EXPECT_EQ(test, form->check(words), 0);
}

static void proto_other_version_is_eproto_whatever_the_size(struct kunit *test)
{
	static const u32 bad[] = { 0, AMFS_VERSION + 1, AMFS_VERSION << 16, U32_MAX };
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form);
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		words[1] = bad[i];
		words[0] = form->size;
		KUNIT_EXPECT_EQ(test, form->check(words), -EPROTO);
		words[0] = 8;
		KUNIT_EXPECT_EQ(test, form->check(words), -EPROTO);
	}
}

static void proto_every_unknown_flag_is_einval(struct kunit *test)
{
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form), old = words[form->flags], known = 0;
	int bit;

	for (bit = 0; form->flags && bit < 32; bit++) {
		bool right = form->known & BIT(bit);

		words[form->flags] = old | BIT(bit);
		KUNIT_EXPECT_EQ_MSG(test, form->check(words), right ? 0 : -EINVAL, "bit %d", bit);
		known += right;
	}
	KUNIT_EXPECT_EQ(test, known, (u32)hweight32(form->known));
}

static void proto_every_bit_of_every_spare_word_is_einval(struct kunit *test)
{
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form), word;
	int bit;

	for (word = form->spare; word < form->spare + form->spares; word++) {
		for (bit = 0; bit < 32; bit++) {
			words[word] = BIT(bit);
			KUNIT_EXPECT_EQ_MSG(test, form->check(words), -EINVAL,
					    "word %u, bit %d", word, bit);
		}
		words[word] = 0;
		KUNIT_EXPECT_EQ(test, form->check(words), 0);
	}
}

static void proto_what_the_kernel_writes_may_hold_anything(struct kunit *test)
{
	const struct form *form = test->param_value;
	u32 *words = copy_of(test, form);

	memset(words + form->out, 0xff, 4 * form->outs);
	KUNIT_EXPECT_EQ(test, form->check(words), 0);
}

/* A tree is never mounted by path. */
static void proto_target_flags_exclude_each_other(struct kunit *test)
{
	struct amfs_target target = valid_target;

	target.flags = AMFS_TARGET_PATH | AMFS_TARGET_TREE;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_target(&target), -EINVAL);
}

/* Seven kinds of structures have 15 spare words between them. */
static void proto_forms_are_complete(struct kunit *test)
{
	u32 spares = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		spares += forms[i].spares;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(forms), (size_t)7);
	KUNIT_EXPECT_EQ(test, spares, 3U + 1 + 5 + 1 + 0 + 3 + 2);
}

static void proto_head_is_checked_against_the_known_size(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(16, AMFS_VERSION, 16), 0);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(17, AMFS_VERSION, 16), 0);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(15, AMFS_VERSION, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(0, AMFS_VERSION, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(16, 0, 16), -EPROTO);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_head(16, 2, 16), -EPROTO);
}

static struct kunit_case proto_check_cases[] = {
	KUNIT_CASE_PARAM(proto_valid_one_is_accepted, form_gen_params),
	KUNIT_CASE_PARAM(proto_every_smaller_size_is_einval, form_gen_params),
	KUNIT_CASE_PARAM(proto_larger_size_is_accepted, form_gen_params),
	KUNIT_CASE_PARAM(proto_other_version_is_eproto_whatever_the_size, form_gen_params),
	KUNIT_CASE_PARAM(proto_every_unknown_flag_is_einval, form_gen_params),
	KUNIT_CASE_PARAM(proto_every_bit_of_every_spare_word_is_einval, form_gen_params),
	KUNIT_CASE_PARAM(proto_what_the_kernel_writes_may_hold_anything, form_gen_params),
	KUNIT_CASE(proto_target_flags_exclude_each_other),
	KUNIT_CASE(proto_forms_are_complete),
	KUNIT_CASE(proto_head_is_checked_against_the_known_size),
	{}
};

static struct kunit_suite proto_check_suite = {
	.name = "amfs_proto_check",
	.test_cases = proto_check_cases,
};

kunit_test_suite(proto_check_suite);
