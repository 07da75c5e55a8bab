// SPDX-License-Identifier: GPL-2.0
/* The log: each line is one write, so lines of several threads don't mix. */
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many lines that any user can cause are written in such a while. */
#define MOST		50
#define WHILE_MS	10000

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
	ssize_t written;
	va_list args;
	int used;

	va_start(args, format);
	if (to_syslog) {
		vsyslog(priority, format, args);
		va_end(args);
		errno = error;
		return;
	}
	used = put_prefix(line, sizeof(line), priority);
	if (vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format,
		      args) < 0)
		line[used] = '\0';
	va_end(args);
	used = (int)strlen(line);
	line[used++] = '\n';
	/* There is nowhere to tell that the log can't be written. */
	written = write(STDERR_FILENO, line, (size_t)used);
	(void)written;
	errno = error;
}

bool amfs_log_may(uint64_t now_ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static unsigned int written, left_out;
	static uint64_t since_ms;
	unsigned int untold = 0;
	bool may;

	pthread_mutex_lock(&lock);
	if (now_ms - since_ms >= WHILE_MS) {
		since_ms = now_ms;
		untold = left_out;
		written = 0;
		left_out = 0;
	}
	may = written < MOST;
	written += may;
	left_out += !may;
	pthread_mutex_unlock(&lock);
	if (untold)
		amfs_log(LOG_WARNING, "%u more failures weren't logged",
			 untold);
	return may;
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
