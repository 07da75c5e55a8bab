// SPDX-License-Identifier: GPL-2.0
/* What json-c leaves to its users: bytes that are no text, and no memory. */
#include "json_put.h"

#include <stdlib.h>

#include "text.h"

bool amfs_put(struct json_object *object, const char *name,
	      struct json_object *value)
{
	return value && !json_object_object_add(object, name, value);
}

bool amfs_put_number(struct json_object *object, const char *name,
		     uint64_t value)
{
	return amfs_put(object, name, json_object_new_uint64(value));
}

bool amfs_put_string(struct json_object *object, const char *name,
		     const char *value)
{
	return amfs_put(object, name, json_object_new_string(value));
}

static struct json_object *
convert(char *(*as)(char *out, const char *bytes, size_t len),
	const char *bytes, size_t len)
{
	char *text = malloc(AMFS_TEXT_ROOM(len));
	struct json_object *string;

	if (!text)
		return NULL;
	string = json_object_new_string(as(text, bytes, len));
	free(text);
	return string;
}

struct json_object *amfs_json_text(const char *bytes, size_t len)
{
	return convert(amfs_text_utf8, bytes, len);
}

struct json_object *amfs_json_hex(const char *bytes, size_t len)
{
	return convert(amfs_text_hex, bytes, len);
}

bool amfs_put_bytes(struct json_object *object, const char *name,
		    const char *hex_name, const char *bytes, size_t len)
{
	return amfs_put(object, name, amfs_json_text(bytes, len)) &&
	       amfs_put(object, hex_name, amfs_json_hex(bytes, len));
}

bool amfs_json_append(struct json_object *array, struct json_object *value)
{
	if (!value)
		return false;
	if (!json_object_array_add(array, value))
		return true;
	json_object_put(value);
	return false;
}

struct json_object *amfs_json_entry(struct json_object *array)
{
	struct json_object *entry = json_object_new_object();

	return amfs_json_append(array, entry) ? entry : NULL;
}

int amfs_json_print(struct json_object *root, FILE *out)
{
	const char *text = json_object_to_json_string_ext(root,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		return -1;
	fprintf(out, "%s\n", text);
	return 0;
}
