/* SPDX-License-Identifier: GPL-2.0 */
/* Going to the background. */
#ifndef AMFS_DAEMON_DAEMONIZE_H
#define AMFS_DAEMON_DAEMONIZE_H

/*
 * Makes a child that goes on as the daemon, in a session of its own. The
 * parent waits until amfs_daemonize_ready() or the child's end and exits: 0, or
 * with the child's status.
 *
 * Return: in the child only; 0 or a negative errno, which the log explains.
 */
int amfs_daemonize_begin(void);

/*
 * The daemon works: lets the parent exit with 0, gives up the terminal, and
 * logs to syslog. Does nothing without amfs_daemonize_begin().
 */
void amfs_daemonize_ready(void);

#endif /* AMFS_DAEMON_DAEMONIZE_H */
