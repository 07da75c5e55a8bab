// SPDX-License-Identifier: GPL-2.0
/*
 * The state of all automount points as records, page by page: what AMFS_IOC_LIST
 * and debugfs show. A cursor is {point, place in it}; places are trigger ids, so
 * going on costs O(log n) wherever it was left.
 */
#include "amfs.h"

#include <linux/mount.h>

#include "channel.h"

/**
 * struct records - where records go
 * @buf: the next one.
 * @room: bytes left.
 * @used: bytes written.
 * @full: one more didn't fit.
 */
struct records {
	void *buf;
	u32 room;
	u32 used;
	bool full;
};

static void *page_put(struct records *page, u32 size)
{
	void *record = page->buf;

	if (page->room < size) {
		page->full = true;
		return NULL;
	}
	page->buf += size;
	page->room -= size;
	page->used += size;
	return record;
}

static u64 ms(u64 ns)
{
	return div_u64(ns, NSEC_PER_MSEC);
}

static u64 ms_until(u64 when, u64 now)
{
	return when > now ? ms(when - now) + 1 : 0;
}

static void list_point(struct amfs_point *point, struct records *page)
{
	struct amfs_info_point *info = page_put(page, sizeof(*info));
	struct amfs_channel_state state;

	if (!info)
		return;
	amfs_channel_look(point->link, &state);
	*info = (struct amfs_info_point){
		.size = sizeof(*info),
		.dev_major = MAJOR(point->sb->s_dev),
		.dev_minor = MINOR(point->sb->s_dev),
		.daemon_pid = state.pid,
		.orphan_ms = state.bound ? 0 : ms(amfs_now() - state.orphan_since) + 1,
		.map_len = strlen(point->map),
	};
	strscpy(info->map, point->map, sizeof(info->map));
	spin_lock(&point->lock);
	info->timeout_s = point->opt.timeout;
	info->deadline_s = point->opt.deadline;
	info->grace_s = point->opt.grace;
	info->negative_s = point->opt.negative;
	info->flags = (point->opt.route == AMFS_ROUTE_PATH ? AMFS_INFO_F_PATH : 0) |
		      (point->opt.route == AMFS_ROUTE_KERNEL ? AMFS_INFO_F_KERNEL : 0) |
		      (point->opt.nsattach ? AMFS_INFO_F_NSATTACH : 0) |
		      (amfs_point_direct(point) ? AMFS_INFO_F_DIRECT : 0) |
		      (point->opt.offset ? AMFS_INFO_F_OFFSET : 0);
	info->unreached = point->unreached;
	info->mounted = point->count[AMFS_MOUNTED] + point->count[AMFS_EXPIRING];
	info->pending = point->count[AMFS_PENDING];
	info->failed = point->count[AMFS_FAILED];
	info->requests = point->requests.count + point->own_requests.count;
	spin_unlock(&point->lock);
}

static void list_key_locked(struct amfs_trigger *trigger, struct records *page)
{
	const struct qstr name = amfs_trigger_name(trigger);
	struct amfs_info_key *info;
	u64 now = amfs_now();

	if (trigger->state == AMFS_IDLE)
		return;
	info = page_put(page, sizeof(*info));
	if (!info)
		return;
	*info = (struct amfs_info_key){
		.size = sizeof(*info),
		.state = (u32)trigger->state,
		.dev_major = MAJOR(amfs_trigger_point(trigger)->sb->s_dev),
		.dev_minor = MINOR(amfs_trigger_point(trigger)->sb->s_dev),
		.flags = (trigger->path_route ? AMFS_INFO_F_PATH : 0) |
			 (list_empty(&trigger->copies) ? 0 : AMFS_INFO_F_KERNEL) |
			 (trigger->daemon_mount ? AMFS_INFO_F_DAEMON : 0) |
			 (trigger->tree ? AMFS_INFO_F_TREE : 0),
		.name_len = name.len,
	};
	memcpy(info->name, name.name, info->name_len);
	if (trigger->state == AMFS_FAILED)
		info->error = -trigger->error;
	if (trigger->state == AMFS_MOUNTED || trigger->state == AMFS_EXPIRING)
		info->idle_ms = ms(now - trigger->used);
	if (amfs_due_queued(&trigger->due))
		info->due_ms = ms_until(trigger->due.when, now) ?: 1;
}

static void list_request_locked(struct amfs_trigger *trigger, struct records *page)
{
	const struct amfs_request *req = trigger->req;
	struct amfs_info_request *info;
	u64 now = amfs_now(), until;

	if (!req)
		return;
	until = amfs_request_until(req);
	info = page_put(page, sizeof(*info));
	if (!info)
		return;
	*info = (struct amfs_info_request){
		.size = sizeof(*info),
		.kind = req->core.key.kind == AMFS_REQ_MOUNT ? AMFS_MSG_MOUNT : AMFS_MSG_EXPIRE,
		.id = req->core.id,
		.dev_major = MAJOR(req->dev),
		.dev_minor = MINOR(req->dev),
		.delivered = amfs_channel_delivered(amfs_trigger_point(trigger)->link, req),
		.waiters = atomic_read(&req->waiters),
		.age_ms = ms(now - req->core.created),
		.left_ms = until ? ms_until(until, now) ?: 1 : 0,
		.pid = pid_vnr(req->asker.pid),
		.uid = req->asker.uid,
		.gid = req->asker.gid,
		.mnt_ns = req->asker.mnt_ns,
		.user_ns = req->asker.user_ns,
		.name_len = req->core.key.len,
	};
	memcpy(info->comm, req->asker.comm, sizeof(info->comm));
	memcpy(info->name, req->name, info->name_len);
}

/* One stretch from *id on; false at the end of the point or of the page. */
static bool list_stretch(struct amfs_point *point, unsigned long *id, struct records *page,
			 void (*list)(struct amfs_trigger *trigger, struct records *page))
{
	struct amfs_trigger *trigger;
	int left = AMFS_STRETCH;

	spin_lock(&point->lock);
	xa_for_each_start(&point->triggers, *id, trigger, *id) {
		if (!left--)
			break;
		list(trigger, page);
		if (page->full)
			break;
	}
	spin_unlock(&point->lock);
	cond_resched();
	return trigger && !page->full;
}

static void list_triggers(struct amfs_point *point, u64 *cursor, struct records *page,
			  void (*list)(struct amfs_trigger *trigger, struct records *page))
{
	unsigned long id = *cursor;

	while (list_stretch(point, &id, page, list))
		;
	*cursor = id;
}

/**
 * amfs_list_fill - write the next records
 * @what: which
 * @cursor: where to begin; left where to go on
 * @buf: where to, zeroed
 * @room: bytes there, enough for one record of any kind
 *
 * Context: sleeps.
 * Return: bytes written, 0 at the end.
 */
int amfs_list_fill(enum amfs_list_what what, u64 cursor[2], void *buf, u32 room)
{
	struct records page = { .buf = buf, .room = room };
	struct amfs_point *point;

	while (!page.full && (point = amfs_point_next(cursor[0]))) {
		if (point->id != cursor[0])
			cursor[1] = 0;
		cursor[0] = point->id;
		if (what == AMFS_LIST_POINTS)
			list_point(point, &page);
		else
			list_triggers(point, &cursor[1], &page, what == AMFS_LIST_KEYS ?
				      list_key_locked : list_request_locked);
		if (!page.full) {
			cursor[0]++;
			cursor[1] = 0;
		}
		amfs_point_drop(point);
	}
	return page.used;
}
