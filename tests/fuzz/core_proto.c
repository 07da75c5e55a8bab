// SPDX-License-Identifier: GPL-2.0
/*
 * The checks of what a daemon hands in, on a valid structure with some bytes
 * changed, beside the rules as include/uapi/linux/amfs.h words them; and
 * records in buffers of every size. All memory ends where the structure ends,
 * so that ASan sees a read behind it.
 */
#include "core.h"

#include "core/proto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD	0xa5

static void *allocate(size_t size)
{
	void *mem = calloc(1, size ? size : 1);

	require(mem);
	return mem;
}

static bool all_are(const void *mem, size_t size, unsigned char value)
{
	const unsigned char *byte = mem;

	while (size--)
		if (*byte++ != value)
			return false;
	return true;
}

static bool zeros(const void *mem, size_t size)
{
	return all_are(mem, size, 0);
}

static bool ends(const char *name)
{
	return strnlen(name, AMFS_NAME_SIZE) < AMFS_NAME_SIZE;
}

/* --- the rules ------------------------------------------------------------ */

static bool right_bind(const struct amfs_bind *bind)
{
	return (bind->flags == 0 || bind->flags == AMFS_BIND_ADOPT) &&
	       zeros(bind->spare, sizeof(bind->spare)) && ends(bind->map) &&
	       strlen(bind->map) > 0;
}

static bool right_release(const struct amfs_release *release)
{
	return !release->flags && !release->spare;
}

static bool right_target(const struct amfs_target *target)
{
	return (target->flags == 0 || target->flags == AMFS_TARGET_PATH ||
		target->flags == AMFS_TARGET_TREE) &&
	       zeros(target->spare, sizeof(target->spare));
}

static bool right_done(const struct amfs_done *done)
{
	if (done->spare || (done->flags != 0 && done->flags != AMFS_DONE_ATTACH))
		return false;
	if (done->error)
		return done->error < 512 && done->mnt_fd == -1 && !done->flags &&
		       !done->attach_fd && !done->source;
	return done->flags || !done->attach_fd;
}

static bool right_expire(const struct amfs_expire *expire)
{
	bool key = expire->flags == AMFS_EXPIRE_KEY;

	return ends(expire->map) &&
	       (key || expire->flags == AMFS_EXPIRE_DUE ||
		expire->flags == AMFS_EXPIRE_ALL) &&
	       (key ? expire->key_len >= 1 && expire->key_len <= 255 :
		      expire->key_len == 0);
}

static bool right_list(const struct amfs_list *list)
{
	return list->what >= 1 && list->what <= 3 && list->buf_len >= 1024 &&
	       zeros(list->spare, sizeof(list->spare));
}

/* --- the checks ----------------------------------------------------------- */

/* How each structure begins. */
struct head {
	u32 size;
	u32 version;
};

static void spoil(struct input *in, unsigned char *bytes, size_t size)
{
	unsigned int changes = below(in, 5);

	while (changes--) {
		size_t at = (below(in, 256) + 256 * below(in, 3)) % size;

		bytes[at] = (unsigned char)below(in, 256);
	}
}

/* A structure of @size bytes with a head that is about right, then spoilt. */
static void *spoilt(struct input *in, const void *valid, size_t size)
{
	struct head *head = allocate(size);

	memcpy(head, valid, size);
	head->size = (u32)size + 1 - below(in, 3);
	head->version = AMFS_VERSION;
	spoil(in, (unsigned char *)head, size);
	return head;
}

static int expected(const struct head *head, size_t known, bool right)
{
	if (head->version != 1)
		return -EPROTO;
	return head->size >= known && right ? 0 : -EINVAL;
}

