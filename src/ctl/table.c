// SPDX-License-Identifier: GPL-2.0
/* The status for people: three tables, each left out when it is empty. */
#include "status.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "device.h"
#include "grid.h"
#include "text.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const struct amfs_grid_column point_columns[] = {
	{ "MAP", false }, { "MOUNTED ON", false }, { "DAEMON", false },
	{ "ROUTE", false }, { "MOUNTED", true }, { "PENDING", true },
	{ "FAILED", true }, { "TIMEOUT", true }, { "DEADLINE", true },
	{ "GRACE", true }, { "NEGATIVE", true }, { "UNREACHED", true },
};

static const struct amfs_grid_column key_columns[] = {
	{ "MAP", false }, { "KEY", false }, { "STATE", false },
	{ "BY", false }, { "IDLE", true }, { "NEXT LOOK", true }, { "ERROR", false },
};

static const struct amfs_grid_column request_columns[] = {
	{ "MAP", false }, { "KEY", false }, { "REQUEST", false },
	{ "AGE", true }, { "LEFT", true }, { "WAITERS", true },
	{ "PID", true }, { "COMMAND", false }, { "USER", false },
	{ "DAEMON HAS IT", false },
};

static void print(struct amfs_grid *grid, FILE *out)
{
	if (amfs_grid_print(grid, out))
		amfs_die(ENOMEM, "the table");
}

static void add_name(struct amfs_grid *grid, const char *name)
{
	amfs_grid_show(grid, name, strnlen(name, AMFS_NAME_LEN));
}

static void add_place(struct amfs_grid *grid,
		      const struct amfs_status_point *point)
{
	char shown[AMFS_TEXT_ROOM(PATH_MAX)];
	const char *place;

	if (!point->nr_places) {
		amfs_grid_add(grid, "(elsewhere)");
		return;
	}
	place = point->places[0];
	if (point->nr_places > 1)
		amfs_grid_add(grid, "%s (and %zu more)",
			      amfs_text_show(shown, place,
					     strnlen(place, PATH_MAX)),
			      point->nr_places - 1);
	else
		amfs_grid_show(grid, place, strlen(place));
}

static void add_time(struct amfs_grid *grid, __u64 ms)
{
	char text[32];

	amfs_grid_add(grid, "%s", amfs_text_time(text, sizeof(text), ms));
}

/* For mount options, where 0 means never or not at all. */
static void add_seconds(struct amfs_grid *grid, __u32 seconds)
{
	if (seconds)
		amfs_grid_add(grid, "%u s", seconds);
	else
		amfs_grid_add(grid, "-");
}

static void add_daemon(struct amfs_grid *grid,
		       const struct amfs_info_point *info)
{
	char text[32];

	if (info->daemon_pid)
		amfs_grid_add(grid, "%u", info->daemon_pid);
	else if (info->orphan_ms)
		amfs_grid_add(grid, "none for %s",
			      amfs_text_time(text, sizeof(text),
					     info->orphan_ms));
	else
		amfs_grid_add(grid, "none");
}

static const char *point_kind(__u32 flags)
{
	if (flags & AMFS_INFO_F_OFFSET)
		return ", offset";
	return flags & AMFS_INFO_F_DIRECT ? ", direct" : "";
}

static void print_points(const struct amfs_status *status, FILE *out)
{
	struct amfs_grid grid = {
		.columns = point_columns,
		.nr_columns = COUNT(point_columns),
	};
	const struct amfs_info_point *info;
	size_t i;

	for (i = 0; i < status->nr_points; i++) {
		info = &status->points[i].info;
		add_name(&grid, info->map);
		add_place(&grid, &status->points[i]);
		add_daemon(&grid, info);
		amfs_grid_add(&grid, "%s%s", amfs_status_route(info->flags),
			      point_kind(info->flags));
		amfs_grid_add(&grid, "%u", info->mounted);
		amfs_grid_add(&grid, "%u", info->pending);
		amfs_grid_add(&grid, "%u", info->failed);
		add_seconds(&grid, info->timeout_s);
		add_seconds(&grid, info->deadline_s);
		add_seconds(&grid, info->grace_s);
		add_seconds(&grid, info->negative_s);
		amfs_grid_add(&grid, "%u", info->unreached);
	}
	print(&grid, out);
}

static void add_error(struct amfs_grid *grid, __u32 error)
{
	const char *name = strerrorname_np((int)error);

	if (!error)
		amfs_grid_add(grid, "-");
	else if (name)
		amfs_grid_add(grid, "%s (%s)", name, strerror((int)error));
	else
		amfs_grid_add(grid, "%u", error);
}

static void print_keys(const struct amfs_status *status, FILE *out)
{
	struct amfs_grid grid = {
		.columns = key_columns,
		.nr_columns = COUNT(key_columns),
	};
	const struct amfs_info_key *key;
	const char *by;
	size_t i;

	for (i = 0; i < status->nr_keys; i++) {
		key = &status->keys[i];
		add_name(&grid, amfs_status_map(status, key->dev_major,
						key->dev_minor));
		add_name(&grid, key->name);
		amfs_grid_add(&grid, "%s", amfs_status_state(key->state));
		by = amfs_status_mounted_by(key->flags);
		amfs_grid_add(&grid, "%s", *by ? by : "-");
		if (key->state == AMFS_INFO_MOUNTED ||
		    key->state == AMFS_INFO_EXPIRING)
			add_time(&grid, key->idle_ms);
		else
			amfs_grid_add(&grid, "-");
		if (key->due_ms)
			add_time(&grid, key->due_ms);
		else
			amfs_grid_add(&grid, "-");
		add_error(&grid, key->error);
	}
	print(&grid, out);
}

/* Who asked first; the kernel itself has no process. */
static void add_asker(struct amfs_grid *grid,
		      const struct amfs_info_request *request)
{
	if (!*request->comm) {
		amfs_grid_add(grid, "-");
		amfs_grid_add(grid, "(kernel)");
		amfs_grid_add(grid, "-");
		return;
	}
	amfs_grid_add(grid, "%u", request->pid);
	add_name(grid, request->comm);
	amfs_grid_add(grid, "%s", amfs_status_user(request->uid));
}

static void print_requests(const struct amfs_status *status, FILE *out)
{
	struct amfs_grid grid = {
		.columns = request_columns,
		.nr_columns = COUNT(request_columns),
	};
	const struct amfs_info_request *request;
	size_t i;

	for (i = 0; i < status->nr_requests; i++) {
		request = &status->requests[i];
		add_name(&grid, amfs_status_map(status, request->dev_major,
						request->dev_minor));
		add_name(&grid, request->name);
		amfs_grid_add(&grid, "%s", amfs_status_kind(request->kind));
		add_time(&grid, request->age_ms);
		if (request->left_ms)
			add_time(&grid, request->left_ms);
		else
			amfs_grid_add(&grid, "-");
		amfs_grid_add(&grid, "%u", request->waiters);
		add_asker(&grid, request);
		amfs_grid_add(&grid, "%s", request->delivered ? "yes" : "no");
	}
	print(&grid, out);
}

void amfs_status_table(const struct amfs_status *status, FILE *out)
{
	if (!status->nr_points) {
		fputs("No automount point is mounted.\n", out);
		return;
	}
	print_points(status, out);
	if (status->nr_keys) {
		fputc('\n', out);
		print_keys(status, out);
	}
	if (status->nr_requests) {
		fputc('\n', out);
		print_requests(status, out);
	}
}
