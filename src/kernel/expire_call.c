// SPDX-License-Identifier: GPL-2.0
/*
 * AMFS_IOC_EXPIRE: whoever calls it waits for what becomes of the keys, and counts.
 */
#include "expire.h"

#include <linux/sched.h>
#include <linux/stringhash.h>

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

/* A daemon that isn't there stops the keys that it mounted, not the others. */
static int expire_all(struct amfs_point *point, struct list_head *batch)
{
	struct amfs_trigger *trigger;
	unsigned long id = 0;
	int err = 0, one;

	while (err != -ENOMEM && (trigger = next_mounted(point, &id))) {
		struct dentry *dentry = trigger->dentry;

		one = amfs_expire_one(trigger, true, batch);
		if (one && one != -ENOENT)
			err = one;
		dput(dentry);
	}
	return err;
}

static struct dentry *find_child(struct dentry *folder, const char *name, u32 len)
{
	struct qstr child = QSTR_INIT(name, len);

	child.hash = full_name_hash(folder, name, len);
	return d_lookup(folder, &child);
}

/* A name may lead through folders. The trigger's dentry, with a reference, or NULL. */
static struct dentry *find_below(struct dentry *root, const struct qstr *name)
{
	const char *at = name->name, *end = at + name->len, *slash;
	struct dentry *dentry = dget(root), *child;

	do {
		slash = memchr(at, '/', end - at) ?: end;
		child = find_child(dentry, at, slash - at);
		dput(dentry);
		dentry = child;
		at = slash + 1;
	} while (dentry && slash < end);
	if (!dentry || amfs_trigger_of(dentry))
		return dentry;
	dput(dentry);
	return NULL;
}

/* The dentry of a key that is known, with a reference. */
static struct dentry *find_key(struct amfs_point *point, const char *key, u32 len)
{
	struct dentry *root = point->sb->s_root;
	struct qstr name = QSTR_INIT(key, len);

	if (amfs_point_direct(point)) {
		struct qstr ours = amfs_trigger_name(amfs_trigger_of(root));

		return ours.len == len && !memcmp(ours.name, key, len) ? dget(root) : NULL;
	}
	return find_below(root, &name);
}

static int expire_key(struct amfs_point *point, const char *key, u32 len, struct list_head *batch)
{
	struct dentry *dentry = find_key(point, key, len);
	int err;

	if (!dentry)
		return -ENOENT;
	err = amfs_expire_one(amfs_trigger_of(dentry), true, batch);
	dput(dentry);
	return err;
}

static int wait_for(struct amfs_request *req)
{
	/*
	 * Freezably: a suspend is no signal, and who asked would get EINTR for it.
	 * Pairs with the release in amfs_request_end().
	 */
	return wait_event_state(req->wait, smp_load_acquire(&req->ended),
				(TASK_INTERRUPTIBLE | TASK_FREEZABLE)) ? -EINTR : 0;
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

/*
 * From the last one on, since they mostly end in the order in which they began: so
 * not each of them wakes us.
 */
static int wait_for_batch(struct amfs_point *point, struct amfs_expire *arg,
			  struct list_head *batch, struct list_head *again)
{
	struct amfs_expiry *expiry;
	int err;

	list_for_each_entry_reverse(expiry, batch, in_batch) {
		struct amfs_request *req = expiry->req;

		err = req ? wait_for(req) : 0;
		if (err)
			return err;
		if (again && expiry->sub && req->core.error == -EAGAIN &&
		    !expire_key(point, req->name, req->core.key.len, again))
			continue;
		arg->chosen++;
		tally(arg, req ? req->core.error : expiry->error);
	}
	return 0;
}

static int start_batch(struct amfs_point *point, struct amfs_expire *arg, struct list_head *batch)
{
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
	amfs_expire_free(&batch);
	amfs_expire_free(&again);
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
		/* Parts go with their tree. */
		if (!strcmp(point->map, arg->map) && !point->opt.offset) {
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
