/* SPDX-License-Identifier: GPL-2.0 */
/* The errno behind what a mount helper printed. */
#ifndef AMFS_DAEMON_HELPER_ERRNO_H
#define AMFS_DAEMON_HELPER_ERRNO_H

/*
 * Helpers tell their caller only that they failed; why is in the text. Looks
 * for strerror(3)'s texts and for those that helpers are known to print
 * instead. The last line that has one counts, and the longest in it: before a
 * helper gives up it tells of what it tried.
 *
 * Return: an errno, EIO when nothing was recognised.
 */
int amfs_helper_errno(const char *text);

#endif /* AMFS_DAEMON_HELPER_ERRNO_H */
