// SPDX-License-Identifier: GPL-2.0
/*
 * Trees: a key with parts below it, each an automount point of its own
 * ("offset=KEY/PATH") on a directory of what is mounted on the key. The daemon
 * builds a tree out of sight and moves it onto the trigger in one step; the parts
 * are mounted when somebody walks into them, and all goes together.
 *
 * Who decides that it is idle. The VFS's own mark can't: umount2(MNT_EXPIRE)
 * refuses a mount that has others on it. But each walk into any part comes
 * through the key's trigger. So a look marks the trigger and has the next walk
 * ask ->d_manage; that one takes the mark away, and no walk after it pays. A
 * mark that is there at the next look means that nobody came. Who was inside all
 * the time (a current directory, an open file) keeps the tree busy, and is found
 * by amfs_tree_begin().
 *
 * Taking it apart. The VFS has no call that unmounts a tree if it is idle, so the
 * daemon goes from leaf to root and puts back what it took when one is in use.
 * Nobody may see the tree meanwhile: walkers wait at the trigger (EXPIRING), and
 * who is in it already is looked for before the first mount goes. A walk under
 * RCU holds nothing that could be counted, so those that passed the trigger before
 * it became EXPIRING are waited for.
 *
 * A daemon that dies half-way leaves a tree that lacks parts, whose directories
 * would be seen bare. The trigger is torn from its beginning to its answer; in a
 * torn tree walkers wait until a daemon has taken, or put back, the rest, and ask
 * for that themselves when nobody else has.
 */
#include "amfs.h"

#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/rcupdate.h>

/**
 * amfs_tree_mark_locked - the first of two expiry looks at a tree
 * @trigger: its trigger, MOUNTED
 *
 * Context: point->lock is held; takes d_lock.
 */
void amfs_tree_mark_locked(struct amfs_trigger *trigger)
{
	u32 timeout = amfs_trigger_timeout_locked(trigger);

	WRITE_ONCE(trigger->marked, true);
	amfs_trigger_flags_locked(trigger);
	if (timeout)
		amfs_trigger_due_locked(trigger, amfs_now() + amfs_seconds(timeout));
}

/**
 * amfs_tree_touch - somebody walks into a marked tree
 * @trigger: its trigger
 *
 * Context: any that may take a spinlock; also RCU walk.
 */
void amfs_tree_touch(struct amfs_trigger *trigger)
{
	struct amfs_point *point = amfs_trigger_point(trigger);

	spin_lock(&point->lock);
	if (trigger->marked) {
		WRITE_ONCE(trigger->marked, false);
		amfs_trigger_flags_locked(trigger);
		amfs_trigger_used_locked(trigger);
	}
	spin_unlock(&point->lock);
}

static bool is_mounted_on(const struct path *root, const struct dentry *dentry)
{
	struct path below = *root;
	bool is_on;

	path_get(&below);
	is_on = root->dentry == root->mnt->mnt_root && follow_up(&below) &&
		below.dentry == dentry;
	path_put(&below);
	return is_on;
}

/**
 * amfs_tree_begin - the daemon is about to take a tree apart
 * @req: an EXPIRE request for it; the caller holds a reference and the point
 * @dentry: its trigger's, held
 * @root: root of the tree in the daemon's mount namespace, held by the caller and
 *	by nobody else who isn't using it
 *
 * Context: sleeps, for an RCU grace period.
 * Return: 0, and the tree is torn until the daemon answers; -EINVAL not such a
 * request, or @root isn't what is mounted on the trigger; -EBUSY somebody is in
 * it; -ESTALE the request has ended.
 */
int amfs_tree_begin(struct amfs_request *req, struct dentry *dentry, const struct path *root)
{
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	struct amfs_point *point = req->point;
	int err = -ESTALE;

	if (!req->tree || !is_mounted_on(root, dentry))
		return -EINVAL;
	if (!may_umount_tree(root->mnt))
		return -EBUSY;
	synchronize_rcu();
	if (!may_umount_tree(root->mnt))
		return -EBUSY;
	spin_lock(&point->lock);
	if (trigger->req == req) {
		WRITE_ONCE(trigger->torn, true);
		err = 0;
	}
	spin_unlock(&point->lock);
	return err;
}
