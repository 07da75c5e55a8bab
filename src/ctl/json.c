// SPDX-License-Identifier: GPL-2.0
/*
 * The status for programs. A name is given twice: readable, and exact in
 * hexadecimal, since it may hold bytes that no JSON string can.
 */
#include "status.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "text.h"

/* What a failed allocation leaves out makes the whole useless. */
static bool put(struct json_object *object, const char *name,
		struct json_object *value)
{
	return value && !json_object_object_add(object, name, value);
}

static bool put_number(struct json_object *object, const char *name,
		       __u64 value)
{
	return put(object, name, json_object_new_uint64(value));
}

static bool put_string(struct json_object *object, const char *name,
		       const char *value)
{
	return put(object, name, json_object_new_string(value));
}

static bool put_name(struct json_object *object, const char *name,
		     const char *hex_name, const char *value)
{
	size_t len = strnlen(value, AMFS_NAME_LEN);
	char text[AMFS_TEXT_SIZE];

	return put_string(object, name, amfs_text_utf8(text, value, len)) &&
	       put_string(object, hex_name, amfs_text_hex(text, value, len));
}

static bool put_device(struct json_object *object, __u32 dev_major,
		       __u32 dev_minor)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", dev_major, dev_minor);
	return put_string(object, "dev", text);
}

static bool put_places(struct json_object *object,
		       const struct amfs_status_point *point)
{
	struct json_object *array = json_object_new_array();
	char text[4 * 4096 + 1];
	size_t i;

	if (!put(object, "mounted_on", array))
		return false;
	for (i = 0; i < point->nr_places; i++) {
		if (strlen(point->places[i]) > 4096)
			continue;
		amfs_text_utf8(text, point->places[i],
			       strlen(point->places[i]));
		if (json_object_array_add(array, json_object_new_string(text)))
			return false;
	}
	return true;
}

static bool put_point(struct json_object *object,
		      const struct amfs_status_point *point)
{
	const struct amfs_info_point *info = &point->info;

	return put_name(object, "map", "map_hex", info->map) &&
	       put_device(object, info->dev_major, info->dev_minor) &&
	       put_places(object, point) &&
	       put_number(object, "daemon_pid", info->daemon_pid) &&
	       put_number(object, "orphan_ms", info->orphan_ms) &&
	       put_string(object, "route", amfs_status_route(info->flags)) &&
	       put(object, "nsattach", json_object_new_boolean(
			   !!(info->flags & AMFS_INFO_F_NSATTACH))) &&
	       put_number(object, "timeout_s", info->timeout_s) &&
	       put_number(object, "deadline_s", info->deadline_s) &&
	       put_number(object, "grace_s", info->grace_s) &&
	       put_number(object, "negative_s", info->negative_s) &&
	       put_number(object, "mounted", info->mounted) &&
	       put_number(object, "pending", info->pending) &&
	       put_number(object, "failed", info->failed) &&
	       put_number(object, "requests", info->requests) &&
	       put_number(object, "unreached", info->unreached);
}

static bool put_map_of(struct json_object *object,
		       const struct amfs_status *status, __u32 dev_major,
		       __u32 dev_minor)
{
	return put_name(object, "map", "map_hex",
			amfs_status_map(status, dev_major, dev_minor)) &&
	       put_device(object, dev_major, dev_minor);
}

static bool put_key(struct json_object *object,
		    const struct amfs_status *status,
		    const struct amfs_info_key *key)
{
	const char *error = strerrorname_np((int)key->error);

	return put_map_of(object, status, key->dev_major, key->dev_minor) &&
	       put_name(object, "key", "key_hex", key->name) &&
	       put_string(object, "state", amfs_status_state(key->state)) &&
	       put_string(object, "route", amfs_status_route(key->flags)) &&
	       put_string(object, "mounted_by",
			  amfs_status_mounted_by(key->flags)) &&
	       put_number(object, "idle_ms", key->idle_ms) &&
	       put_number(object, "due_ms", key->due_ms) &&
	       put_number(object, "errno", key->error) &&
	       put_string(object, "error", key->error && error ? error : "");
}

static bool put_request(struct json_object *object,
			const struct amfs_status *status,
			const struct amfs_info_request *request)
{
	return put_map_of(object, status, request->dev_major,
			  request->dev_minor) &&
	       put_name(object, "key", "key_hex", request->name) &&
	       put_string(object, "kind", amfs_status_kind(request->kind)) &&
	       put_number(object, "id", request->id) &&
	       put(object, "delivered",
		   json_object_new_boolean(request->delivered)) &&
	       put_number(object, "waiters", request->waiters) &&
	       put_number(object, "age_ms", request->age_ms) &&
	       put_number(object, "left_ms", request->left_ms) &&
	       put_number(object, "pid", request->pid) &&
	       put_name(object, "comm", "comm_hex", request->comm) &&
	       put_number(object, "uid", request->uid) &&
	       put_number(object, "gid", request->gid) &&
	       put_string(object, "user", *request->comm ?
			  amfs_status_user(request->uid) : "") &&
	       put_number(object, "mnt_ns", request->mnt_ns) &&
	       put_number(object, "user_ns", request->user_ns);
}

static struct json_object *new_entry(struct json_object *array)
{
	struct json_object *entry = json_object_new_object();

	if (entry && json_object_array_add(array, entry)) {
		json_object_put(entry);
		return NULL;
	}
	return entry;
}

static bool put_all(struct json_object *root, const struct amfs_status *status)
{
	struct json_object *points = json_object_new_array();
	struct json_object *keys = json_object_new_array();
	struct json_object *requests = json_object_new_array();
	struct json_object *entry;
	bool ok;
	size_t i;

	ok = put(root, "points", points);
	ok = put(root, "keys", keys) && ok;
	ok = put(root, "requests", requests) && ok;
	for (i = 0; ok && i < status->nr_points; i++) {
		entry = new_entry(points);
		ok = entry && put_point(entry, &status->points[i]);
	}
	for (i = 0; ok && i < status->nr_keys; i++) {
		entry = new_entry(keys);
		ok = entry && put_key(entry, status, &status->keys[i]);
	}
	for (i = 0; ok && i < status->nr_requests; i++) {
		entry = new_entry(requests);
		ok = entry && put_request(entry, status, &status->requests[i]);
	}
	return ok;
}

int amfs_status_json(const struct amfs_status *status, FILE *out)
{
	struct json_object *root = json_object_new_object();
	const char *text = NULL;

	if (root && put_all(root, status))
		text = json_object_to_json_string_ext(root,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(out, "%s\n", text);
	json_object_put(root);
	return text ? 0 : -1;
}
