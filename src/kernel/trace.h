/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: one on each edge of a request's and a trigger's life.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM amfs

#if !defined(AMFS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define AMFS_TRACE_H

#include <linux/kdev_t.h>
#include <linux/tracepoint.h>

#include "amfs.h"

DECLARE_EVENT_CLASS(amfs_request,
	TP_PROTO(const struct amfs_request *req),
	TP_ARGS(req),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, id)
		__field(int, kind)
		__field(int, error)
		__field(u32, pid)
		__field(int, waiters)
		__string(key, req->name)
	),
	TP_fast_assign(
		__entry->dev = req->dev;
		__entry->id = req->core.id;
		__entry->kind = (int)req->core.key.kind;
		__entry->error = req->core.error;
		__entry->pid = pid_nr(req->asker.pid);
		__entry->waiters = atomic_read(&req->waiters);
		amfs_compat_assign_str(key, req->name);
	),
	TP_printk("%d:%d id=%llu %s key=%s error=%d pid=%u waiters=%d",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->id,
		  __entry->kind == AMFS_REQ_MOUNT ? "mount" : "expire", __get_str(key),
		  __entry->error, __entry->pid, __entry->waiters)
);

/* A request was made; those who join it make none. */
DEFINE_EVENT(amfs_request, amfs_request_new,
	TP_PROTO(const struct amfs_request *req), TP_ARGS(req));

/* A daemon has read it. */
DEFINE_EVENT(amfs_request, amfs_request_deliver,
	TP_PROTO(const struct amfs_request *req), TP_ARGS(req));

/* It has ended, with error. */
DEFINE_EVENT(amfs_request, amfs_request_end,
	TP_PROTO(const struct amfs_request *req), TP_ARGS(req));

/* Its deadline has passed. */
DEFINE_EVENT(amfs_request, amfs_deadline,
	TP_PROTO(const struct amfs_request *req), TP_ARGS(req));

/* A waiter goes on; killed is 0 or -ERESTARTSYS. */
TRACE_EVENT(amfs_waiter_wake,
	TP_PROTO(const struct amfs_request *req, int killed),
	TP_ARGS(req, killed),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, id)
		__field(int, killed)
		__string(key, req->name)
	),
	TP_fast_assign(
		__entry->dev = req->dev;
		__entry->id = req->core.id;
		__entry->killed = killed;
		amfs_compat_assign_str(key, req->name);
	),
	TP_printk("%d:%d id=%llu key=%s killed=%d", MAJOR(__entry->dev), MINOR(__entry->dev),
		  __entry->id, __get_str(key), __entry->killed)
);

DECLARE_EVENT_CLASS(amfs_expire,
	TP_PROTO(const struct amfs_trigger *trigger, int value),
	TP_ARGS(trigger, value),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(int, value)
		__string(key, (const char *)amfs_trigger_name(trigger).name)
	),
	TP_fast_assign(
		__entry->dev = amfs_trigger_point(trigger)->sb->s_dev;
		__entry->value = value;
		amfs_compat_assign_str(key, (const char *)amfs_trigger_name(trigger).name);
	),
	TP_printk("%d:%d key=%s value=%d", MAJOR(__entry->dev), MINOR(__entry->dev),
		  __get_str(key), __entry->value)
);

/* The daemon is asked; value: 1 mark and take, 0 one of both. */
DEFINE_EVENT(amfs_expire, amfs_expire_chosen,
	TP_PROTO(const struct amfs_trigger *trigger, int value), TP_ARGS(trigger, value));

/* It is unmounted; value: the answer's errno. */
DEFINE_EVENT(amfs_expire, amfs_expire_taken,
	TP_PROTO(const struct amfs_trigger *trigger, int value), TP_ARGS(trigger, value));

/* It stays mounted; value: why, a negative errno. */
DEFINE_EVENT(amfs_expire, amfs_expire_refused,
	TP_PROTO(const struct amfs_trigger *trigger, int value), TP_ARGS(trigger, value));

/* A daemon bound a map. */
TRACE_EVENT(amfs_adopt,
	TP_PROTO(const char *map, u32 points, u32 again),
	TP_ARGS(map, points, again),
	TP_STRUCT__entry(
		__string(map, map)
		__field(u32, points)
		__field(u32, again)
	),
	TP_fast_assign(
		amfs_compat_assign_str(map, map);
		__entry->points = points;
		__entry->again = again;
	),
	TP_printk("map=%s points=%u again=%u", __get_str(map), __entry->points,
		  __entry->again)
);

#endif /* AMFS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
