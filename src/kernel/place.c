// SPDX-License-Identifier: GPL-2.0
/*
 * The directory that a key is mounted on: how a trigger gets it, loses it by the
 * daemon's rmdir, is found by its name while it is unhashed, and gets it back.
 */
#include "amfs.h"

#include <linux/lockref.h>
#include <linux/stringhash.h>

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

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	hash_add(amfs_trigger_point(trigger)->tracked, &trigger->tracked,
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
 * Context: the i_rwsem of the directory that it is in is held for writing; may
 * sleep.
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
	spin_lock(&amfs_trigger_point(trigger)->lock);
	/*
	 * Hashed before it is forgotten: a walker must never see it as neither. One
	 * that is neither has made way to another.
	 */
	if (d_unhashed(dentry) && !hlist_unhashed(&trigger->tracked))
		d_rehash(dentry);
	hash_del(&trigger->tracked);
	amfs_trigger_flags_locked(trigger);
	spin_unlock(&amfs_trigger_point(trigger)->lock);
	return 0;
}

static int may_take_path_route(struct amfs_trigger *trigger)
{
	struct amfs_point *point = amfs_trigger_point(trigger);
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
	struct amfs_point *point = amfs_trigger_point(trigger);

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

/**
 * amfs_trigger_outdated - is a name something else by now?
 * @trigger: its trigger
 *
 * In-kernel keys that were loaded below it make it a folder. In a folder only they
 * have triggers.
 *
 * Context: any; the trigger's dentry is held, or point->lock is.
 * Return: true when a lookup would find something else.
 */
bool amfs_trigger_outdated(const struct amfs_trigger *trigger)
{
	const struct qstr name = amfs_trigger_name(trigger);
	struct amfs_map *map = amfs_trigger_point(trigger)->loaded;

	if (IS_ROOT(trigger->dentry))
		return false;
	return amfs_folder_known(map, &name) || (trigger->path_len && !amfs_key_known(map, &name));
}

/**
 * amfs_trigger_make_way_locked - leave the name to what a lookup would find
 * @trigger: its trigger, not PENDING and not EXPIRING
 * @pin: out: the caller has to drop the pin's reference after unlocking
 *
 * The dentry is neither hashed nor tracked after that, and whoever holds it gets
 * ESTALE (ask_locked() in walk.c). Under d_lock, which attaching a mount takes as
 * well: what is mounted is never hidden.
 *
 * Context: point->lock is held; takes d_lock.
 * Return: false when something is mounted there; then nothing has changed.
 */
bool amfs_trigger_make_way_locked(struct amfs_trigger *trigger, bool *pin)
{
	struct dentry *dentry = trigger->dentry;
	bool bare;

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	spin_lock(&dentry->d_lock);
	bare = amfs_trigger_bare_locked(trigger);
	if (bare)
		__d_drop(dentry);
	spin_unlock(&dentry->d_lock);
	if (!bare)
		return false;
	hash_del(&trigger->tracked);
	*pin = trigger->pinned;
	trigger->pinned = false;
	return true;
}
