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
 * (or AMFS_IOC_TARGET) puts it back into service: place.c.
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

/* Those without a path: kmalloc() would take 192 bytes for 136. */
static struct kmem_cache *triggers;

/**
 * amfs_trigger_name - the key, as the daemon is told
 * @trigger: the trigger
 *
 * Context: any; the trigger's dentry is held.
 * Return: a string that lives as long as the dentry.
 */
struct qstr amfs_trigger_name(const struct amfs_trigger *trigger)
{
	const struct amfs_point *point = amfs_trigger_point(trigger);

	if (trigger->path_len)
		return (struct qstr)QSTR_INIT(trigger->path, trigger->path_len);
	if (!amfs_point_direct(point))
		return trigger->dentry->d_name;
	return (struct qstr)QSTR_INIT(point->opt.direct, strlen(point->opt.direct));
}

static struct amfs_trigger *new_trigger(const struct qstr *path)
{
	struct amfs_trigger *trigger;

	if (!path)
		return kmem_cache_zalloc(triggers, GFP_KERNEL_ACCOUNT);
	trigger = kzalloc(struct_size(trigger, path, path->len + 1), GFP_KERNEL_ACCOUNT);
	if (!trigger)
		return NULL;
	memcpy(trigger->path, path->name, path->len);
	trigger->path_len = path->len;
	return trigger;
}

static void free_trigger(struct amfs_trigger *trigger)
{
	if (trigger->path_len)
		kfree(trigger);
	else
		kmem_cache_free(triggers, trigger);
}

static void free_behind_walks(struct rcu_head *rcu)
{
	free_trigger(container_of(rcu, struct amfs_trigger, rcu));
}

/**
 * amfs_trigger_free - free a trigger that nobody finds any more, but RCU walks
 * @trigger: on no list
 *
 * Context: any. What @rcu shares its place with is over.
 */
void amfs_trigger_free(struct amfs_trigger *trigger)
{
	call_rcu(&trigger->rcu, free_behind_walks);
}

/**
 * amfs_trigger_alloc - make the trigger of a dentry that ->lookup got
 * @point: the automount point
 * @dentry: a fresh dentry, not hashed
 * @path: the key, where it isn't the dentry's name; else NULL
 *
 * Context: may sleep.
 * Return: the trigger, or NULL when memory or ids are short. The dentry owns it
 * once it is stored in d_fsdata.
 */
struct amfs_trigger *amfs_trigger_alloc(struct amfs_point *point, struct dentry *dentry,
					const struct qstr *path)
{
	struct amfs_trigger *trigger = new_trigger(path);

	if (!trigger)
		return NULL;
	trigger->dentry = dentry;
	/* The daemon makes no directories in folders. */
	trigger->path_route = !path && READ_ONCE(point->opt.route) == AMFS_ROUTE_PATH;
	amfs_due_init(&trigger->due);
	INIT_LIST_HEAD(&trigger->copies);
	if (xa_alloc(&point->triggers, &trigger->id, trigger, XA_LIMIT(1, U32_MAX),
		     GFP_KERNEL_ACCOUNT)) {
		free_trigger(trigger);
		return NULL;
	}
	spin_lock(&point->lock);
	point->count[AMFS_IDLE]++;
	spin_unlock(&point->lock);
	return trigger;
}

/**
 * amfs_trigger_add - ->lookup found a name that may be a key
 * @dentry: the dentry that it got
 * @path: as in amfs_trigger_alloc()
 *
 * Context: the i_rwsem of the directory that it is in is held; may sleep.
 * Return: NULL or ERR_PTR(-ENOMEM), as ->lookup does.
 */
struct dentry *amfs_trigger_add(struct dentry *dentry, const struct qstr *path)
{
	struct amfs_point *point = amfs_point_of(dentry->d_sb);
	struct amfs_trigger *trigger = amfs_trigger_alloc(point, dentry, path);

	if (!trigger)
		return ERR_PTR(-ENOMEM);
	dentry->d_fsdata = trigger;
	spin_lock(&point->lock);
	amfs_trigger_flags_locked(trigger);
	spin_unlock(&point->lock);
	d_add(dentry, NULL);
	return NULL;
}

/**
 * amfs_trigger_release - the dentry goes, and its trigger with it
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
	point = amfs_trigger_point(trigger);
	spin_lock(&point->lock);
	WARN_ON_ONCE(trigger->req || trigger->pinned || trigger->attaching);
	amfs_dueq_del(&point->due, &trigger->due);
	/* A late RCU walk that saw the mark looks again under the lock (tree.c). */
	WRITE_ONCE(trigger->marked, false);
	hash_del(&trigger->tracked);
	point->count[trigger->state]--;
	/* Under the lock: who found it in the xarray under the lock may use it. */
	xa_erase(&point->triggers, trigger->id);
	spin_unlock(&point->lock);
	amfs_source_put(trigger->source);
	amfs_trigger_abandon(trigger);
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
 * without being mounted; never about a mounted idle key, but for the first walk
 * into a tree after an expiry look (tree.c). A remembered ENOENT
 * of a negative dentry isn't managed at all: the VFS answers it by itself, in
 * RCU walk too. The root of a direct automount point is always positive, and
 * stat(2) is to show it without mounting, or listing its parent would mount it.
 *
 * Context: point->lock is held; takes d_lock.
 */
