// SPDX-License-Identifier: GPL-2.0
/* The kernel checks records too, but says no more than EINVAL. */
#include "key_record.h"

#include <errno.h>
#include <string.h>

#include "key_options.h"

/* How mount(8) finds a device, and where the kernel can find it. */
static const struct {
	const char *tag;
	const char *folder;
} tags[] = {
	{ "LABEL=", "by-label" }, { "UUID=", "by-uuid" },
	{ "PARTLABEL=", "by-partlabel" }, { "PARTUUID=", "by-partuuid" },
	{ "ID=", "by-id" },
};

static int check_len(const char *what, const char *text, size_t most,
		     struct amfs_fault *fault)
{
	size_t len = strlen(text);

	if (!len)
		return amfs_fault_set(fault, "the %s is empty", what);
	if (len > most)
		return amfs_fault_set(fault, "the %s has %zu bytes, %zu are allowed",
				      what, len, most);
	return 0;
}

/* Each is a name in a directory. */
static int check_components(const char *name, struct amfs_fault *fault)
{
	size_t len;

	for (;; name += len + 1) {
		len = strcspn(name, "/");
		if (!len)
			return amfs_fault_set(fault, "a key has no empty part between slashes, and doesn't end in one");
		if (!strncmp(name, "..", len) && len <= 2)
			return amfs_fault_set(fault, "%.*s can't be a key or a part of one",
					      (int)len, name);
		if (!name[len])
			return 0;
	}
}

int amfs_key_check_name(const char *name, struct amfs_fault *fault)
{
	int error = check_len("key", name, AMFS_NAME_LEN, fault);

	if (error)
		return error;
	/* The key of a direct automount point is any path. */
	return *name == '/' ? 0 : check_components(name, fault);
}

static int check_source(const char *source, struct amfs_fault *fault)
{
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (!strncmp(source, tags[i].tag, strlen(tags[i].tag)))
			return amfs_fault_set(fault, "source %s: the kernel finds no device by that; name it, as in /dev/disk/%s/...",
					      source, tags[i].folder);
	return check_len("source", source, AMFS_KEY_SOURCE_LEN, fault);
}

/* As in fstab(5) the type of a bind is none, or whatever is written there. */
static int check_type(const char *fstype, const struct amfs_key_options *options,
		      struct amfs_fault *fault)
{
	if ((options->bind || !strcmp(fstype, "bind")) && options->len)
		return amfs_fault_set(fault, "option %s: a bind has no options of a filesystem",
				      options->data);
	if (!options->bind && (!strcmp(fstype, "none") ||
			       !strcmp(fstype, "auto")))
		return amfs_fault_set(fault, "type %s: a type that the kernel knows is expected, or bind",
				      fstype);
	return check_len("type", fstype, AMFS_KEY_FSTYPE_LEN, fault);
}

static char *put_string(char *out, const char *text, uint32_t len)
{
	out = mempcpy(out, text, len);
	*out = '\0';
	return out + 1;
}

/* The lengths have been checked. */
static void write_record(union amfs_key_room *room, const struct amfs_key *key)
{
	struct amfs_key_record *record = &room->record;
	char *out = record->data;

	memset(record, 0, sizeof(*record));
	record->timeout_s = key->timeout_s;
	record->attr = key->attr;
	record->key_len = (uint32_t)strlen(key->name);
	record->fstype_len = (uint32_t)strlen(key->fstype);
	record->source_len = (uint32_t)strlen(key->source);
	record->options_len = key->options_len;
	out = put_string(out, key->name, record->key_len);
	out = put_string(out, key->fstype, record->fstype_len);
	out = put_string(out, key->source, record->source_len);
	if (key->options_len)
		out = mempcpy(out, key->options, key->options_len);
	while ((out - room->bytes) % 8)
		*out++ = '\0';
	record->size = (uint32_t)(out - room->bytes);
}

int amfs_key_record_make(union amfs_key_room *room,
			 const struct amfs_key_words *words,
			 struct amfs_fault *fault)
{
	struct amfs_key_options options;
	struct amfs_key key = {
		.name = words->name,
		.fstype = words->fstype,
		.source = words->source,
		.options = options.data,
	};
	int error = amfs_key_check_name(words->name, fault);

	if (!error)
		error = amfs_key_options_parse(&options, words->options, fault);
	if (!error && words->timeout)
		error = amfs_key_timeout_parse(&options.timeout_s,
					       words->timeout, fault);
	if (!error)
		error = check_type(words->fstype, &options, fault);
	if (!error)
		error = check_source(words->source, fault);
	if (error)
		return error;
	if (options.bind)
		key.fstype = "bind";
	key.options_len = options.len;
	key.attr = options.attr;
	key.timeout_s = options.timeout_s;
	write_record(room, &key);
	return 0;
}

int amfs_key_record_name(union amfs_key_room *room, const char *name,
			 struct amfs_fault *fault)
{
	struct amfs_key key = { .name = name, .fstype = "", .source = "" };
	int error = amfs_key_check_name(name, fault);

	if (!error)
		write_record(room, &key);
	return error;
}

/* A string of the record, with its NUL inside of @end; NULL when it isn't. */
static const char *get_string(const char **at, const char *end, uint32_t len)
{
	const char *text = *at;

	if (len >= (size_t)(end - text) || text[len])
		return NULL;
	*at += len + 1;
	return text;
}

size_t amfs_key_record_read(struct amfs_key *key, const char *buf, size_t left)
{
	struct amfs_key_record head;
	const char *end;
	const char *at = buf + sizeof(head);

	if (left < sizeof(head))
		return 0;
	memcpy(&head, buf, sizeof(head));
	if (head.size < sizeof(head) || head.size > left)
		return 0;
	end = buf + head.size;
	memset(key, 0, sizeof(*key));
	key->name = get_string(&at, end, head.key_len);
	key->fstype = key->name ? get_string(&at, end, head.fstype_len) : NULL;
	key->source = key->fstype ? get_string(&at, end, head.source_len) : NULL;
	if (!key->source || head.options_len > (size_t)(end - at))
		return 0;
	if (head.options_len && at[head.options_len - 1])
		return 0;
	key->options = at;
	key->options_len = head.options_len;
	key->attr = head.attr;
	key->timeout_s = head.timeout_s;
	return head.size;
}
