// SPDX-License-Identifier: GPL-2.0
/*
 * Folders in the dcache: directories above in-kernel keys with slashes, without a
 * trigger. ->lookup makes one when key_folders.c knows it. Like a trigger's dentry
 * one that nobody uses goes at once (amfs_trigger_keep()); what is mounted, asked
 * for or remembered below uses it, and so does who stands in it. One whose keys are
 * deleted stays that long, and nothing is found in it any more.
 */
#include "amfs.h"

#include <linux/namei.h>

static struct dentry *folder_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags);

static const struct inode_operations folder_iops = {
	.lookup	= folder_lookup,
};

/**
 * amfs_folder_inode - make the inode of a directory
 * @sb: the superblock
 *
 * Owner and mode are those of the automount point. It has no operations yet.
 *
 * Context: may sleep.
 * Return: the inode or NULL.
 */
struct inode *amfs_folder_inode(struct super_block *sb)
{
	struct amfs_point *point = amfs_point_of(sb);
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = S_IFDIR | READ_ONCE(point->opt.mode);
	inode->i_uid = READ_ONCE(point->opt.uid);
	inode->i_gid = READ_ONCE(point->opt.gid);
	amfs_compat_init_times(inode);
	set_nlink(inode, 2);
	return inode;
}

/**
 * amfs_folder_add - ->lookup found a folder
 * @dentry: the dentry that it got
 *
 * Context: the i_rwsem of the directory that it is in is held; may sleep.
 * Return: NULL or ERR_PTR(-ENOMEM), as ->lookup does.
 */
struct dentry *amfs_folder_add(struct dentry *dentry)
{
	struct inode *inode = amfs_folder_inode(dentry->d_sb);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_op = &folder_iops;
	inode->i_fop = &simple_dir_operations;
	d_add(dentry, inode);
	return NULL;
}

/*
 * From the root, as keys are named; nothing here is ever renamed. False when it is
 * longer than any key.
 */
static bool path_of(const struct dentry *dentry, char buf[AMFS_NAME_SIZE], struct qstr *path)
{
	char *end = buf + AMFS_NAME_LEN, *at = end;

	for (*end = 0; !IS_ROOT(dentry); dentry = dentry->d_parent) {
		const struct qstr *name = &dentry->d_name;
		bool last = at == end;

		if (at - buf < name->len + !last)
			return false;
		if (!last)
			*--at = '/';
		at -= name->len;
		memcpy(at, name->name, name->len);
	}
	*path = (struct qstr)QSTR_INIT(at, end - at);
	return true;
}

/*
 * A further folder, a loaded key, or nothing, and then not even a negative dentry:
 * a key that is loaded a moment later is to be found. The daemon isn't asked.
 */
static struct dentry *folder_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct amfs_map *map = amfs_point_of(dir->i_sb)->loaded;
	char buf[AMFS_NAME_SIZE];
	struct qstr path;

	if (dentry->d_name.len > AMFS_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	if (path_of(dentry, buf, &path)) {
		if (amfs_folder_known(map, &path))
			return amfs_folder_add(dentry);
		if (amfs_key_known(map, &path))
			return amfs_trigger_add(dentry, &path);
	}
	return ERR_PTR(flags & LOOKUP_CREATE ? -EPERM : -ENOENT);
}
