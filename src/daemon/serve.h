/* SPDX-License-Identifier: GPL-2.0 */
/* Serving a MOUNT request. */
#ifndef AMFS_DAEMON_SERVE_H
#define AMFS_DAEMON_SERVE_H

#include <stddef.h>

struct amfs_job;
struct amfs_mount_spec;
struct amfs_why;

/* Mounts the job's key and answers, one way or the other. */
void amfs_serve_mount(struct amfs_job *job);

/*
 * The classic route: the key becomes a folder, and that is mounted on by its
 * path. Answers the request when it ends well or when nobody waits any more.
 *
 * Return: 0, or a negative errno with @why that is still to be answered.
 */
int amfs_classic_mount(struct amfs_job *job,
		       const struct amfs_mount_spec *spec,
		       struct amfs_why *why);

/* Mounted, and gone again before the kernel was told. */
#define AMFS_SERVE_GONE	1

/*
 * Answers that the key is mounted; @undo is called when nobody waits for it any
 * more.
 *
 * Return: 0 when there is nothing left to answer; AMFS_SERVE_GONE; or a negative
 * errno with @why that is to be answered instead.
 */
int amfs_serve_done(struct amfs_job *job, const struct amfs_mount_spec *spec,
		    int mnt_fd,
		    void (*undo)(struct amfs_job *job, int mnt_fd),
		    struct amfs_why *why);

/*
 * Unmounts what was mounted for a request that had ended. Leaves it when it is
 * in use already: the kernel keeps it as the key's mount.
 */
void amfs_serve_undo(struct amfs_job *job, int mnt_fd);

#endif /* AMFS_DAEMON_SERVE_H */
