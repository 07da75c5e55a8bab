/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, hidden. The code is written for the newest
 * one; older ones are served from here. scripts/probe finds out by compiling
 * what there is, and defines AMFS_HAVE_*, which nobody but this folder may test.
 * Each item names the change of the kernel's that it answers, and the release
 * that brought it: to be removed with the last kernel without it.
 */
#ifndef AMFS_COMPAT_H
#define AMFS_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mount.h>

#include "probed.h"

/*
 * 6.3, "fs: port ->permission() to pass mnt_idmap" and its like: inode operations
 * got an idmap where there was a user namespace.
 */
#ifdef AMFS_HAVE_MNT_IDMAP
#define amfs_idmap mnt_idmap
#else
#define amfs_idmap user_namespace
#endif

/*
 * 6.15, "Change inode_operations.mkdir to return struct dentry *": the one that it
 * used, when that isn't the one it got, where it once returned an int.
 */
#ifdef AMFS_HAVE_MKDIR_DENTRY
#define amfs_mkdir_ret struct dentry *

static inline struct dentry *amfs_compat_mkdir_ret(struct dentry *used)
{
	return used;
}
#else
#define amfs_mkdir_ret int

static inline int amfs_compat_mkdir_ret(struct dentry *used)
{
	if (IS_ERR(used))
		return PTR_ERR(used);
	dput(used);
	return 0;
}
#endif

/*
 * 6.17, "new helper: set_default_d_op()": the flags that follow from the operations
 * are worked out there, once, and nobody else writes sb->s_d_op.
 */
static inline void amfs_compat_set_d_op(struct super_block *sb,
					const struct dentry_operations *ops)
{
#ifdef AMFS_HAVE_SET_DEFAULT_D_OP
	set_default_d_op(sb, ops);
#else
	sb->s_d_op = ops;
#endif
}

/* 6.6, "fs: pass the request_mask to generic_fillattr". */
static inline void amfs_compat_fillattr(struct amfs_idmap *idmap, u32 mask,
					struct inode *inode, struct kstat *stat)
{
#ifdef AMFS_HAVE_FILLATTR_MASK
	generic_fillattr(idmap, mask, inode, stat);
#else
	generic_fillattr(idmap, inode, stat);
#endif
}

/* 6.7, "fs: new accessor methods for atime and mtime": the fields were renamed. */
static inline void amfs_compat_init_times(struct inode *inode)
{
#ifdef AMFS_HAVE_SIMPLE_INODE_INIT_TS
	simple_inode_init_ts(inode);
#else
	inode->i_ctime = current_time(inode);
	inode->i_mtime = inode->i_ctime;
	inode->i_atime = inode->i_ctime;
#endif
}

/*
 * 6.16, "saner calling conventions for ->d_automount()": what that returns came
 * with a reference for the VFS's walk beside the mount's own, until the VFS began
 * to take that one itself.
 */
static inline struct vfsmount *amfs_compat_automount_ref(struct vfsmount *mnt)
{
#ifndef AMFS_HAVE_AUTOMOUNT_ONE_REF
	mntget(mnt);
#endif
	return mnt;
}

/*
 * 6.17, "workqueue: Add new WQ_PERCPU flag": asked for where it once was what a
 * workqueue is unless told.
 */
#ifdef AMFS_HAVE_WQ_PERCPU
#define AMFS_WQ_PERCPU WQ_PERCPU
#else
#define AMFS_WQ_PERCPU 0
#endif

/* mntns.c */
void __init amfs_compat_mnt_ns_init(void);
u32 amfs_compat_mnt_ns(void);

/*
 * 6.10, "tracing/treewide: Remove second parameter of __assign_str()": the source
 * of a string is named once where it was twice.
 */
#ifdef AMFS_HAVE_ASSIGN_STR_1
#define amfs_compat_assign_str(dst, src) __assign_str(dst)
#else
#define amfs_compat_assign_str(dst, src) __assign_str(dst, src)
#endif

#endif /* AMFS_COMPAT_H */
