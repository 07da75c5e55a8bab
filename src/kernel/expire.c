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
 * AMFS_IOC_EXPIRE asks for both steps at once.
 *
 * While the daemon is asked the trigger is EXPIRING and walkers wait for the
 * request's end, whatever it is; then they look again (walk.c).
 *
 * Tempting shortcuts that are traps:
 * - Expiring from the kernel by the list of mark_mounts_for_expiry(): for a
 *   mount that the daemon moved here, setting the list is racy on older
 *   kernels, and the daemon couldn't rmdir what it made by mkdir.
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
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "channel.h"
#include "trace.h"

/* How long the expiry waits when memory is short. */
#define RETRY	NSEC_PER_SEC

/**
 * struct expiry - one key of a batch
 * @in_batch: (owner only).
 * @req: the request, a reference (owner only).
 * @sub: it was another's, which only marks: worth a second try (owner only).
 */
struct expiry {
	struct list_head in_batch;
	struct amfs_request *req;
	bool sub;
};

static struct expiry *expiry_alloc(struct amfs_trigger *trigger, struct amfs_request **fresh)
{
	struct expiry *expiry = kzalloc(sizeof(*expiry), GFP_KERNEL);

	*fresh = amfs_request_alloc(trigger, AMFS_REQ_EXPIRE);
	if (expiry && *fresh)
		return expiry;
	kfree(expiry);
	amfs_request_put(*fresh);
	*fresh = NULL;
	return NULL;
}

static void expiry_free(struct expiry *expiry)
{
	amfs_request_put(expiry->req);
	kfree(expiry);
}

static int join_locked(struct amfs_trigger *trigger, struct expiry *expiry)
{
	expiry->req = amfs_request_get(trigger->req);
	expiry->sub = !READ_ONCE(expiry->req->now);
	return 0;
}

static int start_locked(struct amfs_trigger *trigger, struct expiry *expiry,
			struct amfs_request **fresh, bool now)
{
	bool added = false;
	int err;

	if (trigger->state == AMFS_EXPIRING)
		return join_locked(trigger, expiry);
	if (trigger->state != AMFS_MOUNTED)
		return -ENOENT;
	if (!d_mountpoint(trigger->dentry)) {
		/* umount(8) was here, and somebody still holds the dentry. */
		amfs_trigger_event_locked(trigger, AMFS_EV_GONE);
		return -ENOENT;
	}
	(*fresh)->now = now;
	expiry->req = *fresh;
	err = amfs_request_start_locked(&expiry->req, &added);
	if (added)
		*fresh = NULL;
	if (!err)
		trace_amfs_expire_chosen(trigger, now);
	return err;
}

/*
 * Ask for one key; the caller holds its dentry. Puts a record of it on @batch.
 * 0, -ENOENT (not mounted), -ENOLINK, -ENOMEM.
 */
static int expire_one(struct amfs_trigger *trigger, bool now, struct list_head *batch)
{
	struct amfs_request *fresh;
	struct expiry *expiry = expiry_alloc(trigger, &fresh);
	int err;

	if (!expiry)
		return -ENOMEM;
	spin_lock(&trigger->point->lock);
	err = start_locked(trigger, expiry, &fresh, now);
	spin_unlock(&trigger->point->lock);
	amfs_request_put(fresh);
	if (err)
		expiry_free(expiry);
	else
		list_add_tail(&expiry->in_batch, batch);
	return err;
}

/*
 * Take the next trigger that is due and still alive, with its dentry held and
 * @pin telling that the pin's reference is to be dropped as well.
 */
static struct amfs_trigger *take_due(struct amfs_point *point, bool *pin)
{
	struct amfs_trigger *trigger = NULL;
	struct amfs_due *due;

	*pin = false;
	spin_lock(&point->lock);
	while ((due = amfs_dueq_take(&point->due, amfs_now()))) {
		trigger = container_of(due, struct amfs_trigger, due);
		if (lockref_get_not_dead(&trigger->dentry->d_lockref))
			break;
		trigger = NULL;
	}
	if (trigger && trigger->state == AMFS_FAILED) {
		amfs_trigger_event_locked(trigger, AMFS_EV_TTL);
		*pin = trigger->pinned;
		trigger->pinned = false;
	}
	spin_unlock(&point->lock);
	return trigger;
}

/* It couldn't be asked for: look again later. */
static void put_off(struct amfs_trigger *trigger, int err)
{
	struct amfs_point *point = trigger->point;
	u64 delay = err == -ENOMEM ? RETRY : amfs_seconds(READ_ONCE(point->opt.timeout));

	spin_lock(&point->lock);
	if (trigger->state == AMFS_MOUNTED && delay)
		amfs_trigger_due_locked(trigger, amfs_now() + delay);
	spin_unlock(&point->lock);
}

static void free_batch(struct list_head *batch)
{
	struct expiry *expiry, *next;

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
	bool pin;
	int err;

	while ((trigger = take_due(point, &pin))) {
		struct dentry *dentry = trigger->dentry;

		if (READ_ONCE(trigger->state) == AMFS_MOUNTED) {
			err = expire_one(trigger, false, batch ?: &unwatched);
			if (err)
				put_off(trigger, err);
			free_batch(&unwatched);
		}
		if (pin)
			dput(dentry);
		dput(dentry);
	}
}

