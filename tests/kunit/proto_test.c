// SPDX-License-Identifier: GPL-2.0
/*
 * The records of read(2), and the layout of version 1 of the interface.
 */
#include <kunit/test.h>
#include <linux/amfs.h>
#include <linux/string.h>

#include "core/proto.h"

#define HEAD	72	/* of a record, before its name */
#define GUARD	0xa5

static u8 name[AMFS_NAME_SIZE + 1];

static const struct amfs_msg sample = {
	.size = 0xffffffff,	/* is filled in */
	.kind = AMFS_MSG_MOUNT,
	.flags = AMFS_MSG_F_AGAIN | AMFS_MSG_F_PATH,
	.id = 0x0123456789abcdef,
	.dev_major = 1,
	.dev_minor = 0xfffff,
	.pid = 4194304,
	.uid = 0xfffffffe,
	.gid = 1000,
	.deadline_ms = 60000,
	.comm = "fifteen-letters",
};

/* A buffer full of GUARD, and names of bytes that are never 0. */
static int make_buffer(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, AMFS_MSG_MAX + 8, GFP_KERNEL);
	int i;

	if (!buf)
		return -ENOMEM;
	memset(buf, GUARD, AMFS_MSG_MAX + 8);
	for (i = 0; i < sizeof(name); i++)
		name[i] = 1 + i % 255;
	test->priv = buf;
	return 0;
}

/* Write the sample with a name of @len bytes into @room bytes. */
static u32 put(struct kunit *test, u32 len, u32 room)
{
	struct amfs_msg head = sample;

	head.name_len = len;
	return amfs_proto_put_msg(test->priv, room, &head, (char *)name);
}

static bool all_are(const u8 *bytes, u32 count, u8 value)
{
	return !count || !memchr_inv(bytes, value, count);
}

/* --- size ----------------------------------------------------------------- */

static void proto_record_size_is_the_least_multiple_of_8_with_a_nul(struct kunit *test)
{
	u32 len;

	for (len = 0; len <= AMFS_NAME_LEN; len++) {
		u32 size = amfs_proto_msg_size(len);

		KUNIT_EXPECT_EQ(test, size % 8, 0U);
		KUNIT_EXPECT_GE(test, size, HEAD + len + 1);
		KUNIT_EXPECT_LT(test, size, HEAD + len + 1 + 8);
	}
}

static void proto_record_of_the_longest_name_is_msg_max(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, amfs_proto_msg_size(AMFS_NAME_LEN), (u32)AMFS_MSG_MAX);
}

/* --- round trip ----------------------------------------------------------- */

static void check_head_fields(struct kunit *test, const struct amfs_msg *msg, u32 len)
{
	KUNIT_EXPECT_EQ(test, msg->kind, sample.kind);
	KUNIT_EXPECT_EQ(test, msg->flags, sample.flags);
	KUNIT_EXPECT_EQ(test, msg->id, sample.id);
	KUNIT_EXPECT_EQ(test, msg->dev_major, sample.dev_major);
	KUNIT_EXPECT_EQ(test, msg->dev_minor, sample.dev_minor);
	KUNIT_EXPECT_EQ(test, msg->pid, sample.pid);
	KUNIT_EXPECT_EQ(test, msg->uid, sample.uid);
	KUNIT_EXPECT_EQ(test, msg->gid, sample.gid);
	KUNIT_EXPECT_EQ(test, msg->deadline_ms, sample.deadline_ms);
	KUNIT_EXPECT_STREQ(test, msg->comm, "fifteen-letters");
	KUNIT_EXPECT_EQ(test, msg->name_len, len);
}

static void proto_record_of_every_name_length_reads_back(struct kunit *test)
{
	const struct amfs_msg *msg = test->priv;
	u32 len, lengths = 0;

	for (len = 0; len <= AMFS_NAME_LEN; len++) {
		u32 size = put(test, len, AMFS_MSG_MAX);

		KUNIT_ASSERT_EQ(test, size, amfs_proto_msg_size(len));
		KUNIT_EXPECT_EQ(test, msg->size, size);
		check_head_fields(test, msg, len);
		KUNIT_EXPECT_EQ(test, memcmp(msg->name, name, len), 0);
		lengths++;
	}
	KUNIT_EXPECT_EQ(test, lengths, 256U);
}

static void proto_record_is_zero_padded_and_writes_nothing_behind_it(struct kunit *test)
{
	u8 *buf = test->priv;
	u32 len;

	for (len = 0; len <= AMFS_NAME_LEN; len++) {
		u32 size, end = HEAD + len;

		memset(buf, GUARD, AMFS_MSG_MAX + 8);
		size = put(test, len, AMFS_MSG_MAX + 8);

		KUNIT_EXPECT_TRUE(test, all_are(buf + HEAD - 16, 12, 0));
		KUNIT_EXPECT_TRUE(test, all_are(buf + end, size - end, 0));
		KUNIT_EXPECT_TRUE(test, all_are(buf + size, AMFS_MSG_MAX + 8 - size, GUARD));
	}
}

