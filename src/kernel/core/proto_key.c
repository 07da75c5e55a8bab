// SPDX-License-Identifier: GPL-2.0
#include "proto.h"

#include <linux/errno.h>
#include <linux/string.h>

#define STRINGS	3	/* key, type and source end in a NUL that isn't counted */

/**
 * amfs_proto_check_keys - check a KEYS
 * @keys: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_keys(const struct amfs_keys *keys)
{
	int err = amfs_proto_check_head(keys->size, keys->version, sizeof(*keys));
	bool lists = keys->op == AMFS_KEYS_LIST || keys->op == AMFS_KEYS_MAPS;

	if (err)
		return err;
	if (keys->op < AMFS_KEYS_ADD || keys->op > AMFS_KEYS_MAPS)
		return -EINVAL;
	if (keys->spare[0] || keys->spare[1] || !memchr(keys->map, 0, AMFS_NAME_SIZE))
		return -EINVAL;
	if (keys->flags && (keys->op != AMFS_KEYS_ADD || keys->flags != AMFS_KEYS_REPLACE))
		return -EINVAL;
	/* Only who asks for the maps has none to name. */
	if (keys->map[0] ? keys->op == AMFS_KEYS_MAPS : keys->op != AMFS_KEYS_MAPS)
		return -EINVAL;
	if (!lists && keys->cursor)
		return -EINVAL;
	if (keys->op == AMFS_KEYS_CLEAR)
		return keys->buf || keys->buf_len ? -EINVAL : 0;
	return lists && keys->buf_len < AMFS_KEY_RECORD_MAX ? -EINVAL : 0;
}

/**
 * amfs_proto_key_data - bytes of a record's strings
 * @record: checked
 *
 * Return: the bytes with all NULs, without the padding.
 */
u32 amfs_proto_key_data(const struct amfs_key_record *record)
{
	return record->key_len + record->fstype_len + record->source_len + STRINGS +
	       record->options_len;
}

/* Exactly @len bytes and a NUL. */
static bool is_string(const char *text, u32 len)
{
	return !memchr(text, 0, len) && !text[len];
}

/* Each ends in a NUL, and none is empty or begins with '='. */
static bool are_options(const char *text, u32 len)
{
	const char *end = text + len;

	if (len && text[len - 1])
		return false;
	for (; text < end; text += strlen(text) + 1)
		if (!*text || *text == '=')
			return false;
	return true;
}

/* A component of a path: not empty, no "." and no "..". */
static bool is_component(const char *name, u32 len)
{
	return len && !(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));
}

/* "a/b/c"; or the key of a direct automount point, any path that begins with '/'. */
static bool is_key(const char *name, u32 len)
{
	const char *end = name + len, *slash;

	if (!is_string(name, len))
		return false;
	if (name[0] == '/')
		return true;
	for (; (slash = memchr(name, '/', end - name)); name = slash + 1)
		if (!is_component(name, slash - name))
			return false;
	return is_component(name, end - name);
}

/* The sum can't overflow: each length is within its own limit. */
static bool lengths_fit(const struct amfs_key_record *record)
{
	u32 size;

	if (!record->key_len || record->key_len > AMFS_NAME_LEN ||
	    record->fstype_len > AMFS_KEY_FSTYPE_LEN ||
	    record->source_len > AMFS_KEY_SOURCE_LEN ||
	    record->options_len > AMFS_KEY_OPTIONS_LEN)
		return false;
	size = sizeof(*record) + amfs_proto_key_data(record);
	return record->size == ((size + 7) & ~7U);
}

/**
 * amfs_proto_check_key - check a record
 * @record: @record->size bytes are there
 * @whole: it needs a type and a source
 *
 * Return: 0 or -EINVAL.
 */
int amfs_proto_check_key(const struct amfs_key_record *record, bool whole)
{
	const char *fstype, *source, *options;

	if (record->size < sizeof(*record) || !lengths_fit(record) || record->spare ||
	    record->attr & ~AMFS_KEY_ATTR)
		return -EINVAL;
	if (whole && (!record->fstype_len || !record->source_len))
		return -EINVAL;
	fstype = record->data + record->key_len + 1;
	source = fstype + record->fstype_len + 1;
	options = source + record->source_len + 1;
	if (!is_key(record->data, record->key_len) || !is_string(fstype, record->fstype_len) ||
	    !is_string(source, record->source_len) || !are_options(options, record->options_len))
		return -EINVAL;
	return 0;
}

/**
 * amfs_proto_put_key - write one record
 * @buf: where to
 * @room: bytes there
 * @head: its fields; @size is filled in here
 * @data: its strings
 *
 * Return: bytes written, 0 when the record doesn't fit.
 */
u32 amfs_proto_put_key(void *buf, u32 room, const struct amfs_key_record *head, const char *data)
{
	u32 len = amfs_proto_key_data(head), size = (sizeof(*head) + len + 7) & ~7U;
	struct amfs_key_record *record = buf;

	if (room < size)
		return 0;
	memset(buf, 0, size);
	memcpy(record, head, sizeof(*head));
	record->size = size;
	memcpy((char *)buf + sizeof(*head), data, len);
	return size;
}
