/* SPDX-License-Identifier: GPL-2.0 */
/* The main thread: channels and signals. */
#ifndef AMFS_DAEMON_EVENTS_H
#define AMFS_DAEMON_EVENTS_H

#include <stddef.h>

struct amfs_channel;

/*
 * Blocks the signals that amfs_events_run() takes; before any thread starts,
 * for they inherit it.
 *
 * Return: 0 or a negative errno, which the log then explains.
 */
int amfs_events_block_signals(void);

/*
 * Serves the @count channels at @channels until SIGTERM or SIGINT, or until
 * each of them has another daemon; puts each. What is mounted stays.
 *
 * Return: 0 or a negative errno, which the log then explains.
 */
int amfs_events_run(struct amfs_channel **channels, size_t count);

#endif /* AMFS_DAEMON_EVENTS_H */
