// SPDX-License-Identifier: GPL-2.0
/* The status for programs. */
#include "status.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "json_put.h"

static bool put_name(struct json_object *object, const char *name,
		     const char *hex_name, const char *value)
{
	return amfs_put_bytes(object, name, hex_name, value,
			      strnlen(value, AMFS_NAME_LEN));
}

static bool put_device(struct json_object *object, __u32 dev_major,
		       __u32 dev_minor)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", dev_major, dev_minor);
	return amfs_put_string(object, "dev", text);
}

static bool put_places(struct json_object *object,
		       const struct amfs_status_point *point)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	if (!amfs_put(object, "mounted_on", array))
		return false;
	for (i = 0; i < point->nr_places; i++)
		if (!amfs_json_append(array, amfs_json_text(point->places[i],
						strlen(point->places[i]))))
			return false;
	return true;
}

static bool put_point(struct json_object *object,
		      const struct amfs_status_point *point)
{
	const struct amfs_info_point *info = &point->info;

	return put_name(object, "map", "map_hex", info->map) &&
	       put_device(object, info->dev_major, info->dev_minor) &&
	       put_places(object, point) &&
	       amfs_put_number(object, "daemon_pid", info->daemon_pid) &&
	       amfs_put_number(object, "orphan_ms", info->orphan_ms) &&
	       amfs_put_string(object, "route",
			       amfs_status_route(info->flags)) &&
	       amfs_put(object, "direct", json_object_new_boolean(
			   !!(info->flags & AMFS_INFO_F_DIRECT))) &&
	       amfs_put(object, "offset", json_object_new_boolean(
			   !!(info->flags & AMFS_INFO_F_OFFSET))) &&
	       amfs_put(object, "nsattach", json_object_new_boolean(
				!!(info->flags & AMFS_INFO_F_NSATTACH))) &&
	       amfs_put_number(object, "timeout_s", info->timeout_s) &&
	       amfs_put_number(object, "deadline_s", info->deadline_s) &&
	       amfs_put_number(object, "grace_s", info->grace_s) &&
	       amfs_put_number(object, "negative_s", info->negative_s) &&
	       amfs_put_number(object, "mounted", info->mounted) &&
	       amfs_put_number(object, "pending", info->pending) &&
	       amfs_put_number(object, "failed", info->failed) &&
	       amfs_put_number(object, "requests", info->requests) &&
	       amfs_put_number(object, "unreached", info->unreached);
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
	       amfs_put_string(object, "state",
			       amfs_status_state(key->state)) &&
	       amfs_put_string(object, "route",
			       amfs_status_route(key->flags)) &&
	       amfs_put_string(object, "mounted_by",
			       amfs_status_mounted_by(key->flags)) &&
	       amfs_put(object, "tree", json_object_new_boolean(
			   !!(key->flags & AMFS_INFO_F_TREE))) &&
	       amfs_put_number(object, "idle_ms", key->idle_ms) &&
	       amfs_put_number(object, "due_ms", key->due_ms) &&
	       amfs_put_number(object, "errno", key->error) &&
	       amfs_put_string(object, "error",
			       key->error && error ? error : "");
}

static bool put_request(struct json_object *object,
			const struct amfs_status *status,
			const struct amfs_info_request *request)
{
	return put_map_of(object, status, request->dev_major,
			  request->dev_minor) &&
	       put_name(object, "key", "key_hex", request->name) &&
	       amfs_put_string(object, "kind",
			       amfs_status_kind(request->kind)) &&
	       amfs_put_number(object, "id", request->id) &&
	       amfs_put(object, "delivered",
			json_object_new_boolean(request->delivered)) &&
	       amfs_put_number(object, "waiters", request->waiters) &&
	       amfs_put_number(object, "age_ms", request->age_ms) &&
	       amfs_put_number(object, "left_ms", request->left_ms) &&
	       amfs_put_number(object, "pid", request->pid) &&
	       put_name(object, "comm", "comm_hex", request->comm) &&
	       amfs_put_number(object, "uid", request->uid) &&
	       amfs_put_number(object, "gid", request->gid) &&
	       amfs_put_string(object, "user", *request->comm ?
			       amfs_status_user(request->uid) : "") &&
	       amfs_put_number(object, "mnt_ns", request->mnt_ns) &&
	       amfs_put_number(object, "user_ns", request->user_ns);
}

static bool put_all(struct json_object *root, const struct amfs_status *status)
{
	struct json_object *points = json_object_new_array();
	struct json_object *keys = json_object_new_array();
	struct json_object *requests = json_object_new_array();
	struct json_object *entry;
	bool ok;
	size_t i;

	ok = amfs_put(root, "points", points);
	ok = amfs_put(root, "keys", keys) && ok;
	ok = amfs_put(root, "requests", requests) && ok;
	for (i = 0; ok && i < status->nr_points; i++) {
		entry = amfs_json_entry(points);
		ok = entry && put_point(entry, &status->points[i]);
	}
	for (i = 0; ok && i < status->nr_keys; i++) {
		entry = amfs_json_entry(keys);
		ok = entry && put_key(entry, status, &status->keys[i]);
	}
	for (i = 0; ok && i < status->nr_requests; i++) {
		entry = amfs_json_entry(requests);
		ok = entry && put_request(entry, status, &status->requests[i]);
	}
	return ok;
}

int amfs_status_json(const struct amfs_status *status, FILE *out)
{
	struct json_object *root = json_object_new_object();
	int error = -1;

	if (root && put_all(root, status))
		error = amfs_json_print(root, out);
	json_object_put(root);
	return error;
}