void amfs_trigger_flags_locked(struct amfs_trigger *trigger)
{
	struct dentry *dentry = trigger->dentry;
	bool positive, busy, transit, automount;

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	spin_lock(&dentry->d_lock);
	positive = d_is_positive(dentry);
	busy = trigger->state == AMFS_PENDING || trigger->state == AMFS_EXPIRING;
	transit = busy || trigger->marked || trigger->torn ||
		  (positive && trigger->state != AMFS_MOUNTED &&
		   !amfs_point_direct(amfs_trigger_point(trigger)));
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
	struct amfs_point *point = amfs_trigger_point(trigger);

	lockdep_assert_held(&point->lock);
	amfs_dueq_del(&point->due, &trigger->due);
	amfs_dueq_add(&point->due, &trigger->due, when);
	amfs_clock_arm_locked(point);
}

/**
 * amfs_trigger_timeout_locked - how long a mounted key may be idle
 * @trigger: the trigger
 *
 * A part of a tree never goes by itself.
 *
 * Context: point->lock is held.
 * Return: seconds, its own or the automount point's; 0: for ever.
 */
u32 amfs_trigger_timeout_locked(const struct amfs_trigger *trigger)
{
	const struct amfs_source *source = trigger->source;

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	if (amfs_trigger_point(trigger)->opt.offset)
		return 0;
	if (source && source->timeout != AMFS_TIMEOUT_DEFAULT)
		return source->timeout;
	return amfs_trigger_point(trigger)->opt.timeout;
}

/**
 * amfs_trigger_retime_locked - set the next look by when the key was used
 * @trigger: the trigger, MOUNTED
 *
 * Context: point->lock is held.
 */
void amfs_trigger_retime_locked(struct amfs_trigger *trigger)
{
	u32 timeout = amfs_trigger_timeout_locked(trigger);

	amfs_dueq_del(&amfs_trigger_point(trigger)->due, &trigger->due);
	if (timeout)
		amfs_trigger_due_locked(trigger, trigger->used + amfs_seconds(timeout));
}

/**
 * amfs_trigger_used_locked - a mounted key may have been used up to now
 * @trigger: the trigger, MOUNTED; the next look at it is a timeout away
 *
 * Context: point->lock is held.
 */
void amfs_trigger_used_locked(struct amfs_trigger *trigger)
{
	trigger->used = amfs_now();
	amfs_trigger_retime_locked(trigger);
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
	struct amfs_point *point = amfs_trigger_point(trigger);
	int next = amfs_state_next(trigger->state, event);

	lockdep_assert_held(&point->lock);
	if (WARN_ON_ONCE(next < 0))
		return;
	point->count[trigger->state]--;
	point->count[next]++;
	WRITE_ONCE(trigger->state, next);
	WRITE_ONCE(trigger->marked, false);
	amfs_dueq_del(&point->due, &trigger->due);
	if (next == AMFS_MOUNTED)
		amfs_trigger_used_locked(trigger);
	amfs_trigger_flags_locked(trigger);
}

/**
 * amfs_trigger_bare_locked - is nothing mounted here, nor about to be?
 * @trigger: the trigger
 *
 * A copy is on the list before the VFS attaches it, and until it is unmounted or
 * moved. Copies that came by propagation are on no list; the dentry knows them.
 *
 * Context: point->lock is held.
 * Return: true when it is so in every mount namespace.
 */
bool amfs_trigger_bare_locked(struct amfs_trigger *trigger)
{
	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	return !trigger->attaching && list_empty(&trigger->copies) &&
	       !amfs_trigger_mounted(trigger);
}

/**
 * amfs_trigger_found_locked - a walker saw a mount that we didn't know of
 * @trigger: the trigger, IDLE or FAILED
 *
 * Context: point->lock is held; takes d_lock.
 */
void amfs_trigger_found_locked(struct amfs_trigger *trigger)
{
	trigger->daemon_mount = list_empty(&trigger->copies);
	amfs_trigger_event_locked(trigger, AMFS_EV_FOUND);
}

/**
 * amfs_trigger_let_go - the counterpart of amfs_walk_follow() with a source
 * @trigger: the trigger
 * @source: the source, or NULL
 *
 * Context: takes point->lock.
 */
void amfs_trigger_let_go(struct amfs_trigger *trigger, struct amfs_source *source)
{
	if (!source)
		return;
	spin_lock(&amfs_trigger_point(trigger)->lock);
	trigger->attaching--;
	spin_unlock(&amfs_trigger_point(trigger)->lock);
	amfs_source_put(source);
}

/**
 * amfs_trigger_init - make the cache that triggers come from
 *
 * Return: 0 or -ENOMEM.
 */
int amfs_trigger_init(void)
{
	triggers = KMEM_CACHE(amfs_trigger, 0);
	return triggers ? 0 : -ENOMEM;
}

/**
 * amfs_trigger_exit - wait for the last triggers to be freed, and end the cache
 *
 * Context: module exit, there are no automount points any more; sleeps.
 */
void amfs_trigger_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(triggers);
}
