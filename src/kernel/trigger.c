// SPDX-License-Identifier: GPL-2.0
/*
 * Triggers: what a key's dentry carries, and its stages.
 *
 * Who owns what. The dentry owns its trigger: ->lookup makes it, ->d_release
 * frees it behind RCU. Nobody else holds a trigger by itself; who wants one
 * for longer than point->lock holds the dentry. A pending request holds the
 * dentry, so a daemon may answer long after the last walker was killed. The
 * mount on it holds the dentry too, and that is all that holds it while it is
 * mounted by the trigger-fd route: when the mount goes, however it goes, the
 * last dput() asks ->d_delete, is told not to keep it, and the next lookup
 * starts afresh. Two kinds are pinned by us: a directory that the daemon made
 * by mkdir (it stays until rmdir, as directories do), and an unhashed dentry
 * with a remembered failure (the dcache wouldn't keep it).
 *
 * What we can't control. A dentry with more than one holder never turns from
 * positive to negative, so a trigger that was mounted once stays positive for
 * those who hold it. vfs_rmdir() marks the directory dead, forbids mounts on
 * it, and unhashes it, since the expire request holds it as well. We keep
 * track of it by name, ->lookup finds it again, and the daemon's next mkdir
 * (or AMFS_IOC_TARGET) puts it back into service: amfs_trigger_make_positive().
 *
 * Tempting shortcuts that are traps:
 * - Making the unhashed dentry negative again, or giving waiters a new one.
 *   They hold the old one, and two triggers for one name are two requests.
 * - dget() on a trigger found under the lock. It may be on its way to
 *   ->d_release with a dead reference count: lockref_get_not_dead() only.
 * - dput() under point->lock: ->d_release takes it.
 * - Leaving DCACHE_MANAGE_TRANSIT on: every walk through a mounted key would
 *   pay for it. Taking it off a positive trigger that isn't mounted: stat(2)
 *   doesn't call ->d_automount on a positive dentry and would show a bare
 *   directory. amfs_trigger_flags_locked() is the one place that decides.
 * - Reading d_flags and then waiting for everybody who read them before: an
 *   in-flight walker that saw the old flags is caught by ->getattr (dir.c).
 */
#include "amfs.h"

#include <linux/lockref.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "trace.h"

/**
 * amfs_trigger_alloc - make the trigger of a dentry that ->lookup got
 * @point: the automount point
 * @dentry: a fresh dentry, not hashed
 *
 * Context: may sleep.
 * Return: the trigger, or NULL when memory or ids are short. The dentry owns it
 * once it is stored in d_fsdata.
 */
struct amfs_trigger *amfs_trigger_alloc(struct amfs_point *point, struct dentry *dentry)
{
	struct amfs_trigger *trigger = kzalloc(sizeof(*trigger), GFP_KERNEL_ACCOUNT);

	if (!trigger)
		return NULL;
	trigger->point = point;
	trigger->dentry = dentry;
	trigger->path_route = point->opt.path_route;
	amfs_due_init(&trigger->due);
	if (xa_alloc(&point->triggers, &trigger->id, trigger, XA_LIMIT(1, U32_MAX),
		     GFP_KERNEL_ACCOUNT)) {
		kfree(trigger);
		return NULL;
	}
	spin_lock(&point->lock);
	point->count[AMFS_IDLE]++;
	spin_unlock(&point->lock);
	return trigger;
}

/**
 * amfs_trigger_release - ->d_release: the dentry goes, and its trigger with it
 * @dentry: a dentry without holders
 *
 * Context: no locks held; doesn't sleep.
 */
void amfs_trigger_release(struct dentry *dentry)
{
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	struct amfs_point *point;

	if (!trigger)
		return;
	point = trigger->point;
	spin_lock(&point->lock);
	WARN_ON_ONCE(trigger->req || trigger->pinned);
	amfs_dueq_del(&point->due, &trigger->due);
	hash_del(&trigger->tracked);
	point->count[trigger->state]--;
	/* Under the lock: who found it in the xarray under the lock may use it. */
	xa_erase(&point->triggers, trigger->id);
	spin_unlock(&point->lock);
	kfree_rcu(trigger, rcu);
}

/**
 * amfs_trigger_keep - ->d_delete: shall an unused dentry stay in the dcache?
 * @dentry: a dentry whose last reference goes
 *
 * Only a remembered failure is worth the memory; the shrinker may take it.
 *
 * Context: dentry->d_lock is held.
 * Return: 0 to keep it, 1 to let it go.
 */
int amfs_trigger_keep(const struct dentry *dentry)
{
	const struct amfs_trigger *trigger = amfs_trigger_of(dentry);

	return !trigger || READ_ONCE(trigger->state) != AMFS_FAILED;
}

