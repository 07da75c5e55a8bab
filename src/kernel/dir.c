// SPDX-License-Identifier: GPL-2.0
/*
 * Directories: the root, where keys are looked up, and the triggers themselves,
 * which nobody should ever see bare. Folders are in folder.c.
 */
#include "amfs.h"

#include <linux/mount.h>
#include <linux/namei.h>

#include "channel.h"

const struct dentry_operations amfs_dentry_ops = {
	.d_automount	= amfs_d_automount,
	.d_manage	= amfs_d_manage,
	.d_delete	= amfs_trigger_keep,
	.d_init		= amfs_point_dentry_init,
	.d_release	= amfs_point_dentry_release,
};

/*
 * A name that isn't in the dcache, or whose dentry was unhashed by rmdir. In
 * the second case walkers get that very dentry back. The daemon's mkdir can't:
 * it must find a negative one, so it gets an unhashed stand-in, and amfs_mkdir()
 * puts the real one back into service. The root's i_rwsem makes both see the
 * same.
 */
static struct dentry *amfs_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct amfs_point *point = amfs_point_of(dir->i_sb);
	struct dentry *tracked;

	if (dentry->d_name.len > AMFS_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	tracked = amfs_trigger_tracked(point, &dentry->d_name);
	if (tracked) {
		if (!(flags & LOOKUP_CREATE) || !amfs_channel_exempt(point->link))
			return tracked;
		dput(tracked);
		return NULL;
	}
	if (amfs_folder_known(point->loaded, &dentry->d_name))
		return amfs_folder_add(dentry);
	return amfs_trigger_add(dentry, NULL);
}

/* The trigger's dentry for the daemon's mkdir, with a reference. */
static struct dentry *mkdir_target(struct amfs_point *point, struct dentry *dentry)
{
	if (amfs_trigger_of(dentry))
		return dget(dentry);
	return amfs_trigger_tracked(point, &dentry->d_name);
}

/*
 * The daemon makes the key's directory, to mount on it by path. Returns the
 * dentry that is positive now when that isn't the one the VFS brought.
 */
static struct dentry *make_key(struct inode *dir, struct dentry *dentry)
{
	struct amfs_point *point = amfs_point_of(dir->i_sb);
	struct dentry *real;
	int err;

	if (!amfs_channel_exempt(point->link))
		return ERR_PTR(-EPERM);
	real = mkdir_target(point, dentry);
	if (!real)
		return ERR_PTR(-ENOENT);
	err = amfs_trigger_take_path_route(real);
	if (err || real == dentry) {
		dput(real);
		return ERR_PTR(err);
	}
	return real;
}

static amfs_mkdir_ret amfs_mkdir(struct amfs_idmap *idmap, struct inode *dir,
				 struct dentry *dentry, umode_t mode)
{
	return amfs_compat_mkdir_ret(make_key(dir, dentry));
}

static int rmdir_allowed_locked(struct amfs_trigger *trigger)
{
	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	if (!trigger->path_route || !trigger->pinned)
		return -EPERM;
	if (trigger->state != AMFS_EXPIRING && trigger->state != AMFS_PENDING)
		return -EPERM;
	/*
	 * Still mounted in some other namespace, or about to be: rmdir would pull
	 * it away from there, lazily, under whoever uses it.
	 */
	return amfs_trigger_bare_locked(trigger) ? 0 : -EBUSY;
}

/*
 * The daemon removes the key's directory. The request under way holds the
 * dentry, so the VFS will unhash it and leave it positive and dead; from now on
 * it is tracked by name.
 */
static int amfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct amfs_point *point = amfs_point_of(dir->i_sb);
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	int err;

	if (!trigger || !amfs_channel_exempt(point->link))
		return -EPERM;
	spin_lock(&point->lock);
	err = rmdir_allowed_locked(trigger);
	if (!err) {
		trigger->pinned = false;
		amfs_trigger_track_locked(trigger);
	}
	spin_unlock(&point->lock);
	if (err)
		return err;
	d_drop(dentry);
	clear_nlink(d_inode(dentry));
	dput(dentry);
	return 0;
}

static const struct inode_operations root_iops = {
	.lookup	= amfs_lookup,
	.mkdir	= amfs_mkdir,
	.rmdir	= amfs_rmdir,
};

