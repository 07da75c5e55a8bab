// SPDX-License-Identifier: GPL-2.0
/*
 * What happens because time passes: deadlines of requests, the grace of a map
 * without a daemon, and triggers that are due (expire.c). One delayed work for
 * each automount point, armed for the earliest of them; nothing ticks while
 * nothing is to come.
 */
#include "amfs.h"

#include <linux/jiffies.h>
#include <linux/ratelimit.h>

#include "channel.h"
#include "trace.h"

/* Far deadlines are approached in steps, so that no conversion overflows. */
#define LONGEST_STEP	(3600ULL * NSEC_PER_SEC)

static void end(struct amfs_request *req, int error, u32 ttl_ms)
{
	struct amfs_answer answer = { .error = error, .ttl_ms = ttl_ms };

	amfs_request_end(req, &answer);
	amfs_request_put(req);
}

static struct amfs_request *take_overdue(struct amfs_point *point)
{
	struct amfs_request *req = NULL;
	u64 now = amfs_now();
	struct amfs_req *core;

	spin_lock(&point->lock);
	core = amfs_reqtab_overdue(&point->requests, now) ?:
	       amfs_reqtab_overdue(&point->own_requests, now);
	if (core)
		req = amfs_request_get(container_of(core, struct amfs_request, core));
	spin_unlock(&point->lock);
	return req;
}

/* Passing a deadline is remembered like any failure, lest walkers queue up. */
static void run_deadlines(struct amfs_point *point)
{
	struct amfs_request *req;

	while ((req = take_overdue(point))) {
		trace_amfs_deadline(req);
		pr_notice_ratelimited("amfs: %s: the %s did not %s %*pE in time (deadline=%u)\n",
				      point->map, req->own ? "kernel" : "daemon",
				      req->core.key.kind == AMFS_REQ_MOUNT ? "mount" : "expire",
				      (int)req->core.key.len, req->name,
				      READ_ONCE(point->opt.deadline));
		end(req, -ETIMEDOUT, AMFS_MS_DEFAULT);
	}
}

/* When the grace is over; U64_MAX while there is a daemon. */
static u64 grace_end(struct amfs_point *point)
{
	struct amfs_channel_state state;

	amfs_channel_look(point->link, &state);
	if (state.bound)
		return U64_MAX;
	return state.orphan_since + amfs_seconds(READ_ONCE(point->opt.grace));
}

/* Looked at anew for each request: a daemon may come meanwhile. */
static void run_grace(struct amfs_point *point)
{
	u32 left = READ_ONCE(point->requests.count);

	while (left-- && amfs_now() >= grace_end(point))
		if (!amfs_point_abort_one(point, &point->requests, -ENOLINK))
			break;
}

static u64 first_of(const struct amfs_dueq *queue)
{
	struct amfs_due *due = amfs_dueq_first(queue);

	return due ? due->when : U64_MAX;
}

static u64 next_due_locked(struct amfs_point *point)
{
	u64 next = min3(first_of(&point->due), first_of(&point->requests.deadlines),
			first_of(&point->own_requests.deadlines));

	if (point->requests.count)
		next = min(next, grace_end(point));
	return next;
}

/**
 * amfs_clock_arm_locked - see to it that the clock runs when it is needed
 * @point: the automount point; something was added to what it waits for
 *
 * Context: point->lock is held; takes channel->lock.
 */
void amfs_clock_arm_locked(struct amfs_point *point)
{
	u64 next = next_due_locked(point), now;

	lockdep_assert_held(&point->lock);
	if (point->dying || next >= point->armed)
		return;
	point->armed = next;
	now = amfs_now();
	next = next > now ? min(next - now, LONGEST_STEP) : 0;
	/* Rounded up: never early, at most a jiffy late. */
	mod_delayed_work(system_unbound_wq, &point->work,
			 next ? nsecs_to_jiffies(next) + 1 : 0);
}

static void clock_work(struct work_struct *work)
{
	struct amfs_point *point = container_of(to_delayed_work(work), struct amfs_point, work);

	spin_lock(&point->lock);
	point->armed = U64_MAX;
	spin_unlock(&point->lock);
	run_deadlines(point);
	run_grace(point);
	amfs_expire_due(point, NULL);
	spin_lock(&point->lock);
	amfs_clock_arm_locked(point);
	spin_unlock(&point->lock);
}

/**
 * amfs_clock_start - prepare the clock of a new automount point
 * @point: the automount point
 */
void amfs_clock_start(struct amfs_point *point)
{
	point->armed = U64_MAX;
	INIT_DELAYED_WORK(&point->work, clock_work);
}

/**
 * amfs_clock_stop - stop it for good, and wait until it doesn't run
 * @point: the automount point
 *
 * Context: sleeps. The work never holds the superblock's last reference, so
 * this can't be called from it.
 */
void amfs_clock_stop(struct amfs_point *point)
{
	spin_lock(&point->lock);
	point->dying = true;
	spin_unlock(&point->lock);
	cancel_delayed_work_sync(&point->work);
}

/**
 * amfs_clock_orphaned - a map has lost its daemon: its grace begins
 * @map: the map's name
 *
 * Context: may sleep.
 */
void amfs_clock_orphaned(const char *map)
{
	struct amfs_point *point;
	u64 from = 0;

	while ((point = amfs_point_next(from))) {
		from = point->id + 1;
		if (!strcmp(point->map, map)) {
			spin_lock(&point->lock);
			amfs_clock_arm_locked(point);
			spin_unlock(&point->lock);
		}
		amfs_point_drop(point);
	}
}