#define CHECK(in, type, valid)						\
	do {								\
		struct amfs_##type *it = spoilt(in, valid, sizeof(*it)); \
									\
		require(amfs_proto_check_##type(it) ==			\
			expected((struct head *)it, sizeof(*it),	\
				 right_##type(it)));			\
		free(it);						\
	} while (0)

/* A short name, or one about as long as it may be; or without an end. */
static void name_it(struct input *in, char name[AMFS_NAME_SIZE])
{
	unsigned int len = below(in, 16);

	len = len < 8 ? len : AMFS_NAME_SIZE - 15 + len;
	memset(name, 'n', AMFS_NAME_SIZE);
	if (len < AMFS_NAME_SIZE)
		name[len] = 0;
}

static void fuzz_bind(struct input *in)
{
	struct amfs_bind bind = { .flags = below(in, 2) };

	name_it(in, bind.map);
	CHECK(in, bind, &bind);
}

static void fuzz_done(struct input *in)
{
	struct amfs_done done = { .mnt_fd = (int)below(in, 4) - 2 };

	if (below(in, 2))
		done.error = 4092 + below(in, 8);
	CHECK(in, done, &done);
}

static void fuzz_expire(struct input *in)
{
	struct amfs_expire expire = { .flags = below(in, 6) };

	if (below(in, 2))
		expire.key_len = 1 + 248 * below(in, 2) + below(in, 16);
	name_it(in, expire.map);
	CHECK(in, expire, &expire);
}

static void fuzz_list(struct input *in)
{
	struct amfs_list list = {
		.what = below(in, 6),
		.buf_len = 1020 + below(in, 8),
	};

	CHECK(in, list, &list);
}

static void fuzz_check(struct input *in)
{
	struct amfs_release release = {};
	struct amfs_target target = { .id = 1 };

	switch (below(in, 6)) {
	case 0:
		fuzz_bind(in);
		break;
	case 1:
		CHECK(in, release, &release);
		break;
	case 2:
		CHECK(in, target, &target);
		break;
	case 3:
		fuzz_done(in);
		break;
	case 4:
		fuzz_expire(in);
		break;
	case 5:
		fuzz_list(in);
		break;
	}
}

/* --- records -------------------------------------------------------------- */

static void check_record(const struct amfs_msg *msg, u32 written,
			 const struct amfs_msg *head, const char *name)
{
	u32 len = head->name_len;

	require(written % 8 == 0 && written > sizeof(*msg) + len);
	require(written == amfs_proto_msg_size(len) && written == msg->size);
	require(!memcmp(&msg->kind, &head->kind, sizeof(*msg) - sizeof(u32)));
	require(!memcmp(msg->name, name, len));
	require(zeros(msg->name + len, written - sizeof(*msg) - len));
}

static void fuzz_record(struct input *in)
{
	struct amfs_msg head = { .kind = AMFS_MSG_MOUNT, .id = below(in, 256) };
	u32 len = below(in, 256) + below(in, 4);
	u32 room = below(in, 256) + below(in, 256);
	bool fits = len <= AMFS_NAME_LEN && room / 8 * 8 > sizeof(head) + len;
	char *name = allocate(len);
	void *buf = allocate(room);
	u32 written;

	memset(buf, GUARD, room);
	spoil(in, (unsigned char *)&head, sizeof(head));
	spoil(in, (unsigned char *)name, len ? len : 1);
	head.name_len = len;
	written = amfs_proto_put_msg(buf, room, &head, name);
	require(!written == !fits);
	if (written)
		check_record(buf, written, &head, name);
	require(all_are((char *)buf + written, room - written, GUARD));
	free(buf);
	free(name);
}

/* --- in-kernel keys --------------------------------------------------------- */

static bool is_text(const char *text, u32 len)
{
	return strnlen(text, len + 1) == len;
}

static bool right_options(const char *text, u32 len)
{
	u32 at = 0;

	while (at < len) {
		u32 option = (u32)strnlen(text + at, len - at);

		if (!option || at + option == len || text[at] == '=')
			return false;
		at += option + 1;
	}
	return true;
}

/* Any path, or components that are neither empty nor "." nor "..". */
static bool right_name(const char *name, u32 len)
{
	char path[AMFS_NAME_SIZE + 2];

	if (!is_text(name, len))
		return false;
	snprintf(path, sizeof(path), "/%s/", name);
	return *name == '/' || (!strstr(path, "//") && !strstr(path, "/./") &&
				!strstr(path, "/../"));
}

static bool right_key(const struct amfs_key_record *record, bool whole)
{
	u32 key = record->key_len, type = record->fstype_len, source = record->source_len;
	const char *name = record->data;

	if (!key || key > 255 || type > 63 || source > 4095 || record->options_len > 4096)
		return false;
	if ((sizeof(*record) + key + type + source + 3 + record->options_len + 7) / 8 * 8 !=
	    record->size)
		return false;
	if (record->spare || record->attr & ~AMFS_KEY_ATTR || (whole && (!type || !source)))
		return false;
	return right_name(name, key) && is_text(name + key + 1, type) &&
	       is_text(name + key + type + 2, source) &&
	       right_options(name + key + type + source + 3, record->options_len);
}

/* A record is checked when as many bytes are there as its size says. */
static void fuzz_key(struct input *in)
{
	static const char strings[] = "key\0tmpfs\0none\0size=1m\0ro";
	struct amfs_key_record head = {
		.key_len = 3, .fstype_len = 5, .source_len = 4, .options_len = 11,
	};
	bool whole = below(in, 2);
	struct amfs_key_record *record;
	u32 size;
	void *buf = allocate(128);

	size = amfs_proto_put_key(buf, 128, &head, strings);
	require(size && right_key(buf, true) && !amfs_proto_check_key(buf, true));
	record = allocate(size);
	memcpy(record, buf, size);
	spoil(in, (unsigned char *)record, size);
	if (record->size == size)
		require(!amfs_proto_check_key(record, whole) == right_key(record, whole));
	free(record);
	free(buf);
}

static bool right_keys(const struct amfs_keys *keys)
{
	bool lists = keys->op == AMFS_KEYS_LIST || keys->op == AMFS_KEYS_MAPS;

	if (keys->op < 1 || keys->op > 5 || !zeros(keys->spare, sizeof(keys->spare)) ||
	    !ends(keys->map) || (keys->map[0] == 0) != (keys->op == AMFS_KEYS_MAPS))
		return false;
	if (keys->flags > (keys->op == AMFS_KEYS_ADD ? 1U : 0U) || (keys->cursor && !lists))
		return false;
	if (keys->op == AMFS_KEYS_CLEAR)
		return !keys->buf && !keys->buf_len;
	return !lists || keys->buf_len >= AMFS_KEY_RECORD_MAX;
}

static void fuzz_keys(struct input *in)
{
	struct amfs_keys keys = {
		.op = below(in, 7),
		.flags = below(in, 2),
		.buf_len = (u32)AMFS_KEY_RECORD_MAX - 2 + below(in, 4),
	};

	if (below(in, 2))
		keys.buf_len = 0;
	if (below(in, 2))
		name_it(in, keys.map);
	CHECK(in, keys, &keys);
}

void fuzz_proto(struct input *in)
{
	while (more(in)) {
		switch (below(in, 8)) {
		case 0:
			fuzz_record(in);
			break;
		case 1:
			fuzz_key(in);
			break;
		case 2:
			fuzz_keys(in);
			break;
		default:
			fuzz_check(in);
		}
	}
}
