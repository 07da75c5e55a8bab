// SPDX-License-Identifier: GPL-2.0
/* Helpers run with LC_ALL=C and so does this, so the texts are the same. */
#include "helper_errno.h"

#include <errno.h>
#include <string.h>

/* Errnos beyond this have no text; 133 is the last on all architectures but
 * two, which number up to 256 and 1133 (mips, the kernel's EDQUOT).
 */
#define LAST_ERRNO	1133

static const struct {
	const char *text;
	int error;
} phrases[] = {
	{ "access denied by server",		EACCES },
	{ "Name or service not known",		EHOSTUNREACH },
	{ "Temporary failure in name resolution", EHOSTUNREACH },
	{ "No address associated with hostname", EHOSTUNREACH },
	{ "Failed to resolve server",		EHOSTUNREACH },
	{ "could not resolve address",		EHOSTUNREACH },
	{ "unknown filesystem type",		ENODEV },
	{ "requested NFS version or transport protocol is not supported",
						EPROTONOSUPPORT },
	{ "an incorrect mount option was specified", EINVAL },
	{ "rpc.statd is not running but is required", ENOLCK },
	{ "timed out",				ETIMEDOUT },
	{ "fuse device not found",		ENODEV },
};

/* Takes @error when @known is in @line and longer than what was found. */
static void consider(const char *line, const char *known, int error,
		     size_t *longest, int *found)
{
	if (strlen(known) <= *longest || !strcasestr(line, known))
		return;
	*longest = strlen(known);
	*found = error;
}

/* Return: an errno, 0 when nothing was recognised. */
static int errno_in(const char *line)
{
	size_t longest = 0;
	const char *known;
	int found = 0;
	size_t i;
	int error;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		consider(line, phrases[i].text, phrases[i].error, &longest,
			 &found);
	for (error = 1; error <= LAST_ERRNO; error++) {
		known = strerrordesc_np(error);
		if (known)
			consider(line, known, error, &longest, &found);
	}
	return found;
}

int amfs_helper_errno(const char *text)
{
	const char *end = text + strlen(text);
	const char *start;
	char line[512];
	int found;

	while (end > text) {
		start = memrchr(text, '\n', (size_t)(end - text));
		start = start ? start + 1 : text;
		*(char *)mempcpy(line, start,
				 (size_t)(end - start) < sizeof(line) ?
				 (size_t)(end - start) : sizeof(line) - 1) = 0;
		found = errno_in(line);
		if (found)
			return found;
		end = start > text ? start - 1 : text;
	}
	return EIO;
}