/* Like xa_for_each_start(), for a stretch; *more tells that it wasn't the end. */
static struct amfs_trigger *mounted_in_stretch(struct amfs_point *point, unsigned long *id,
					       bool *more)
{
	struct amfs_trigger *trigger;
	int left = AMFS_STRETCH;

	*more = true;
	spin_lock(&point->lock);
	xa_for_each_start(&point->triggers, *id, trigger, *id) {
		if (!left--)
			break;
		if (trigger->state != AMFS_MOUNTED && trigger->state != AMFS_EXPIRING)
			continue;
		if (lockref_get_not_dead(&trigger->dentry->d_lockref)) {
			spin_unlock(&point->lock);
			++*id;
			return trigger;
		}
	}
	spin_unlock(&point->lock);
	*more = trigger;
	return NULL;
}

/* The first trigger from @id on that has something mounted, dentry held. */
static struct amfs_trigger *next_mounted(struct amfs_point *point, unsigned long *id)
{
	struct amfs_trigger *trigger;
	bool more;

	do {
		trigger = mounted_in_stretch(point, id, &more);
		cond_resched();
	} while (!trigger && more);
	return trigger;
}

static int expire_all(struct amfs_point *point, struct list_head *batch)
{
	struct amfs_trigger *trigger;
	unsigned long id = 0;
	int err;

	while ((trigger = next_mounted(point, &id))) {
		struct dentry *dentry = trigger->dentry;

		err = expire_one(trigger, true, batch);
		dput(dentry);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static int expire_key(struct amfs_point *point, const char *key, u32 len, struct list_head *batch)
{
	struct dentry *root = point->sb->s_root, *dentry;
	struct qstr name = QSTR_INIT(key, len);
	int err;

	name.hash = full_name_hash(root, key, len);
	dentry = d_lookup(root, &name);
	if (!dentry)
		return -ENOENT;
	err = expire_one(amfs_trigger_of(dentry), true, batch);
	dput(dentry);
	return err;
}

static int wait_for(struct amfs_request *req)
{
	/* Pairs with the release in amfs_request_end(). */
	return wait_event_interruptible(req->wait, smp_load_acquire(&req->ended)) ? -EINTR : 0;
}

static void tally(struct amfs_expire *arg, int error)
{
	if (!error)
		arg->expired++;
	else if (error == -EAGAIN || error == -EBUSY)
		arg->busy++;
	else
		arg->failed++;
}

static int wait_for_batch(struct amfs_point *point, struct amfs_expire *arg,
			  struct list_head *batch, struct list_head *again)
{
	struct expiry *expiry;
	int err;

	list_for_each_entry(expiry, batch, in_batch) {
		struct amfs_request *req = expiry->req;

		err = wait_for(req);
		if (err)
			return err;
		if (again && expiry->sub && req->core.error == -EAGAIN &&
		    !expire_key(point, req->name, req->core.key.len, again))
			continue;
		arg->chosen++;
		tally(arg, req->core.error);
	}
	return 0;
}

static int start_batch(struct amfs_point *point, struct amfs_expire *arg, struct list_head *batch)
{
	struct amfs_channel_state state;

	amfs_channel_look(point->link, &state);
	if (!state.bound)
		return -ENOLINK;
	switch (arg->flags) {
	case AMFS_EXPIRE_DUE:
		amfs_expire_due(point, batch);
		return 0;
	case AMFS_EXPIRE_ALL:
		return expire_all(point, batch);
	default:
		return expire_key(point, arg->key, arg->key_len, batch);
	}
}

static int expire_point(struct amfs_point *point, struct amfs_expire *arg)
{
	LIST_HEAD(batch);
	LIST_HEAD(again);
	int err, wait;

	err = start_batch(point, arg, &batch);
	/* What was started is waited for, also when memory ran out half-way. */
	wait = wait_for_batch(point, arg, &batch, arg->flags == AMFS_EXPIRE_DUE ? NULL : &again);
	if (!wait)
		wait = wait_for_batch(point, arg, &again, NULL);
	free_batch(&batch);
	free_batch(&again);
	return wait ?: err;
}

/**
 * amfs_expire_run - AMFS_IOC_EXPIRE
 * @arg: checked; the counters are filled in
 *
 * Context: sleeps, interruptibly; no locks held.
 * Return: 0; -ENOENT no such automount point or key; -ENOLINK no daemon;
 * -ENOMEM; -EINTR.
 */
int amfs_expire_run(struct amfs_expire *arg)
{
	struct amfs_point *point;
	int err = -ENOENT, one;
	u64 from = 0;

	while ((point = amfs_point_next(from))) {
		from = point->id + 1;
		if (!strcmp(point->map, arg->map)) {
			one = expire_point(point, arg);
			/* One of several points of a map may not have the key. */
			if (err == -ENOENT || one != -ENOENT)
				err = one;
		}
		amfs_point_drop(point);
		if (err && err != -ENOENT)
			break;
	}
	return err;
}
