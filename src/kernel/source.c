// SPDX-License-Identifier: GPL-2.0
/*
 * Sources: filesystems that the kernel itself attaches, each time that a walker
 * needs them where he is. A source is a superblock and a directory in it; what is
 * attached are mounts of that.
 *
 * Letting a superblock go may take long, or locks that whoever drops the last
 * reference holds. So it is done like the VFS's own end of a mount: before the
 * task returns to user space, where umount(8) expects it, or by a worker for the
 * kernel's own tasks.
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
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait_bit.h>
#include <uapi/linux/mount.h>

/* What a mount may forbid; the rest of its flags are no matter of trust. */
#define RESTRICTIONS \
	(MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_READONLY | MNT_NOSYMFOLLOW)

static struct kmem_cache *sources;

static const char *name_of(const struct amfs_source *source)
{
	return source->by_key ? source->key->source : source->name;
}

/* Sources whose end isn't through. */
static atomic_t ending = ATOMIC_INIT(0);

static void end(struct amfs_source *source)
{
	struct super_block *sb = source->root->d_sb;

	dput(source->root);
	deactivate_super(sb);
	kmem_cache_free(sources, source);
	if (atomic_dec_and_test(&ending))
		wake_up_var(&ending);
}

static void end_by_task(struct callback_head *work)
{
	end(container_of(work, struct amfs_source, by_task));
}

static void end_by_worker(struct work_struct *work)
{
	end(container_of(work, struct amfs_source, by_worker));
}

/**
 * amfs_source_init - make the cache that sources come from
 *
 * kmalloc() would take 64 bytes for 48, and there is one for each mounted key that
 * the kernel attaches.
 *
 * Return: 0 or -ENOMEM.
 */
int amfs_source_init(void)
{
	sources = KMEM_CACHE(amfs_source, 0);
	return sources ? 0 : -ENOMEM;
}

/**
 * amfs_source_exit - wait until the last sources have ended, and end the cache
 *
 * Context: module exit, there is no source any more; sleeps.
 */
void amfs_source_exit(void)
{
	wait_var_event(&ending, !atomic_read(&ending));
	/* Who was the last to count, task or worker, may not have left our code yet. */
	synchronize_rcu_tasks();
	kmem_cache_destroy(sources);
}

static int wanted_by(u32 attr)
{
	int wanted = 0;

	if (attr & MOUNT_ATTR_RDONLY)
		wanted |= MNT_READONLY;
	if (attr & MOUNT_ATTR_NOSUID)
		wanted |= MNT_NOSUID;
	if (attr & MOUNT_ATTR_NODEV)
		wanted |= MNT_NODEV;
	if (attr & MOUNT_ATTR_NOEXEC)
		wanted |= MNT_NOEXEC;
	if (attr & MOUNT_ATTR_NOSYMFOLLOW)
		wanted |= MNT_NOSYMFOLLOW;
	return wanted;
}

static struct amfs_source *make(struct dentry *root, int wanted)
{
	struct amfs_source *source = kmem_cache_zalloc(sources, GFP_KERNEL_ACCOUNT);

	if (!source)
		return ERR_PTR(-ENOMEM);
	atomic_inc(&root->d_sb->s_active);
	source->root = dget(root);
	source->wanted = wanted;
	source->timeout = AMFS_TIMEOUT_DEFAULT;
	refcount_set(&source->refs, 1);
	return source;
}

static struct amfs_source *make_by_key(struct dentry *root, int wanted, struct amfs_key *key)
{
	struct amfs_source *source = make(root, wanted);

	if (IS_ERR(source))
		return source;
	source->by_key = true;
	source->key = amfs_key_get(key);
	source->timeout = key->timeout;
	source->wanted |= wanted_by(key->attr);
	return source;
}

static struct amfs_source *make_by_name(struct dentry *root, int wanted, const char *name)
{
	char *copy = kstrdup(name, GFP_KERNEL_ACCOUNT);
	struct amfs_source *source;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	source = make(root, wanted);
	if (IS_ERR(source))
		kfree(copy);
	else
		source->name = copy;
	return source;
}

/* Can copies of this directory be attached? */
static int fit(const struct dentry *root, const struct amfs_point *point)
{
	if (root->d_sb == point->sb || root->d_sb->s_flags & SB_NOUSER)
		return -EINVAL;
	return d_is_dir(root) ? 0 : -ENOTDIR;
}

