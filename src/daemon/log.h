/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line per event, to standard error or to syslog, and the texts that lead
 * to it.
 */
#ifndef AMFS_DAEMON_LOG_H
#define AMFS_DAEMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

/* Room for what amfs_escape() makes of a name of AMFS_NAME_LEN bytes. */
#define AMFS_ESCAPED_SIZE	(255 * 4 + 1)

/* Why something failed: one line for the log, empty when there is no more to
 * say than the errno does.
 */
struct amfs_why {
	char text[1024];
};

/* Lines go to syslog from now on; till then they go to standard error. */
void amfs_log_use_syslog(void);

/* Writes one line; @priority is one of syslog(3)'s LOG_*. */
void amfs_log(int priority, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * May a line be written that any user can cause, at @now_ms of a monotonic clock?
 * Only so many of them in a while; the next one after it tells how many weren't.
 */
bool amfs_log_may(uint64_t now_ms);

/* Says why, in place of what @why said before. Keeps errno. */
void amfs_why_set(struct amfs_why *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Writes @len bytes at @text to @out as printable ASCII: all others, and the
 * backslash, become \xNN. Cuts what doesn't fit in @size bytes. Returns @out.
 */
char *amfs_escape(char *out, size_t size, const char *text, size_t len);

/*
 * Writes what a helper or the kernel printed to @out as one line: line ends
 * become "; ", other control characters '?', those of Latin-1 in UTF-8 too, and
 * what doesn't fit in @size bytes is cut. Returns @out.
 */
char *amfs_one_line(char *out, size_t size, const char *text);

#endif /* AMFS_DAEMON_LOG_H */
