// SPDX-License-Identifier: GPL-2.0
/*
 * What a daemon hands in: the fields that each kind of structure has for
 * itself, each at its edges.
 */
#include <kunit/test.h>
#include <linux/amfs.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "core/proto.h"

#define EXPIRE_FLAGS	(AMFS_EXPIRE_DUE | AMFS_EXPIRE_ALL | AMFS_EXPIRE_KEY)

#define HEAD_OF(_type)	.size = sizeof(struct amfs_##_type), .version = AMFS_VERSION

/* --- bind ----------------------------------------------------------------- */

static void proto_bind_name_needs_a_nul_and_a_byte_before_it(struct kunit *test)
{
	static struct amfs_bind bind = { HEAD_OF(bind) };
	int nul;

	for (nul = 0; nul <= AMFS_NAME_SIZE; nul++) {
		memset(bind.map, 0xff, AMFS_NAME_SIZE);
		if (nul < AMFS_NAME_SIZE)
			bind.map[nul] = 0;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_bind(&bind),
				    nul && nul < AMFS_NAME_SIZE ? 0 : -EINVAL, "NUL at %d", nul);
	}
}

/* --- done ----------------------------------------------------------------- */

static void proto_done_error_is_an_errno(struct kunit *test)
{
	struct amfs_done done = { HEAD_OF(done) };
	u32 error;

	done.mnt_fd = -1;
	for (error = 0; error <= 511; error++) {
		done.error = error;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_done(&done), 0, "error %u", error);
	}
	for (error = 512; error; error <<= 1) {
		done.error = error;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_done(&done), -EINVAL, "error %u", error);
	}
	done.error = -ENOENT;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), -EINVAL);
}

static void proto_done_with_an_error_has_no_descriptor(struct kunit *test)
{
	static const s32 fds[] = { 0, 3, INT_MAX, -2, INT_MIN };
	struct amfs_done done = { HEAD_OF(done) };
	int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		done.mnt_fd = fds[i];
		done.error = ENOENT;
		KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), -EINVAL);
		done.error = 0;
		KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
	}
}

static void proto_done_attaches_only_what_is_handed_over(struct kunit *test)
{
	struct amfs_done done = { HEAD_OF(done), .attach_fd = 5 };

	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), -EINVAL);
	done.flags = AMFS_DONE_ATTACH;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
	done.attach_fd = 0;
	done.source = U64_MAX;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
	done.flags = 0;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
}

static void proto_done_with_an_error_hands_nothing_over(struct kunit *test)
{
	struct amfs_done done = { HEAD_OF(done), .error = EIO, .mnt_fd = -1 };

	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
	done.flags = AMFS_DONE_ATTACH;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), -EINVAL);
	done.flags = 0;
	done.source = 1;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), -EINVAL);
}

static void proto_done_ttl_and_id_may_be_anything(struct kunit *test)
{
	struct amfs_done done = { HEAD_OF(done) };

	done.ttl_ms = AMFS_MS_DEFAULT;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
	done.id = U64_MAX;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_done(&done), 0);
}

/* --- expire --------------------------------------------------------------- */

static void proto_expire_key_length_fits_its_flag(struct kunit *test)
{
	static const struct {
		u32 flags;
		u32 key_len;
		int err;
	} want[] = {
		{ AMFS_EXPIRE_DUE, 0,		      0 },
		{ AMFS_EXPIRE_DUE, 1,		      -EINVAL },
		{ AMFS_EXPIRE_DUE, U32_MAX,	      -EINVAL },
		{ AMFS_EXPIRE_ALL, 0,		      0 },
		{ AMFS_EXPIRE_ALL, 1,		      -EINVAL },
		{ AMFS_EXPIRE_ALL, U32_MAX,	      -EINVAL },
		{ AMFS_EXPIRE_KEY, 0,		      -EINVAL },
		{ AMFS_EXPIRE_KEY, 1,		      0 },
		{ AMFS_EXPIRE_KEY, AMFS_NAME_LEN,     0 },
		{ AMFS_EXPIRE_KEY, AMFS_NAME_LEN + 1, -EINVAL },
		{ AMFS_EXPIRE_KEY, U32_MAX,	      -EINVAL },
	};
	static struct amfs_expire expire = { HEAD_OF(expire), .flags = AMFS_EXPIRE_DUE };
	int i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		expire.flags = want[i].flags;
		expire.key_len = want[i].key_len;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_expire(&expire), want[i].err,
				    "flags %u, key_len %u", want[i].flags, want[i].key_len);
	}
}

