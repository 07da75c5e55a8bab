// SPDX-License-Identifier: GPL-2.0
/* Records of in-kernel keys: every length, every string, every malformed one. */
#include <kunit/test.h>
#include <linux/string.h>

#include "proto.h"

/* One whole record and room behind it. */
struct sample {
	union {
		struct amfs_key_record head;
		char bytes[AMFS_KEY_RECORD_MAX + 8];
	};
};

static const char strings[] = "ann\0tmpfs\0none\0size=1m\0ro\0";

static struct sample *good(struct kunit *test)
{
	struct sample *sample = kunit_kzalloc(test, sizeof(*sample), GFP_KERNEL);
	const struct amfs_key_record head = {
		.timeout_s = AMFS_TIMEOUT_DEFAULT,
		.attr = AMFS_KEY_ATTR,
		.key_len = 3,
		.fstype_len = 5,
		.source_len = 4,
		.options_len = 11,
	};

	KUNIT_ASSERT_NOT_NULL(test, sample);
	KUNIT_ASSERT_EQ(test, amfs_proto_put_key(sample, sizeof(*sample), &head, strings),
			(u32)(sizeof(head) + 32));
	KUNIT_ASSERT_EQ(test, amfs_proto_check_key(&sample->head, true), 0);
	return sample;
}

static void proto_key_round_trip(struct kunit *test)
{
	struct sample *sample = good(test);
	u32 room;

	KUNIT_EXPECT_EQ(test, amfs_proto_key_data(&sample->head), (u32)sizeof(strings) - 1);
	KUNIT_EXPECT_EQ(test, memcmp(sample->head.data, strings, sizeof(strings) - 1), 0);
	for (room = 0; room < sample->head.size; room++)
		KUNIT_EXPECT_EQ(test, amfs_proto_put_key(sample->bytes + 4096, room, &sample->head,
							 strings), 0U);
}

static void proto_key_every_wrong_length_is_einval(struct kunit *test)
{
	struct sample *sample = good(test);
	u32 *const len[] = { &sample->head.key_len, &sample->head.fstype_len,
			     &sample->head.source_len, &sample->head.options_len,
			     &sample->head.size };
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		u32 right = *len[i];

		for (bit = 0; bit < 32; bit++) {
			*len[i] = right ^ 1U << bit;
			KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, true),
					    -EINVAL, "length %d bit %d", i, bit);
		}
		*len[i] = U32_MAX;
		KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), -EINVAL);
		*len[i] = right;
	}
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), 0);
}

/* A NUL in the middle, or none at the end. */
static void proto_key_every_displaced_nul_is_einval(struct kunit *test)
{
	struct sample *sample = good(test);
	size_t i;

	for (i = 0; i < sizeof(strings) - 1; i++) {
		char right = sample->head.data[i];

		/* "size=1m" may end early, but not be followed by an empty one. */
		if (i > 15 && i != 22 && right)
			continue;
		sample->head.data[i] = right ? 0 : 'x';
		/* Without the NUL between them two options are one. */
		if (!right && i == 22)
			KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), 0);
		else
			KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, true),
					    -EINVAL, "byte %zu", i);
		sample->head.data[i] = right;
	}
}

static void proto_key_names(struct kunit *test)
{
	static const char * const good_ones[] = {
		"a/b", "/aa", "/a/", "///", "/..", "...", "..a", "\xff\x01 "
	};
	static const char * const bad_ones[] = { "aa/", "a//", "./a", "a/.", "../", "..", "a" };
	struct sample *sample = good(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(bad_ones); i++) {
		strscpy(sample->head.data, bad_ones[i], 4);
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, true), -EINVAL,
				    "key %s", bad_ones[i]);
	}
	for (i = 0; i < ARRAY_SIZE(good_ones); i++) {
		memcpy(sample->head.data, good_ones[i], 3);
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, true), 0,
				    "key %s", good_ones[i]);
	}
}

/* Each component of a path, wherever it stands. */
static void proto_key_paths(struct kunit *test)
{
	static const struct {
		const char *key;
		int result;
	} table[] = {
		{ "a/b/c/d/e", 0 }, { ".../..a/.b", 0 }, { "aa/bb", 0 },
		{ "a/./b", -EINVAL }, { "a/../b", -EINVAL }, { "../a", -EINVAL },
		{ "a/b/..", -EINVAL }, { "a/b/.", -EINVAL }, { "a//b", -EINVAL },
		{ "a/b/", -EINVAL }, { "a/b//", -EINVAL }, { "/a//../b/", 0 },
	};
	struct sample *sample = good(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct amfs_key_record head = { .key_len = strlen(table[i].key) };
		char data[32] = "";

		strscpy(data, table[i].key, sizeof(data));
		amfs_proto_put_key(sample, sizeof(*sample), &head, data);
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, false),
				    table[i].result, "key %s", table[i].key);
	}
}

