// SPDX-License-Identifier: GPL-2.0
/*
 * Expiry: which keys the daemon is asked to unmount, and when.
 *
 * Who decides what. The VFS keeps one mark on each mount, set by
 * umount2(MNT_EXPIRE) and cleared by every access, at no cost to the walker.
 * Only the VFS can see use in all namespaces, so only it decides: the kernel
 * side says when to look (point->due, ordered by time), the daemon calls
 * umount2(MNT_EXPIRE), and the answer is one of: gone; used since the last
 * look, and marked now (EAGAIN); in use (EBUSY). The looks are "timeout"
 * seconds apart, so a mount goes when it was idle for one to two timeouts.
 * AMFS_IOC_EXPIRE asks for the taking alone.
 *
 * While the daemon is asked the trigger is EXPIRING and walkers wait for the
 * request's end, whatever it is; then they look again (walk.c).
 *
 * What the kernel attached (source.c) it takes away itself, by the VFS's own
 * mark_mounts_for_expiry(): the same mark, the same two looks, in every mount
 * namespace where a copy is. Each trigger has a list of its own, so a look costs
 * what is due and nothing else, and one key can be expired alone. The VFS takes
 * a copy and looks whether it is in use under one lock, so walkers needn't wait:
 * who comes a moment later attaches it anew. A copy that came to a peer or slave
 * by propagation is on no list; it goes with the one it came from. Where that one
 * went with its mount namespace the daemon is asked, if there is one.
 *
 * Tempting shortcuts that are traps:
 * - Putting a mount that the daemon moved here on such a list: it may be
 *   unmounted between finding and listing it, and the VFS would have a freed
 *   mount on its list. A copy is listed before anybody else knows of it.
 * - Giving the source up as soon as no copy is on the list: one may be on its way
 *   between ->d_automount and the VFS's attaching it (amfs_trigger_bare_locked()).
 * - One list for all copies: each look would go through all of them, and take
 *   and release the VFS's namespace_sem for as long as that takes.
 * - Looking at a use count here instead: it is blind to other namespaces.
 * - Scanning all keys for the idle ones: 100,000 mounted keys are common.
 *   The heap costs O(log n) for each key that is due, and nothing for others.
 * - Waiting for each key's request before asking for the next: a batch is
 *   asked at once, and the daemon's workers share it.
 * - Letting a walker cross an EXPIRING trigger because it is still mounted: by
 *   the path route the directory goes a moment later.
 */
#include "amfs.h"

#include <linux/lockref.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "expire.h"
#include "trace.h"

/* How long the expiry waits when memory is short. */
#define RETRY	NSEC_PER_SEC

static struct amfs_expiry *expiry_alloc(struct amfs_trigger *trigger, struct amfs_request **fresh)
{
	struct amfs_expiry *expiry = kzalloc(sizeof(*expiry), GFP_KERNEL);

	*fresh = amfs_request_alloc(trigger, AMFS_REQ_EXPIRE);
	if (expiry && *fresh)
		return expiry;
	kfree(expiry);
	amfs_request_put(*fresh);
	*fresh = NULL;
	return NULL;
}

static void expiry_free(struct amfs_expiry *expiry)
{
	amfs_request_put(expiry->req);
	kfree(expiry);
}

static int join_locked(struct amfs_trigger *trigger, struct amfs_expiry *expiry)
{
	expiry->req = amfs_request_get(trigger->req);
	expiry->sub = !READ_ONCE(expiry->req->now);
	return 0;
}

/* Copies were looked at; the daemon has nothing mounted here. */
static int copies_left_locked(struct amfs_trigger *trigger, struct amfs_expiry *expiry, bool now)
{
	expiry->error = now ? -EBUSY : -EAGAIN;
	trace_amfs_expire_refused(trigger, expiry->error);
	amfs_trigger_used_locked(trigger);
	return 0;
}

/* Nothing is mounted here any more; @swept: by our own doing. */
static int gone_locked(struct amfs_trigger *trigger, struct amfs_source **old, bool swept)
{
	if (swept)
		trace_amfs_expire_taken(trigger, 0);
	*old = amfs_trigger_gone_locked(trigger);
	return swept ? 0 : -ENOENT;
}

static int start_locked(struct amfs_trigger *trigger, struct amfs_expiry *expiry,
			struct amfs_request **fresh, struct amfs_source **old, bool now, bool swept)
{
	bool added = false;
	int err;

	if (trigger->state == AMFS_EXPIRING)
		return join_locked(trigger, expiry);
	if (trigger->state != AMFS_MOUNTED)
		return -ENOENT;
	/* Gone: by us, or by umount(8) while somebody still holds the dentry. */
	if (amfs_trigger_bare_locked(trigger))
		return gone_locked(trigger, old, swept);
	if (!trigger->daemon_mount && !list_empty(&trigger->copies))
		return copies_left_locked(trigger, expiry, now);
	if (trigger->tree && !now && !trigger->marked && !trigger->torn) {
		amfs_tree_mark_locked(trigger);
		expiry->error = -EAGAIN;
		return 0;
	}
	(*fresh)->now = now;
	(*fresh)->tree = trigger->tree;
	expiry->req = *fresh;
	err = amfs_request_start_locked(&expiry->req, &added);
	if (added)
		*fresh = NULL;
	if (!err)
		trace_amfs_expire_chosen(trigger, now);
	return err;
}