static void proto_record_keeps_every_byte_value_of_a_name(struct kunit *test)
{
	const struct amfs_msg *msg = test->priv;
	int value;

	for (value = 0; value < 256; value++) {
		memset(name, value, 9);
		KUNIT_ASSERT_EQ(test, put(test, 9, AMFS_MSG_MAX), HEAD + 16U);

		KUNIT_EXPECT_TRUE(test, all_are((const u8 *)msg->name, 9, value));
		KUNIT_EXPECT_TRUE(test, all_are((const u8 *)msg->name + 9, 7, 0));
	}
}

static void proto_records_in_a_row_are_found_by_their_sizes(struct kunit *test)
{
	u8 *buf = test->priv, *pos = buf;
	u32 used = 0;
	int i;

	for (i = 0; i < 3; i++) {
		struct amfs_msg head = { .kind = i + 1, .id = i, .name_len = i * 9 };

		used += amfs_proto_put_msg(buf + used, AMFS_MSG_MAX - used, &head, (char *)name);
	}

	KUNIT_EXPECT_EQ(test, used, 3 * HEAD + 8U + 16U + 24U);
	for (i = 0; i < 3; i++) {
		const struct amfs_msg *msg = (const struct amfs_msg *)pos;

		KUNIT_EXPECT_EQ(test, (int)msg->kind, i + 1);
		KUNIT_EXPECT_EQ(test, msg->name_len, i * 9U);
		pos += msg->size;
	}
	KUNIT_EXPECT_PTR_EQ(test, pos, buf + used);
}

/* --- refusals ------------------------------------------------------------- */

static void proto_name_that_is_too_long_is_refused_and_writes_nothing(struct kunit *test)
{
	static const u32 bad[] = {
		AMFS_NAME_LEN + 1, AMFS_NAME_LEN + 2, 0x7fffffff, 0xffffffb0, 0xffffffff,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, put(test, bad[i], 0xffffffff), 0U);

	KUNIT_EXPECT_TRUE(test, all_are(test->priv, AMFS_MSG_MAX + 8, GUARD));
}

static void proto_record_that_does_not_fit_is_refused_and_writes_nothing(struct kunit *test)
{
	u32 len;

	for (len = 0; len <= AMFS_NAME_LEN; len++) {
		KUNIT_EXPECT_EQ(test, put(test, len, amfs_proto_msg_size(len) - 1), 0U);
		KUNIT_EXPECT_EQ(test, put(test, len, HEAD + len), 0U);
		KUNIT_EXPECT_EQ(test, put(test, len, 0), 0U);
	}

	KUNIT_EXPECT_TRUE(test, all_are(test->priv, AMFS_MSG_MAX + 8, GUARD));
}

static void proto_record_that_just_fits_is_written(struct kunit *test)
{
	u32 len;

	for (len = 0; len <= AMFS_NAME_LEN; len++)
		KUNIT_EXPECT_EQ(test, put(test, len, amfs_proto_msg_size(len)),
				amfs_proto_msg_size(len));
}

/* --- layout --------------------------------------------------------------- */

static void proto_structures_have_the_layout_of_version_1(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_msg), (size_t)HEAD);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_bind), (size_t)288);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_release), (size_t)16);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_target), (size_t)48);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_done), (size_t)48);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_expire), (size_t)544);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_list), (size_t)56);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_keys), (size_t)304);
	KUNIT_EXPECT_EQ(test, sizeof(struct amfs_key_record), (size_t)32);
	KUNIT_EXPECT_EQ(test, offsetof(struct amfs_msg, id), (size_t)8);
	KUNIT_EXPECT_EQ(test, offsetof(struct amfs_msg, comm), (size_t)40);
	KUNIT_EXPECT_EQ(test, offsetof(struct amfs_msg, name_len), (size_t)68);
	KUNIT_EXPECT_EQ(test, offsetof(struct amfs_msg, name), (size_t)HEAD);
}

static struct kunit_case proto_cases[] = {
	KUNIT_CASE(proto_record_size_is_the_least_multiple_of_8_with_a_nul),
	KUNIT_CASE(proto_record_of_the_longest_name_is_msg_max),
	KUNIT_CASE(proto_record_of_every_name_length_reads_back),
	KUNIT_CASE(proto_record_is_zero_padded_and_writes_nothing_behind_it),
	KUNIT_CASE(proto_record_keeps_every_byte_value_of_a_name),
	KUNIT_CASE(proto_records_in_a_row_are_found_by_their_sizes),
	KUNIT_CASE(proto_name_that_is_too_long_is_refused_and_writes_nothing),
	KUNIT_CASE(proto_record_that_does_not_fit_is_refused_and_writes_nothing),
	KUNIT_CASE(proto_record_that_just_fits_is_written),
	KUNIT_CASE(proto_structures_have_the_layout_of_version_1),
	{}
};

static struct kunit_suite proto_suite = {
	.name = "amfs_proto",
	.init = make_buffer,
	.test_cases = proto_cases,
};

kunit_test_suite(proto_suite);
