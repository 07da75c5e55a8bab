// SPDX-License-Identifier: GPL-2.0
/*
 * The superblock of an automount point: made by mount(8), gone with the last
 * umount. All of them are on one list, for those who come from outside.
 */
#include "amfs.h"

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/wait_bit.h>

#include "channel.h"

static DEFINE_MUTEX(points_mutex);
static DEFINE_XARRAY(points);	/* by id (changed, and entries valid, under points_mutex) */
static unsigned long last_id;	/* (protected by points_mutex) */

/**
 * amfs_point_hold - keep a point while looking at it from outside
 * @point: a point that can't be freed at this moment (points_mutex or
 *	channel->lock is held)
 *
 * Context: any; doesn't sleep.
 * Return: true with a reference, false when it is being unmounted.
 */
bool amfs_point_hold(struct amfs_point *point)
{
	return atomic_inc_not_zero(&point->sb->s_active);
}

/**
 * amfs_point_drop - the counterpart of amfs_point_hold()
 * @point: the point
 *
 * Context: may sleep, and may end the superblock: no locks held.
 */
void amfs_point_drop(struct amfs_point *point)
{
	deactivate_super(point->sb);
}

/**
 * amfs_point_next - walk the list of all automount points
 * @from: the first id that is wanted
 *
 * Context: sleeps.
 * Return: the next point with a reference, NULL at the end.
 */
struct amfs_point *amfs_point_next(u64 from)
{
	struct amfs_point *point;
	unsigned long id = from;

	mutex_lock(&points_mutex);
	point = xa_find(&points, &id, last_id, XA_PRESENT);
	while (point && !amfs_point_hold(point))
		point = xa_find_after(&points, &id, last_id, XA_PRESENT);
	mutex_unlock(&points_mutex);
	return point;
}

static int list_point(struct amfs_point *point)
{
	int err;

	mutex_lock(&points_mutex);
	point->id = ++last_id;
	err = xa_insert(&points, point->id, point, GFP_KERNEL);
	mutex_unlock(&points_mutex);
	return err;
}

static void unlist_point(struct amfs_point *point)
{
	mutex_lock(&points_mutex);
	if (point->id)
		xa_erase(&points, point->id);
	mutex_unlock(&points_mutex);
}

static struct amfs_request *take_any(struct amfs_point *point, struct amfs_reqtab *table)
{
	struct amfs_request *req = NULL;
	struct amfs_req *core;

	spin_lock(&point->lock);
	core = amfs_reqtab_any(table);
	if (core)
		req = amfs_request_get(container_of(core, struct amfs_request, core));
	spin_unlock(&point->lock);
	return req;
}

/**
 * amfs_point_abort_one - end some pending request
 * @point: the automount point
 * @table: of its requests, one of the two
 * @error: a negative errno for everybody who waits
 *
 * Context: may sleep.
 * Return: false when nothing is pending.
 */
bool amfs_point_abort_one(struct amfs_point *point, struct amfs_reqtab *table, int error)
{
	struct amfs_answer answer = { .error = error };
	struct amfs_request *req = take_any(point, table);

	if (!req)
		return false;
	amfs_request_end(req, &answer);
	amfs_request_put(req);
	return true;
}

/**
 * amfs_point_abort - end what is pending now
 * @point: the automount point
 * @error: a negative errno for everybody who waits
 *
 * As many requests as there are at the beginning: walkers that come meanwhile
 * can't keep this going for ever.
 *
 * Context: may sleep.
 */
void amfs_point_abort(struct amfs_point *point, int error)
{
	struct amfs_reqtab *const tables[] = { &point->requests, &point->own_requests };
	int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		u32 left = READ_ONCE(tables[i]->count);

		while (left-- && amfs_point_abort_one(point, tables[i], error))
			;
	}
}

/* In stretches, since walkers want the lock; who is mounted meanwhile is right. */
static void retime(struct amfs_point *point)
{
	struct amfs_trigger *trigger;
	unsigned long id = 0;
	int left;

	do {
		left = AMFS_STRETCH;
		spin_lock(&point->lock);
		xa_for_each_start(&point->triggers, id, trigger, id) {
			if (!left--)
				break;
			if (trigger->state == AMFS_MOUNTED)
				amfs_trigger_retime_locked(trigger);
		}
		spin_unlock(&point->lock);
		cond_resched();
	} while (trigger);
}

/**
 * amfs_point_reconfigure - mount -o remount
 * @point: the automount point
 * @opt: the options that are in force from now on
 *
 * A new timeout counts from the last time that a mounted key was used, and not for
 * a key that has its own. Requests that are pending keep their deadline.
 *
 * Context: s_umount is held for writing; may sleep.
 */
void amfs_point_reconfigure(struct amfs_point *point, const struct amfs_options *opt)
{
	struct inode *root = d_inode(point->sb->s_root);
	bool changed;

	inode_lock(root);
	root->i_mode = S_IFDIR | opt->mode;
	root->i_uid = opt->uid;
	root->i_gid = opt->gid;
	inode_unlock(root);
	spin_lock(&point->lock);
	changed = point->opt.timeout != opt->timeout;
	amfs_options_change(point, opt);
	amfs_clock_arm_locked(point);
	spin_unlock(&point->lock);
	if (changed)
		retime(point);
}

static struct dentry *take_pin(struct amfs_point *point, unsigned long *id)
{
	struct amfs_trigger *trigger;
	struct dentry *dentry = NULL;

	spin_lock(&point->lock);
	xa_for_each_start(&point->triggers, *id, trigger, *id) {
		if (!trigger->pinned)
			continue;
		trigger->pinned = false;
		dentry = trigger->dentry;
		break;
	}
	spin_unlock(&point->lock);
	return dentry;
}