/*
 * Below a bare trigger there is nothing. Its own daemon may look; anybody else
 * got here in the instant between two looks of the VFS at a mount that went
 * away, by a walk that doesn't trigger (open(2) with O_PATH), and is told that
 * what he holds is stale.
 */
static struct dentry *bare_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct amfs_point *point = amfs_point_of(dir->i_sb);

	return ERR_PTR(amfs_channel_exempt(point->link) ? -ENOENT : -ESTALE);
}

static int bare_open(struct inode *inode, struct file *file)
{
	struct amfs_point *point = amfs_point_of(inode->i_sb);

	if (!amfs_channel_exempt(point->link))
		return -ESTALE;
	return dcache_dir_open(inode, file);
}

/* The flags but these are the caller's dealings with the bare inode. */
static int getattr_of(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	return vfs_getattr(path, stat, mask, flags & AT_STATX_SYNC_TYPE);
}

static int source_getattr(const struct amfs_source *source, struct kstat *stat, u32 mask,
			  unsigned int flags)
{
	struct vfsmount *mnt = amfs_source_mount(source);
	int err;

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	err = getattr_of(&(struct path){ .mnt = mnt, .dentry = mnt->mnt_root }, stat, mask, flags);
	mntput(mnt);
	return err;
}

/*
 * A stat(2) that read the dentry's flags before an expire began and looked for
 * the mount after it had ended arrives here; so does any stat(2) of a key that
 * is mounted in other mount namespaces only. Ask for the mount as any walker does
 * and answer for what is mounted then, or would be. The root of a direct
 * automount point is shown as it is.
 */
static int bare_getattr(struct amfs_idmap *idmap, const struct path *path, struct kstat *stat,
			u32 mask, unsigned int flags)
{
	struct amfs_trigger *trigger = amfs_trigger_of(path->dentry);
	struct amfs_source *source = NULL;
	struct path top = *path;
	int err;

	if (amfs_point_direct(amfs_trigger_point(trigger)) || amfs_walk_exempt(trigger)) {
		amfs_compat_fillattr(idmap, mask, d_inode(path->dentry), stat);
		return 0;
	}
	path_get(&top);
	do {
		err = amfs_walk_follow(&top, &source);
	} while (!err && !source && !follow_down_one(&top));
	while (!err && !source && follow_down_one(&top))
		;
	if (!err && source)
		err = source_getattr(source, stat, mask, flags);
	else if (!err)
		err = getattr_of(&top, stat, mask, flags);
	amfs_trigger_let_go(trigger, source);
	path_put(&top);
	return err;
}

/* As for ->getattr, but ESTALE makes chmod(2) and its kin walk again. */
static int bare_setattr(struct amfs_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct amfs_point *point = amfs_point_of(dentry->d_sb);

	if (!amfs_channel_exempt(point->link))
		return -ESTALE;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations bare_iops = {
	.lookup		= bare_lookup,
	.getattr	= bare_getattr,
	.setattr	= bare_setattr,
};

static const struct file_operations bare_fops = {
	.open		= bare_open,
	.release	= dcache_dir_close,
	.llseek		= dcache_dir_lseek,
	.read		= generic_read_dir,
	.iterate_shared	= dcache_readdir,
	.fsync		= noop_fsync,
};

/**
 * amfs_root_inode - make the inode of an automount point's root
 * @sb: its superblock
 *
 * Context: may sleep.
 * Return: the inode or NULL.
 */
struct inode *amfs_root_inode(struct super_block *sb)
{
	struct inode *inode;

	if (amfs_point_direct(amfs_point_of(sb)))
		return amfs_trigger_inode(sb);
	inode = amfs_folder_inode(sb);
	if (inode) {
		inode->i_op = &root_iops;
		inode->i_fop = &simple_dir_operations;
	}
	return inode;
}

/**
 * amfs_trigger_inode - make the inode that a key is mounted on
 * @sb: the superblock
 *
 * Context: may sleep.
 * Return: the inode or NULL.
 */
struct inode *amfs_trigger_inode(struct super_block *sb)
{
	struct inode *inode = amfs_folder_inode(sb);

	if (inode) {
		inode->i_op = &bare_iops;
		inode->i_fop = &bare_fops;
		inode->i_flags |= S_AUTOMOUNT;
	}
	return inode;
}