/**
 * amfs_trigger_flags_locked - make the dentry's flags fit the trigger's state
 * @trigger: the trigger
 *
 * ->d_manage is asked while a request is under way, and about what is positive
 * without being mounted; never about a mounted idle key. A remembered ENOENT
 * of a negative dentry isn't managed at all: the VFS answers it by itself, in
 * RCU walk too.
 *
 * Context: point->lock is held; takes d_lock.
 */
void amfs_trigger_flags_locked(struct amfs_trigger *trigger)
{
	struct dentry *dentry = trigger->dentry;
	bool positive, busy, transit, automount;

	lockdep_assert_held(&trigger->point->lock);
	spin_lock(&dentry->d_lock);
	positive = d_is_positive(dentry);
	busy = trigger->state == AMFS_PENDING || trigger->state == AMFS_EXPIRING;
	transit = busy || (positive && trigger->state != AMFS_MOUNTED);
	automount = positive || trigger->state != AMFS_FAILED || trigger->error != -ENOENT;
	if (transit)
		dentry->d_flags |= DCACHE_MANAGE_TRANSIT;
	else
		dentry->d_flags &= ~DCACHE_MANAGE_TRANSIT;
	if (automount)
		dentry->d_flags |= DCACHE_NEED_AUTOMOUNT;
	else
		dentry->d_flags &= ~DCACHE_NEED_AUTOMOUNT;
	spin_unlock(&dentry->d_lock);
}

/**
 * amfs_trigger_due_locked - have the clock look at a trigger
 * @trigger: the trigger
 * @when: at what time
 *
 * Context: point->lock is held.
 */
void amfs_trigger_due_locked(struct amfs_trigger *trigger, u64 when)
{
	struct amfs_point *point = trigger->point;

	lockdep_assert_held(&point->lock);
	amfs_dueq_del(&point->due, &trigger->due);
	amfs_dueq_add(&point->due, &trigger->due, when);
	amfs_clock_arm_locked(point);
}

static void used_now_locked(struct amfs_trigger *trigger)
{
	u32 timeout = trigger->point->opt.timeout;

	trigger->used = amfs_now();
	if (timeout)
		amfs_trigger_due_locked(trigger, trigger->used + amfs_seconds(timeout));
}

/**
 * amfs_trigger_event_locked - let an event happen to a trigger
 * @trigger: the trigger
 * @event: the event; one that is forbidden in the trigger's state is a bug
 *	here, warned about and ignored
 *
 * Context: point->lock is held; takes d_lock.
 */
void amfs_trigger_event_locked(struct amfs_trigger *trigger, enum amfs_event event)
{
	struct amfs_point *point = trigger->point;
	int next = amfs_state_next(trigger->state, event);

	lockdep_assert_held(&point->lock);
	if (WARN_ON_ONCE(next < 0))
		return;
	point->count[trigger->state]--;
	point->count[next]++;
	WRITE_ONCE(trigger->state, next);
	amfs_dueq_del(&point->due, &trigger->due);
	if (next == AMFS_MOUNTED)
		used_now_locked(trigger);
	amfs_trigger_flags_locked(trigger);
}

/* The errno and TTL of a failed MOUNT; @keep says that we pin its dentry. */
static bool settle_failure_locked(struct amfs_trigger *trigger, const struct amfs_answer *answer)
{
	struct amfs_point *point = trigger->point;
	u64 ttl = answer->ttl_ms * (u64)NSEC_PER_MSEC;

	if (answer->ttl_ms == AMFS_MS_DEFAULT)
		ttl = amfs_seconds(point->opt.negative);
	if (!ttl) {
		amfs_trigger_event_locked(trigger, AMFS_EV_MOUNT_DROP);
		return false;
	}
	trigger->error = answer->error;
	amfs_trigger_event_locked(trigger, AMFS_EV_MOUNT_FAIL);
	amfs_trigger_due_locked(trigger, amfs_now() + ttl);
	if (!d_unhashed(trigger->dentry) || trigger->pinned)
		return false;
	trigger->pinned = true;
	return true;
}

/**
 * amfs_trigger_settle_locked - a request has ended: what that means
 * @trigger: its trigger
 * @kind: what was asked
 * @answer: how it ended
 *
 * An EXPIRE that the daemon didn't answer may have unmounted or not: the dentry
 * knows.
 *
 * Context: point->lock is held; takes d_lock.
 * Return: true when the request's reference to the dentry is now the trigger's
 * pin, false when the caller drops it.
 */
