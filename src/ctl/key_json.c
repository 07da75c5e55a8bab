// SPDX-License-Identifier: GPL-2.0
/* In-kernel keys for programs. */
#include "key_list.h"

#include <string.h>

#include "json_put.h"
#include "key_options.h"

static bool put_text(struct json_object *object, const char *name,
		     const char *hex_name, const char *text)
{
	return amfs_put_bytes(object, name, hex_name, text, strlen(text));
}

static bool put_options(struct json_object *object, const struct amfs_key *key)
{
	struct json_object *texts = json_object_new_array();
	struct json_object *hexes = json_object_new_array();
	const char *end = key->options + key->options_len;
	const char *option;
	size_t len;
	bool ok;

	ok = amfs_put(object, "options", texts);
	ok = amfs_put(object, "options_hex", hexes) && ok;
	for (option = key->options; ok && option < end; option += len + 1) {
		len = strlen(option);
		ok = amfs_json_append(texts, amfs_json_text(option, len)) &&
		     amfs_json_append(hexes, amfs_json_hex(option, len));
	}
	return ok;
}

static bool put_attributes(struct json_object *object, uint32_t attr)
{
	struct json_object *array = json_object_new_array();
	bool ok = amfs_put(object, "attributes", array);
	const char *word;
	uint32_t bit;

	for (bit = 1; ok && bit; bit <<= 1) {
		word = attr & bit ? amfs_key_attr_word(bit) : NULL;
		if (word)
			ok = amfs_json_append(array,
					      json_object_new_string(word));
	}
	return ok;
}

/* json-c's null is no object, and so no failed allocation either. */
static bool put_timeout(struct json_object *object, uint32_t timeout_s)
{
	if (timeout_s == AMFS_TIMEOUT_DEFAULT)
		return !json_object_object_add(object, "timeout_s", NULL);
	return amfs_put_number(object, "timeout_s", timeout_s);
}

static bool put_key(struct json_object *object, const struct amfs_key *key)
{
	return put_text(object, "map", "map_hex", key->map) &&
	       put_text(object, "key", "key_hex", key->name) &&
	       put_text(object, "fstype", "fstype_hex", key->fstype) &&
	       put_text(object, "source", "source_hex", key->source) &&
	       put_options(object, key) &&
	       put_attributes(object, key->attr) &&
	       put_timeout(object, key->timeout_s);
}

int amfs_key_list_json(const struct amfs_key_list *list, FILE *out)
{
	struct json_object *root = json_object_new_array();
	struct json_object *entry;
	bool ok = root;
	int error = -1;
	size_t i;

	for (i = 0; ok && i < list->count; i++) {
		entry = amfs_json_entry(root);
		ok = entry && put_key(entry, &list->keys[i]);
	}
	if (ok)
		error = amfs_json_print(root, out);
	json_object_put(root);
	return error;
}
