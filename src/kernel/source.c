// SPDX-License-Identifier: GPL-2.0
/*
 * Sources: filesystems that the kernel itself attaches, each time that a walker
 * needs them where he is. A source is a superblock and a directory in it, held
 * by a mount of our own that nobody sees; what is attached are further mounts
 * of the same.
 *
 * A mount that ->d_automount returns gets the flags of the mount it is put on,
 * whatever it had itself. So the restrictions that the source's maker asked for
 * (nosuid and the like) must be there already, and stay: see
 * amfs_source_allowed().
 */
#include "amfs.h"

#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <uapi/linux/mount.h>

/* What a mount may forbid; the rest of its flags are no matter of trust. */
#define RESTRICTIONS \
	(MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_READONLY | MNT_NOSYMFOLLOW)

/*
 * The VFS exports one way to make a mount of any directory of any superblock: a
 * context that claims to have just made that superblock. Its type is never
 * registered.
 */
static const struct fs_context_operations copy_context_ops = {};

static int init_copy_context(struct fs_context *fc)
{
	fc->ops = &copy_context_ops;
	return 0;
}

static struct file_system_type copy_type = {
	.owner			= THIS_MODULE,
	.name			= "amfs-copy",
	.init_fs_context	= init_copy_context,
	.kill_sb		= kill_anon_super,
};

static struct vfsmount *mount_of(struct dentry *root, const char *name)
{
	struct fs_context *fc = fs_context_for_mount(&copy_type, 0);
	struct vfsmount *mnt;

	if (IS_ERR(fc))
		return ERR_CAST(fc);
	fc->source = kstrdup(name, GFP_KERNEL_ACCOUNT);
	if (!fc->source) {
		put_fs_context(fc);
		return ERR_PTR(-ENOMEM);
	}
	/* The context's own references, which put_fs_context() drops. */
	atomic_inc(&root->d_sb->s_active);
	fc->root = dget(root);
	mnt = vfs_create_mount(fc);
	put_fs_context(fc);
	return mnt;
}

/**
 * amfs_source_make - make a source of a mounted directory
 * @root: the directory on a mount that has the restrictions that are wanted; the
 *	caller keeps it
 * @name: what /proc/mounts is to show as the device
 *
 * Context: may sleep.
 * Return: the source with one reference, or ERR_PTR(-ENOMEM).
 */
struct amfs_source *amfs_source_make(const struct path *root, const char *name)
{
	struct amfs_source *source = kzalloc(sizeof(*source), GFP_KERNEL_ACCOUNT);
	struct vfsmount *mnt;

	if (!source)
		return ERR_PTR(-ENOMEM);
	source->name = kstrdup(name, GFP_KERNEL_ACCOUNT);
	mnt = source->name ? mount_of(root->dentry, name) : ERR_PTR(-ENOMEM);
	if (IS_ERR(mnt)) {
		kfree(source->name);
		kfree(source);
		return ERR_CAST(mnt);
	}
	source->mnt = mnt;
	source->wanted = root->mnt->mnt_flags & RESTRICTIONS;
	source->timeout = AMFS_TIMEOUT_DEFAULT;
	refcount_set(&source->refs, 1);
	return source;
}

/**
 * amfs_source_demand - have copies more restricted than the directory's mount
 * @source: a source that nobody else knows of yet
 * @attr: AMFS_KEY_ATTR, some of them
 * @timeout: seconds between the expiry looks, or AMFS_TIMEOUT_DEFAULT
 */
void amfs_source_demand(struct amfs_source *source, u32 attr, u32 timeout)
{
	source->timeout = timeout;
	if (attr & MOUNT_ATTR_RDONLY)
		source->wanted |= MNT_READONLY;
	if (attr & MOUNT_ATTR_NOSUID)
		source->wanted |= MNT_NOSUID;
	if (attr & MOUNT_ATTR_NODEV)
		source->wanted |= MNT_NODEV;
	if (attr & MOUNT_ATTR_NOEXEC)
		source->wanted |= MNT_NOEXEC;
	if (attr & MOUNT_ATTR_NOSYMFOLLOW)
		source->wanted |= MNT_NOSYMFOLLOW;
}