/* @root on a mount whose restrictions are wanted. */
static int fit_path(const struct path *root, const struct amfs_point *point)
{
	int err = fit(root->dentry, point);

	return !err && is_idmapped_mnt(root->mnt) ? -EPERM : err;
}

/**
 * amfs_source_make - make a source of a mounted directory
 * @root: the directory on a mount that has the restrictions that are wanted; the
 *	caller keeps it
 * @point: the automount point that it is for
 * @name: what /proc/mounts is to show as the device
 *
 * Context: may sleep.
 * Return: the source with one reference, or an ERR_PTR: -EINVAL a kind that can't
 * be mounted there; -ENOTDIR; -EPERM its mount has an id mapping, which a mount of
 * its superblock would lack; -ENOMEM.
 */
struct amfs_source *amfs_source_make(const struct path *root, const struct amfs_point *point,
				     const char *name)
{
	int err = fit_path(root, point);

	return err ? ERR_PTR(err) :
		     make_by_name(root->dentry, root->mnt->mnt_flags & RESTRICTIONS, name);
}

/**
 * amfs_source_bind - make a source of a mounted directory for an in-kernel key
 * @root: as for amfs_source_make()
 * @point: the automount point that it is for
 * @key: says what /proc/mounts is to show, for how long, and what else is wanted
 *
 * Context: may sleep.
 * Return: as amfs_source_make().
 */
struct amfs_source *amfs_source_bind(const struct path *root, const struct amfs_point *point,
				     struct amfs_key *key)
{
	int err = fit_path(root, point);

	return err ? ERR_PTR(err) :
		     make_by_key(root->dentry, root->mnt->mnt_flags & RESTRICTIONS, key);
}

/**
 * amfs_source_new - make a source of what was mounted for an in-kernel key
 * @root: the root of a superblock, or of a part of it; the caller keeps it
 * @point: the automount point that it is for
 * @key: as for amfs_source_bind()
 *
 * Context: may sleep.
 * Return: as amfs_source_make(), without -EPERM.
 */
struct amfs_source *amfs_source_new(struct dentry *root, const struct amfs_point *point,
				    struct amfs_key *key)
{
	int err = fit(root, point);

	return err ? ERR_PTR(err) : make_by_key(root, 0, key);
}

/**
 * amfs_source_get - take another reference
 * @source: the source
 *
 * Context: any.
 * Return: @source.
 */
struct amfs_source *amfs_source_get(struct amfs_source *source)
{
	refcount_inc(&source->refs);
	return source;
}

/**
 * amfs_source_put - drop a reference
 * @source: the source, or NULL
 *
 * With the last one the superblock goes when nothing else holds it: before the
 * current task returns to user space, or a little later when it is the kernel's
 * own.
 *
 * Context: process context, spinlocks may be held.
 */
void amfs_source_put(struct amfs_source *source)
{
	if (!source || !refcount_dec_and_test(&source->refs))
		return;
	atomic_inc(&ending);
	/* Nobody attaches it any more; what tells how makes room for the end. */
	if (source->by_key)
		amfs_key_put(source->key);
	else
		kfree(source->name);
	if (!(current->flags & PF_KTHREAD)) {
		init_task_work(&source->by_task, end_by_task);
		if (!task_work_add(current, &source->by_task, TWA_RESUME))
			return;
	}
	INIT_WORK(&source->by_worker, end_by_worker);
	schedule_work(&source->by_worker);
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

	if (sb_rdonly(source->root->d_sb))
		missing &= ~MNT_READONLY;
	return missing ? -EPERM : 0;
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
 * amfs_source_mount - make a mount that nobody sees
 * @source: the source
 *
 * Context: may sleep.
 * Return: the mount, for mntput(), or an ERR_PTR.
 */
struct vfsmount *amfs_source_mount(const struct amfs_source *source)
{
	/*
	 * The VFS exports one way to make a mount of any directory of any superblock:
	 * a context that claims to have just made that. It is looked at, and not kept.
	 */
	struct fs_context context = {
		.root = source->root,
		.source = (char *)name_of(source),
	};

	return vfs_create_mount(&context);
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
	struct vfsmount *mnt = amfs_source_mount(source);

	if (IS_ERR(mnt))
		return mnt;
	mnt_set_expiry(amfs_compat_automount_ref(mnt), expiry);
	return mnt;
}
