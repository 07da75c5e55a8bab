/* SPDX-License-Identifier: GPL-2.0 */
/* Which keys' trees are being taken apart just now, by whichever amfsd. */
#ifndef AMFS_DAEMON_APART_H
#define AMFS_DAEMON_APART_H

struct amfs_job;

/*
 * The tree of the job's key is about to be unmounted mount by mount. Doesn't wait.
 *
 * Return: a descriptor to be closed when all is gone, or back; -EBUSY when a part of it
 * is just being mounted, or another takes it apart; another negative errno.
 */
int amfs_apart_begin(const struct amfs_job *job);

/*
 * Waits until no tree that the job's key may be a part of is half apart, and keeps them
 * all whole.
 *
 * Return: a descriptor to be closed when the part is mounted; a negative errno.
 */
int amfs_apart_wait(const struct amfs_job *job);

#endif /* AMFS_DAEMON_APART_H */