/**
 * amfs_source_get - take another reference
 * @source: the source, or NULL
 *
 * Context: any.
 * Return: @source.
 */
struct amfs_source *amfs_source_get(struct amfs_source *source)
{
	if (source)
		refcount_inc(&source->refs);
	return source;
}

/**
 * amfs_source_put - drop a reference
 * @source: the source, or NULL
 *
 * With the last one our mount goes, and the superblock with it when nothing else
 * holds it: before the current task returns to user space, or a little later
 * when it is the kernel's own.
 *
 * Context: no spinlock is held.
 */
void amfs_source_put(struct amfs_source *source)
{
	if (!source || !refcount_dec_and_test(&source->refs))
		return;
	mntput(source->mnt);
	kfree(source->name);
	kfree(source);
}

/*
 * The restrictions of a mount that its owner can't lift. A mount that has come
 * into a mount namespace of another user namespace carries MNT_LOCK_ATIME, and
 * a lock for each restriction that it had then; what its owner has set himself
 * since, he can take away again, from what is attached to it as well.
 */
static int firm_restrictions(const struct vfsmount *mnt)
{
	int flags = mnt->mnt_flags, firm = 0;

	if (!(flags & MNT_LOCK_ATIME))
		return flags & RESTRICTIONS;
	if (flags & MNT_LOCK_NOSUID)
		firm |= MNT_NOSUID;
	if (flags & MNT_LOCK_NODEV)
		firm |= MNT_NODEV;
	if (flags & MNT_LOCK_NOEXEC)
		firm |= MNT_NOEXEC;
	if (flags & MNT_LOCK_READONLY)
		firm |= MNT_READONLY;
	return firm & flags;
}

/**
 * amfs_source_allowed - would a copy be as restricted as is wanted?
 * @source: the source
 * @onto: the mount of the automount point that it would be put on
 *
 * Read-only goes by the superblock as well.
 *
 * Context: any.
 * Return: 0 or -EPERM.
 */
int amfs_source_allowed(const struct amfs_source *source, const struct vfsmount *onto)
{
	int missing = source->wanted & ~firm_restrictions(onto);

	if (sb_rdonly(source->mnt->mnt_sb))
		missing &= ~MNT_READONLY;
	return missing ? -EPERM : 0;
}

/**
 * amfs_source_fit - can copies of this directory be attached?
 * @root: a directory and the mount that leads to it
 * @point: the superblock of the automount point
 *
 * Context: may sleep.
 * Return: 0; -EINVAL a kind that can't be mounted there; -ENOTDIR; -EPERM its
 * mount has an id mapping, which a mount of its superblock would lack.
 */
int amfs_source_fit(const struct path *root, const struct super_block *point)
{
	const struct super_block *sb = root->mnt->mnt_sb;

	if (sb == point || sb->s_flags & SB_NOUSER)
		return -EINVAL;
	if (!d_is_dir(root->dentry))
		return -ENOTDIR;
	return is_idmapped_mnt(root->mnt) ? -EPERM : 0;
}

/**
 * amfs_source_whole - is this a mount, and nothing but that?
 * @root: a directory and the mount that leads to it
 *
 * Context: may sleep.
 * Return: 0; -EINVAL it isn't a mount's root; -EPERM others are mounted on it,
 * which a copy would lack.
 */
int amfs_source_whole(const struct path *root)
{
	if (root->dentry != root->mnt->mnt_root)
		return -EINVAL;
	return path_has_submounts(root) ? -EPERM : 0;
}

/**
 * amfs_source_copy - make a mount to be returned by ->d_automount
 * @source: the source
 * @expiry: the list that it is to expire by
 *
 * Context: may sleep; takes the VFS's namespace_sem.
 * Return: the mount with the references that the VFS wants to take over, or an
 * ERR_PTR.
 */
struct vfsmount *amfs_source_copy(struct amfs_source *source, struct list_head *expiry)
{
	struct vfsmount *mnt = mount_of(source->mnt->mnt_root, source->name);

	if (IS_ERR(mnt))
		return mnt;
	mnt_set_expiry(amfs_compat_automount_ref(mnt), expiry);
	return mnt;
}