static void proto_expire_has_exactly_one_flag(struct kunit *test)
{
	static struct amfs_expire expire = { HEAD_OF(expire), .flags = AMFS_EXPIRE_DUE };
	u32 accepted = 0;

	for (expire.flags = 0; expire.flags <= 2 * EXPIRE_FLAGS; expire.flags++) {
		int with, without;

		expire.key_len = 1;
		with = amfs_proto_check_expire(&expire);
		expire.key_len = 0;
		without = amfs_proto_check_expire(&expire);
		if (!with || !without) {
			KUNIT_EXPECT_EQ(test, hweight32(expire.flags), 1U);
			accepted |= expire.flags;
		}
	}
	KUNIT_EXPECT_EQ(test, accepted, EXPIRE_FLAGS);
}

static void proto_expire_map_needs_a_nul_and_may_be_empty(struct kunit *test)
{
	static struct amfs_expire expire = { HEAD_OF(expire), .flags = AMFS_EXPIRE_DUE };
	int nul;

	for (nul = 0; nul <= AMFS_NAME_SIZE; nul++) {
		memset(expire.map, 0xff, AMFS_NAME_SIZE);
		/* a NUL in the key behind it doesn't end the map */
		memset(expire.key, 0, AMFS_NAME_SIZE);
		if (nul < AMFS_NAME_SIZE)
			expire.map[nul] = 0;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_expire(&expire),
				    nul < AMFS_NAME_SIZE ? 0 : -EINVAL, "NUL at %d", nul);
	}
}

/* --- list ----------------------------------------------------------------- */

static void proto_list_of_what_is_unknown_is_einval(struct kunit *test)
{
	struct amfs_list list = { HEAD_OF(list), .buf_len = 1024 };
	u32 what;

	for (what = 0; what < 64; what++) {
		list.what = what;
		KUNIT_EXPECT_EQ_MSG(test, amfs_proto_check_list(&list),
				    what >= 1 && what <= 3 ? 0 : -EINVAL, "what %u", what);
	}
	list.what = U32_MAX;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_list(&list), -EINVAL);
}

static void proto_list_buffer_has_1024_bytes_at_least(struct kunit *test)
{
	struct amfs_list list = { HEAD_OF(list), .what = AMFS_LIST_KEYS };

	for (list.buf_len = 0; list.buf_len < 1024; list.buf_len++)
		KUNIT_EXPECT_EQ(test, amfs_proto_check_list(&list), -EINVAL);
	KUNIT_EXPECT_EQ(test, amfs_proto_check_list(&list), 0);
	list.buf_len = U32_MAX;
	KUNIT_EXPECT_EQ(test, amfs_proto_check_list(&list), 0);
}

static void proto_map_name_is_the_last_component(struct kunit *test)
{
	static const char * const names[][2] = {
		{ "home", "home" }, { "/home", "home" }, { "/etc/auto.home", "auto.home" },
		{ "nfs/home", "nfs/home" }, { "/", "" }, { "/home/", "" }, { "", "" },
	};
	char name[AMFS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		strscpy(name, names[i][0], sizeof(name));
		amfs_proto_map_name(name);
		KUNIT_EXPECT_STREQ(test, name, names[i][1]);
	}
}

static struct kunit_case proto_fields_cases[] = {
	KUNIT_CASE(proto_map_name_is_the_last_component),
	KUNIT_CASE(proto_bind_name_needs_a_nul_and_a_byte_before_it),
	KUNIT_CASE(proto_done_error_is_an_errno),
	KUNIT_CASE(proto_done_with_an_error_has_no_descriptor),
	KUNIT_CASE(proto_done_attaches_only_what_is_handed_over),
	KUNIT_CASE(proto_done_with_an_error_hands_nothing_over),
	KUNIT_CASE(proto_done_ttl_and_id_may_be_anything),
	KUNIT_CASE(proto_expire_key_length_fits_its_flag),
	KUNIT_CASE(proto_expire_has_exactly_one_flag),
	KUNIT_CASE(proto_expire_map_needs_a_nul_and_may_be_empty),
	KUNIT_CASE(proto_list_of_what_is_unknown_is_einval),
	KUNIT_CASE(proto_list_buffer_has_1024_bytes_at_least),
	{}
};

static struct kunit_suite proto_fields_suite = {
	.name = "amfs_proto_fields",
	.test_cases = proto_fields_cases,
};

kunit_test_suite(proto_fields_suite);
