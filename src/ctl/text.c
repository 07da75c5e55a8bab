// SPDX-License-Identifier: GPL-2.0
/* A name is bytes; here is what is left of that for people and for JSON. */
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Makes the text around it read in another order than it is written in. */
static bool turns_text(wchar_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static char *put_escaped(char *out, const char *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[(unsigned char)bytes[i] >> 4];
		*out++ = hex[(unsigned char)bytes[i] & 15];
	}
	return out;
}

char *amfs_text_show(char *out, const char *name, size_t len)
{
	mbstate_t state = { 0 };
	char *end = out;
	bool plain;
	wchar_t c;
	size_t n;

	while (len) {
		n = mbrtowc(&c, name, len, &state);
		plain = n && n <= len && iswprint((wint_t)c) && c != '\\' &&
			!turns_text(c);
		if (!n || n > len) {
			memset(&state, 0, sizeof(state));
			n = 1;
		}
		if (plain)
			end = mempcpy(end, name, n);
		else
			end = put_escaped(end, name, n);
		name += n;
		len -= n;
	}
	*end = '\0';
	return out;
}

/* Bytes of the UTF-8 character at @s, 0 when there is none. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t n;
	size_t i;

	if (*s < 0x80)
		return 1;
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	n = *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	/* Longer than need be, a surrogate, or beyond the last character. */
	if (*s == 0xe0)
		low = 0xa0;
	else if (*s == 0xed)
		high = 0x9f;
	else if (*s == 0xf0)
		low = 0x90;
	else if (*s == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

char *amfs_text_utf8(char *out, const char *name, size_t len)
{
	char *end = out;
	size_t n;

	while (len) {
		n = *name == '\\' ? 0 :
		    utf8_len((const unsigned char *)name, len);
		if (n) {
			end = mempcpy(end, name, n);
		} else {
			n = 1;
			end = put_escaped(end, name, 1);
		}
		name += n;
		len -= n;
	}
	*end = '\0';
	return out;
}

char *amfs_text_hex(char *out, const char *name, size_t len)
{
	size_t i;

	*out = '\0';
	for (i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned char)name[i]);
	return out;
}

size_t amfs_text_width(const char *text)
{
	mbstate_t state = { 0 };
	size_t left = strlen(text);
	size_t width = 0;
	wchar_t c;
	size_t n;

	while (left) {
		n = mbrtowc(&c, text, left, &state);
		/* Can't be after amfs_text_show(); then a byte is a column. */
		if (!n || n > left)
			return width + left;
		if (wcwidth(c) > 0)
			width += (size_t)wcwidth(c);
		text += n;
		left -= n;
	}
	return width;
}

char *amfs_text_time(char *out, size_t size, uint64_t ms)
{
	uint64_t s = ms / 1000;

	if (s < 10)
		snprintf(out, size, "%u.%u s", (unsigned int)s,
			 (unsigned int)(ms % 1000 / 100));
	else if (s < 120)
		snprintf(out, size, "%u s", (unsigned int)s);
	else if (s < 120 * 60)
		snprintf(out, size, "%u min %u s", (unsigned int)(s / 60),
			 (unsigned int)(s % 60));
	else
		snprintf(out, size, "%llu h %u min",
			 (unsigned long long)(s / 3600),
			 (unsigned int)(s % 3600 / 60));
	return out;
}
