/* SPDX-License-Identifier: GPL-2.0 */
/* Serving an EXPIRE request. */
#ifndef AMFS_DAEMON_EXPIRE_H
#define AMFS_DAEMON_EXPIRE_H

struct amfs_job;

/* Unmounts the job's key if it is idle, and answers. */
void amfs_expire(struct amfs_job *job);

#endif /* AMFS_DAEMON_EXPIRE_H */