/* The VFS's look at our copies; false when there are none. */
static bool sweep(struct amfs_trigger *trigger, bool now)
{
	if (list_empty(&trigger->copies))
		return false;
	trace_amfs_expire_chosen(trigger, now);
	mark_mounts_for_expiry(&trigger->copies);
	/* What isn't in use goes at the second look, without time in between. */
	if (now)
		mark_mounts_for_expiry(&trigger->copies);
	return true;
}

/**
 * amfs_expire_one - expire one key, or have it expired
 * @trigger: its trigger; the caller holds the dentry
 * @now: mark and take at once
 * @batch: a record of it is added here
 *
 * Context: may sleep.
 * Return: 0; -ENOENT it isn't mounted; -ENOLINK the daemon would have to be
 * asked and there is none; -ENOMEM.
 */
int amfs_expire_one(struct amfs_trigger *trigger, bool now, struct list_head *batch)
{
	struct amfs_source *old = NULL;
	struct amfs_request *fresh;
	struct amfs_expiry *expiry = expiry_alloc(trigger, &fresh);
	bool swept;
	int err;

	if (!expiry)
		return -ENOMEM;
	swept = sweep(trigger, now);
	spin_lock(&amfs_trigger_point(trigger)->lock);
	err = start_locked(trigger, expiry, &fresh, &old, now, swept);
	spin_unlock(&amfs_trigger_point(trigger)->lock);
	amfs_source_put(old);
	amfs_request_put(fresh);
	if (err)
		expiry_free(expiry);
	else
		list_add_tail(&expiry->in_batch, batch);
	return err;
}

/* The next trigger that is due and still alive, with its dentry held. */
static struct amfs_trigger *take_due_locked(struct amfs_point *point)
{
	struct amfs_trigger *trigger;
	struct amfs_due *due;

	lockdep_assert_held(&point->lock);
	while ((due = amfs_dueq_take(&point->due, amfs_now()))) {
		trigger = container_of(due, struct amfs_trigger, due);
		if (lockref_get_not_dead(&trigger->dentry->d_lockref))
			return trigger;
	}
	return NULL;
}

/* The same; a failure whose time is over is forgotten, and what it held given up. */
static struct amfs_trigger *take_due(struct amfs_point *point)
{
	struct amfs_source *old = NULL;
	struct amfs_trigger *trigger;
	bool pin = false;

	spin_lock(&point->lock);
	trigger = take_due_locked(point);
	if (trigger && trigger->state == AMFS_FAILED) {
		old = amfs_trigger_unasked_locked(trigger, AMFS_EV_TTL);
		pin = trigger->pinned;
		trigger->pinned = false;
	}
	spin_unlock(&point->lock);
	amfs_source_put(old);
	/* Not the last one. */
	if (pin)
		dput(trigger->dentry);
	return trigger;
}

/* It couldn't be asked for: look again later. */
static void put_off(struct amfs_trigger *trigger, int err)
{
	struct amfs_point *point = amfs_trigger_point(trigger);
	u64 delay = RETRY;

	spin_lock(&point->lock);
	if (err != -ENOMEM)
		delay = amfs_seconds(amfs_trigger_timeout_locked(trigger));
	if (trigger->state == AMFS_MOUNTED && delay)
		amfs_trigger_due_locked(trigger, amfs_now() + delay);
	spin_unlock(&point->lock);
}

/**
 * amfs_expire_free - forget a batch
 * @batch: records, freed; the requests go on
 */
void amfs_expire_free(struct list_head *batch)
{
	struct amfs_expiry *expiry, *next;

	list_for_each_entry_safe(expiry, next, batch, in_batch)
		expiry_free(expiry);
	INIT_LIST_HEAD(batch);
}

/**
 * amfs_expire_due - look at every trigger that is due
 * @point: the automount point
 * @batch: where to put records of the requests made, NULL: the caller doesn't
 *	want to wait for them
 *
 * Mounted keys are asked for; remembered failures whose TTL is over are
 * forgotten, and their dentries go unless somebody holds them.
 *
 * Context: may sleep.
 */
void amfs_expire_due(struct amfs_point *point, struct list_head *batch)
{
	struct amfs_trigger *trigger;
	LIST_HEAD(unwatched);
	int err;

	while ((trigger = take_due(point))) {
		struct dentry *dentry = trigger->dentry;

		if (READ_ONCE(trigger->state) == AMFS_MOUNTED) {
			err = amfs_expire_one(trigger, false, batch ?: &unwatched);
			if (err)
				put_off(trigger, err);
			amfs_expire_free(&unwatched);
		}
		dput(dentry);
	}
}
