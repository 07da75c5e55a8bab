/* SPDX-License-Identifier: GPL-2.0 */
/* Keeps the end of the daemon from falling into the middle of a mount. */
#ifndef AMFS_DAEMON_ATTACH_H
#define AMFS_DAEMON_ATTACH_H

/* Before the first thread. */
void amfs_attach_init(void);

/*
 * amfs_attach_begin() to amfs_attach_end() encloses the steps from
 * asking for a target to the answer, which are quick. amfs_attach_stop() waits
 * for those under way, a second at most, and keeps others from beginning, so
 * that nothing is mounted that the next daemon would mount again.
 */
void amfs_attach_begin(void);
void amfs_attach_end(void);
void amfs_attach_stop(void);

#endif /* AMFS_DAEMON_ATTACH_H */
