// SPDX-License-Identifier: GPL-2.0
/* Text of others made fit for one line of a log. */
#include "log.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

char *amfs_escape(char *out, size_t size, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (used + (is_plain(c) ? 1 : 4) >= size)
			break;
		if (is_plain(c)) {
			out[used++] = (char)c;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = hex[c >> 4];
		out[used++] = hex[c & 15];
	}
	out[used] = '\0';
	return out;
}

/* Bytes of the control character at @text; 0: it isn't one. */
static size_t control(const char *text)
{
	unsigned char c = (unsigned char)text[0];
	unsigned char next = c ? (unsigned char)text[1] : 0;

	if (c < 0x20 || c == 0x7f)
		return 1;
	/* U+0080 to U+009F, which terminals obey too. */
	return c == 0xc2 && next >= 0x80 && next <= 0x9f ? 2 : 0;
}

char *amfs_one_line(char *out, size_t size, const char *text)
{
	static const char line_ends[] = "\r\n";
	size_t used = 0;
	size_t n;

	text += strspn(text, line_ends);
	while (*text && used + 2 < size) {
		if (!strchr(line_ends, *text)) {
			n = control(text);
			out[used++] = n ? '?' : *text;
			text += n ? n : 1;
			continue;
		}
		text += strspn(text, line_ends);
		if (!*text)
			break;
		out[used++] = ';';
		out[used++] = ' ';
	}
	while (used && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
	return out;
}