bool amfs_trigger_settle_locked(struct amfs_trigger *trigger, enum amfs_req_kind kind,
				const struct amfs_answer *answer)
{
	bool gone;

	lockdep_assert_held(&trigger->point->lock);
	if (kind == AMFS_REQ_MOUNT) {
		if (answer->error)
			return settle_failure_locked(trigger, answer);
		amfs_trigger_event_locked(trigger, AMFS_EV_MOUNT_OK);
		return false;
	}
	gone = !answer->error || !d_mountpoint(trigger->dentry);
	if (gone)
		trace_amfs_expire_taken(trigger, answer->error);
	else
		trace_amfs_expire_refused(trigger, answer->error);
	amfs_trigger_event_locked(trigger, gone ? AMFS_EV_EXPIRE_OK : AMFS_EV_EXPIRE_NO);
	return false;
}

static u32 track_hash(const void *root, const struct qstr *name)
{
	return full_name_hash(root, name->name, name->len);
}

/**
 * amfs_trigger_track_locked - remember a trigger whose dentry gets unhashed
 * @trigger: the trigger
 *
 * Context: point->lock is held, and the root's i_rwsem for writing.
 */
void amfs_trigger_track_locked(struct amfs_trigger *trigger)
{
	struct dentry *dentry = trigger->dentry;

	lockdep_assert_held(&trigger->point->lock);
	hash_add(trigger->point->tracked, &trigger->tracked,
		 track_hash(dentry->d_parent, &dentry->d_name));
}

/**
 * amfs_trigger_tracked - find the unhashed trigger of a name
 * @point: the automount point
 * @name: the name
 *
 * Context: the root's i_rwsem is held, so nobody rehashes it meanwhile; takes
 * point->lock.
 * Return: its dentry with a reference, or NULL when there is none or it is being
 * released.
 */
struct dentry *amfs_trigger_tracked(struct amfs_point *point, const struct qstr *name)
{
	struct dentry *root = point->sb->s_root, *found = NULL;
	struct amfs_trigger *trigger;

	spin_lock(&point->lock);
	hash_for_each_possible(point->tracked, trigger, tracked, track_hash(root, name)) {
		const struct qstr *have = &trigger->dentry->d_name;

		if (have->len != name->len || memcmp(have->name, name->name, name->len))
			continue;
		if (lockref_get_not_dead(&trigger->dentry->d_lockref)) {
			found = trigger->dentry;
			break;
		}
	}
	spin_unlock(&point->lock);
	return found;
}

/* What vfs_rmdir() did to the directory, undone. */
static void revive(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	inode_lock_nested(inode, I_MUTEX_CHILD);
	inode->i_flags &= ~S_DEAD;
	set_nlink(inode, 2);
	inode_unlock(inode);
	spin_lock(&dentry->d_lock);
	dentry->d_flags &= ~DCACHE_CANT_MOUNT;
	spin_unlock(&dentry->d_lock);
}

/**
 * amfs_trigger_make_positive - give a trigger the directory to mount on
 * @dentry: its dentry: negative, or positive, or one that rmdir left behind,
 *	unhashed and dead, which then serves again
 *
 * Context: the root's i_rwsem is held for writing; may sleep.
 * Return: 0 or -ENOMEM.
 */
int amfs_trigger_make_positive(struct dentry *dentry)
{
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	struct inode *inode;

	if (d_is_negative(dentry)) {
		inode = amfs_trigger_inode(dentry->d_sb);
		if (!inode)
			return -ENOMEM;
		d_instantiate(dentry, inode);
	} else if (IS_DEADDIR(d_inode(dentry))) {
		revive(dentry);
	}
	/* Hashed before it is forgotten: a walker must never see it as neither. */
	if (d_unhashed(dentry))
		d_rehash(dentry);
	spin_lock(&trigger->point->lock);
	hash_del(&trigger->tracked);
	amfs_trigger_flags_locked(trigger);
	spin_unlock(&trigger->point->lock);
	return 0;
}

static int may_take_path_route(struct amfs_trigger *trigger)
{
	struct amfs_point *point = trigger->point;
	int err = 0;

	spin_lock(&point->lock);
	if (trigger->state != AMFS_PENDING)
		err = -EPERM;
	else
		WRITE_ONCE(trigger->path_route, true);
	spin_unlock(&point->lock);
	return err;
}

static void pin(struct amfs_trigger *trigger)
{
	struct amfs_point *point = trigger->point;

	spin_lock(&point->lock);
	if (!trigger->pinned) {
		trigger->pinned = true;
		dget(trigger->dentry);
	}
	spin_unlock(&point->lock);
}

/**
 * amfs_trigger_take_path_route - the daemon mounts this key by path
 * @dentry: its dentry
 *
 * The key becomes a directory that stays until the daemon's rmdir.
 *
 * Context: the root's i_rwsem is held for writing; may sleep.
 * Return: 0; -EPERM nobody asked for the key; -ENOMEM.
 */
int amfs_trigger_take_path_route(struct dentry *dentry)
{
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	int err = may_take_path_route(trigger);

	if (!err)
		err = amfs_trigger_make_positive(dentry);
	if (!err)
		pin(trigger);
	return err;
}
