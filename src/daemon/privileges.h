/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon may do. */
#ifndef AMFS_DAEMON_PRIVILEGES_H
#define AMFS_DAEMON_PRIVILEGES_H

/*
 * Gives up the capabilities that neither amfsd nor a mount helper needs, for
 * good.
 *
 * Return: 0 or a negative errno, which the log then explains.
 */
int amfs_privileges_drop(void);

#endif /* AMFS_DAEMON_PRIVILEGES_H */