static void proto_key_dots_are_no_names(struct kunit *test)
{
	const struct amfs_key_record head = { .key_len = 2 };
	struct sample *sample = good(test);

	amfs_proto_put_key(sample, sizeof(*sample), &head, "..\0\0\0");
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, false), -EINVAL);
	amfs_proto_put_key(sample, sizeof(*sample), &head, ".a\0\0\0");
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, false), 0);
	/* To be mounted it needs a type and a source. */
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), -EINVAL);
}

static void proto_key_attributes_and_spare(struct kunit *test)
{
	struct sample *sample = good(test);
	int bit;

	for (bit = 0; bit < 32; bit++) {
		u32 known = AMFS_KEY_ATTR & 1U << bit;

		sample->head.attr = 1U << bit;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_key(&sample->head, true),
				    known ? 0 : -EINVAL, "bit %d", bit);
	}
	sample->head.attr = 0;
	sample->head.spare = 1;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), -EINVAL);
}

static void proto_key_largest_record_fits(struct kunit *test)
{
	struct amfs_key_record head = {
		.key_len = AMFS_NAME_LEN, .fstype_len = AMFS_KEY_FSTYPE_LEN,
		.source_len = AMFS_KEY_SOURCE_LEN, .options_len = AMFS_KEY_OPTIONS_LEN,
	};
	struct sample *sample = good(test);
	char *data = kunit_kzalloc(test, AMFS_KEY_RECORD_MAX, GFP_KERNEL);
	u32 at = head.key_len + 1 + head.fstype_len + 1 + head.source_len + 1;

	KUNIT_ASSERT_NOT_NULL(test, data);
	memset(data, 'x', at + head.options_len - 1);
	data[head.key_len] = 0;
	data[head.key_len + 1 + head.fstype_len] = 0;
	data[at - 1] = 0;
	KUNIT_EXPECT_EQ(test, amfs_proto_put_key(sample, sizeof(*sample), &head, data),
			(u32)AMFS_KEY_RECORD_MAX);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_key(&sample->head, true), 0);
}

static void proto_keys_operations(struct kunit *test)
{
	struct amfs_keys keys = {
		.size = sizeof(keys), .version = AMFS_VERSION, .map = "home",
		.buf_len = AMFS_KEY_RECORD_MAX,
	};
	u32 op;

	for (op = 0; op < 8; op++) {
		bool named = op >= AMFS_KEYS_ADD && op <= AMFS_KEYS_LIST;

		keys.op = op;
		keys.buf_len = op == AMFS_KEYS_CLEAR ? 0 : AMFS_KEY_RECORD_MAX;
		keys.map[0] = 'h';
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_keys(&keys), named ? 0 : -EINVAL,
				    "op %u of a map", op);
		keys.map[0] = 0;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_keys(&keys),
				    op == AMFS_KEYS_MAPS ? 0 : -EINVAL, "op %u of none", op);
	}
	keys.map[0] = 'h';
	keys.op = AMFS_KEYS_DEL;
	keys.flags = AMFS_KEYS_REPLACE;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), -EINVAL);
	keys.flags = 0;
	keys.cursor = 1;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), -EINVAL);
	keys.op = AMFS_KEYS_LIST;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), 0);
	keys.buf_len--;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), -EINVAL);
	keys.op = AMFS_KEYS_CLEAR;
	keys.cursor = 0;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), -EINVAL);
}

static void proto_keys_spare_and_endless_map(struct kunit *test)
{
	struct amfs_keys keys = {
		.size = sizeof(keys), .version = AMFS_VERSION, .op = AMFS_KEYS_CLEAR, .map = "home",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(keys.spare); i++) {
		keys.spare[i] = 1;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_keys(&keys), -EINVAL, "spare %u", i);
		keys.spare[i] = 0;
	}
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), 0);
	memset(keys.map, 'x', sizeof(keys.map));
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), -EINVAL);
	keys.map[sizeof(keys.map) - 1] = 0;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_keys(&keys), 0);
}

static struct kunit_case proto_key_cases[] = {
	KUNIT_CASE(proto_key_round_trip),
	KUNIT_CASE(proto_key_every_wrong_length_is_einval),
	KUNIT_CASE(proto_key_every_displaced_nul_is_einval),
	KUNIT_CASE(proto_key_names),
	KUNIT_CASE(proto_key_paths),
	KUNIT_CASE(proto_key_dots_are_no_names),
	KUNIT_CASE(proto_key_attributes_and_spare),
	KUNIT_CASE(proto_key_largest_record_fits),
	KUNIT_CASE(proto_keys_operations),
	KUNIT_CASE(proto_keys_spare_and_endless_map),
	{}
};

static struct kunit_suite proto_key_suite = {
	.name = "amfs_proto_key",
	.test_cases = proto_key_cases,
};

kunit_test_suite(proto_key_suite);
