// SPDX-License-Identifier: GPL-2.0
/*
 * The number of a mount namespace, as /proc/PID/ns/mnt shows it. The kernel
 * keeps the structure to itself; where in it the number is found is looked up
 * once, through that very file.
 */
#include "compat.h"

#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>

/* More than any sensible structure has before it. */
#define FAR	4096

/* Bytes from the namespace to its ns_common, FAR: unknown (set at init only). */
static unsigned long common_at __ro_after_init = FAR;

/**
 * amfs_compat_mnt_ns_init - find out where the number is
 *
 * Without /proc it isn't found, and all numbers are 0.
 *
 * Context: sleeps; from module init only.
 */
void __init amfs_compat_mnt_ns_init(void)
{
	unsigned long at;
	struct path path;

	if (kern_path("/proc/self/ns/mnt", LOOKUP_FOLLOW, &path))
		return;
	at = (unsigned long)get_proc_ns(d_inode(path.dentry)) -
	     (unsigned long)current->nsproxy->mnt_ns;
	path_put(&path);
	if (at < FAR)
		common_at = at;
}

/**
 * amfs_compat_mnt_ns - the number of the current task's mount namespace
 *
 * Context: any of a task that isn't exiting.
 * Return: the number, 0: unknown.
 */
u32 amfs_compat_mnt_ns(void)
{
	const struct nsproxy *nsproxy = current->nsproxy;

	if (common_at == FAR || !nsproxy)
		return 0;
	return ((const struct ns_common *)((const char *)nsproxy->mnt_ns + common_at))->inum;
}
