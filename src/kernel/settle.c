// SPDX-License-Identifier: GPL-2.0
/*
 * How a request, or a mount without one, ended, and what that makes of its trigger:
 * the state, what the kernel attaches, and who holds the dentry from now on.
 */
#include "amfs.h"

#include "trace.h"

/* What the daemon had mounted is no more. */
static void forget_mount_locked(struct amfs_trigger *trigger)
{
	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	trigger->daemon_mount = false;
	trigger->tree = false;
	WRITE_ONCE(trigger->torn, false);
}

static struct amfs_source *take_source_locked(struct amfs_trigger *trigger)
{
	struct amfs_source *source = trigger->source;

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	trigger->source = NULL;
	return source;
}

/**
 * amfs_trigger_gone_locked - what was mounted went without the daemon's doing
 * @trigger: the trigger, MOUNTED
 *
 * Context: point->lock is held; takes d_lock.
 * Return: the source or NULL, to be put by the caller after unlocking.
 */
struct amfs_source *amfs_trigger_gone_locked(struct amfs_trigger *trigger)
{
	forget_mount_locked(trigger);
	amfs_trigger_event_locked(trigger, AMFS_EV_GONE);
	return take_source_locked(trigger);
}

/**
 * amfs_trigger_unasked_locked - nothing says any more why the key isn't mounted
 * @trigger: the trigger; nothing is mounted where its last walker stood
 * @event: what ends in IDLE
 *
 * Copies of ours in other mount namespaces are as good as before the failure, and
 * the expiry is to know of them.
 *
 * Context: point->lock is held; takes d_lock.
 * Return: the source or NULL, to be put by the caller after unlocking.
 */
struct amfs_source *amfs_trigger_unasked_locked(struct amfs_trigger *trigger,
						enum amfs_event event)
{
	amfs_trigger_event_locked(trigger, event);
	if (amfs_trigger_bare_locked(trigger))
		return take_source_locked(trigger);
	if (trigger->source)
		amfs_trigger_event_locked(trigger, AMFS_EV_FOUND);
	return NULL;
}

/*
 * The name is something else by now than what was asked for: loaded keys have made a
 * folder of it, or it was loaded itself, or replaced, or deleted. With the lock either
 * this is seen here or amfs_point_reconsider() sees the failure.
 */
static bool overtaken(const struct amfs_request *req)
{
	const struct qstr name = amfs_trigger_name(req->trigger);
	const struct amfs_key *key = req->own ? req->job->key : NULL;

	return amfs_trigger_outdated(req->trigger) ||
	       !amfs_key_is(req->point->loaded, &name, key);
}

/* The errno and TTL of a failed MOUNT; true says that we pin its dentry. */
static bool settle_failure_locked(const struct amfs_request *req, const struct amfs_answer *answer,
				  struct amfs_source **old)
{
	struct amfs_trigger *trigger = req->trigger;
	struct amfs_point *point = req->point;
	u64 ttl = answer->ttl_ms * (u64)NSEC_PER_MSEC;

	if (answer->ttl_ms == AMFS_MS_DEFAULT)
		ttl = amfs_seconds(point->opt.negative);
	if (!ttl || overtaken(req)) {
		*old = amfs_trigger_unasked_locked(trigger, AMFS_EV_MOUNT_DROP);
		return false;
	}
	trigger->error = answer->error;
	amfs_trigger_event_locked(trigger, AMFS_EV_MOUNT_FAIL);
	if (amfs_trigger_bare_locked(trigger))
		*old = take_source_locked(trigger);
	amfs_trigger_due_locked(trigger, amfs_now() + ttl);
	if (!d_unhashed(trigger->dentry) || IS_ROOT(trigger->dentry) || trigger->pinned)
		return false;
	trigger->pinned = true;
	return true;
}

static void settle_mounted_locked(struct amfs_trigger *trigger, const struct amfs_answer *answer,
				  struct amfs_source **old)
{
	if (answer->source) {
		*old = trigger->source;
		trigger->source = answer->source;
	}
	if (!answer->attach) {
		trigger->daemon_mount = true;
		trigger->where = answer->where;
	}
	amfs_trigger_event_locked(trigger, AMFS_EV_MOUNT_OK);
}

static void settle_expire_locked(struct amfs_trigger *trigger, const struct amfs_answer *answer,
				 struct amfs_source **old)
{
	bool gone = !answer->error || !amfs_trigger_mounted(trigger);

	if (gone)
		trace_amfs_expire_taken(trigger, answer->error);
	else
		trace_amfs_expire_refused(trigger, answer->error);
	if (gone)
		forget_mount_locked(trigger);
	/* Anything but "all is mounted again" leaves it half apart, as silence does. */
	else if (answer->by_daemon && answer->error == -EBUSY)
		WRITE_ONCE(trigger->torn, false);
	/* Copies of ours, elsewhere, are as good as before. */
	if (gone && trigger->source && !amfs_trigger_bare_locked(trigger))
		gone = false;
	if (gone)
		*old = take_source_locked(trigger);
	amfs_trigger_event_locked(trigger, gone ? AMFS_EV_EXPIRE_OK : AMFS_EV_EXPIRE_NO);
}

/**
 * amfs_trigger_settle_locked - a request has ended: what that means
 * @req: the request
 * @answer: how it ended; a source in it is the trigger's from now on
 * @old: out: a source to be put after unlocking
 *
 * An EXPIRE that the daemon didn't answer may have unmounted or not: the dentry
 * knows.
 *
 * Context: point->lock is held; takes d_lock.
 * Return: true when the request's reference to the dentry is now the trigger's
 * pin, false when the caller drops it.
 */
bool amfs_trigger_settle_locked(const struct amfs_request *req,
				const struct amfs_answer *answer, struct amfs_source **old)
{
	enum amfs_req_kind kind = req->core.key.kind;
	struct amfs_trigger *trigger = req->trigger;

	lockdep_assert_held(&req->point->lock);
	*old = NULL;
	if (kind == AMFS_REQ_MOUNT && answer->error)
		return settle_failure_locked(req, answer, old);
	if (kind == AMFS_REQ_MOUNT)
		settle_mounted_locked(trigger, answer, old);
	else
		settle_expire_locked(trigger, answer, old);
	return false;
}