static void drop_pins(struct amfs_point *point)
{
	struct dentry *dentry;
	unsigned long id = 0;

	while ((dentry = take_pin(point, &id)))
		dput(dentry);
}

/**
 * amfs_point_dentry_init - ->d_init: there is one more
 * @dentry: the dentry
 *
 * Context: any.
 * Return: 0.
 */
int amfs_point_dentry_init(struct dentry *dentry)
{
	atomic_inc(&amfs_point_of(dentry->d_sb)->dentries);
	return 0;
}

/**
 * amfs_point_dentry_release - ->d_release: one goes, and its trigger with it
 * @dentry: a dentry without holders
 *
 * Context: no locks held; doesn't sleep.
 */
void amfs_point_dentry_release(struct dentry *dentry)
{
	atomic_t *left = &amfs_point_of(dentry->d_sb)->dentries;

	amfs_trigger_release(dentry);
	/* The point may be gone once it is counted: only its address is used. */
	if (atomic_dec_return(left) == 1)
		wake_up_var(left);
}

/*
 * Who unmounts a key lets go of the parent's mount first and of the dentry last, so
 * the superblock may go in between. Before 6.8, "__dentry_kill(): new locking
 * scheme", such a dentry was on no list any more, and the VFS's own end of the
 * superblock didn't see it: its inode was left behind, and its trigger released into
 * a point that had been freed. Whom we wait for is in the kernel, and waits for nobody.
 */
static void await_dentries(struct amfs_point *point)
{
	struct dentry *root = point->sb->s_root;

	if (!root)
		return;
	shrink_dcache_parent(root);
	wait_var_event(&point->dentries, atomic_read(&point->dentries) == 1);
}

static void free_point(struct amfs_point *point)
{
	WARN_ON_ONCE(point->requests.count || point->own_requests.count);
	WARN_ON_ONCE(!xa_empty(&point->triggers));
	xa_destroy(&point->triggers);
	amfs_map_leave(point->loaded);
	put_cred(point->cred);
	kfree(point->map);
	kvfree(point);
}

/*
 * The last reference has gone, so there are no walkers, and amfs_point_hold()
 * fails: whoever answered a request is through. What is left are requests whose
 * walkers were killed, pins, and the clock.
 */
static void kill_sb(struct super_block *sb)
{
	struct amfs_point *point = amfs_point_of(sb);

	if (!point) {
		kill_anon_super(sb);
		return;
	}
	unlist_point(point);
	amfs_clock_stop(point);
	amfs_point_abort(point, -ECANCELED);
	drop_pins(point);
	/* Before the device number is given back, which another point may get. */
	if (point->link)
		amfs_channel_detach(point->link);
	await_dentries(point);
	kill_anon_super(sb);
	free_point(point);
}

/* umount -f: who waits gets ECANCELED, so that the umount can go on. */
static void umount_begin(struct super_block *sb)
{
	amfs_point_abort(amfs_point_of(sb), -ECANCELED);
}

static const struct super_operations super_ops = {
	.statfs		= simple_statfs,
	.show_options	= amfs_show_options,
	.umount_begin	= umount_begin,
};

static const struct amfs_channel_ops channel_ops = {
	.hold	= amfs_point_hold,
	.drop	= amfs_point_drop,
	.answer	= amfs_attach_answer,
	.target	= amfs_attach_target,
};

static struct amfs_point *new_point(struct super_block *sb, const char *map)
{
	struct amfs_point *point = kvzalloc(sizeof(*point), GFP_KERNEL);

	if (!point)
		return NULL;
	point->map = kstrdup(map, GFP_KERNEL);
	if (!point->map) {
		kvfree(point);
		return NULL;
	}
	point->sb = sb;
	spin_lock_init(&point->lock);
	amfs_reqtab_init(&point->requests);
	amfs_reqtab_init(&point->own_requests);
	hash_init(point->tracked);
	xa_init_flags(&point->triggers, XA_FLAGS_ALLOC);
	amfs_clock_start(point);
	return point;
}

/**
 * amfs_fill_super - make the superblock of an automount point
 * @sb: the superblock
 * @fc: fc->source is the map's name, fc->fs_private the options
 *
 * Context: s_umount is held; may sleep. On failure ->kill_sb undoes what was
 * done.
 * Return: 0 or -ENOMEM.
 */
int amfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct amfs_options *opt = fc->fs_private;
	struct amfs_point *point = new_point(sb, fc->source);

	sb->s_fs_info = point;
	if (!point)
		return -ENOMEM;
	point->opt = *opt;
	point->cred = get_cred(fc->cred);
	point->at_home = amfs_mounter_at_home();
	point->loaded = amfs_map_join(point->map);
	if (!point->loaded)
		return -ENOMEM;
	sb->s_magic = AMFS_SUPER_MAGIC;
	sb->s_op = &super_ops;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	amfs_compat_set_d_op(sb, &amfs_dentry_ops);
	point->link = amfs_channel_attach(point->map, &channel_ops, point, sb->s_dev);
	if (!point->link)
		return -ENOMEM;
	sb->s_root = d_make_root(amfs_root_inode(sb));
	if (!sb->s_root)
		return -ENOMEM;
	if (amfs_point_direct(point)) {
		sb->s_root->d_fsdata = amfs_trigger_alloc(point, sb->s_root, NULL);
		if (!sb->s_root->d_fsdata)
			return -ENOMEM;
	}
	if (list_point(point))
		return -ENOMEM;
	amfs_channel_announce(point->link);
	return 0;
}

struct file_system_type amfs_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "amfs",
	.init_fs_context	= amfs_init_fs_context,
	.kill_sb		= kill_sb,
};
