// SPDX-License-Identifier: GPL-2.0
/* The log: each line is one write, so lines of several threads don't mix. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Invariant once threads run. */
static bool to_syslog;

void amfs_log_use_syslog(void)
{
	openlog("amfsd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	to_syslog = true;
}

/* The journal takes the priority of a line from its first bytes. */
static int put_prefix(char *line, size_t size, int priority)
{
	if (getenv("JOURNAL_STREAM"))
		return snprintf(line, size, "<%d>", LOG_PRI(priority));
	return snprintf(line, size, "amfsd: ");
}

void amfs_log(int priority, const char *format, ...)
{
	int error = errno;
	char line[4096];
	va_list args;
	int used;
	int n;

	va_start(args, format);
	if (to_syslog) {
		vsyslog(priority, format, args);
		va_end(args);
		errno = error;
		return;
	}
	used = put_prefix(line, sizeof(line), priority);
	n = vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format,
		      args);
	va_end(args);
	if (n < 0)
		n = 0;
	used = (int)strlen(line);
	line[used++] = '\n';
	/* There is nowhere to tell that the log can't be written. */
	if (write(STDERR_FILENO, line, (size_t)used) < 0)
		n = 0;
	errno = error;
}

void amfs_why_set(struct amfs_why *why, const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	if (vsnprintf(why->text, sizeof(why->text), format, args) < 0)
		why->text[0] = '\0';
	va_end(args);
	errno = error;
}
