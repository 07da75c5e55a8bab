/* SPDX-License-Identifier: GPL-2.0 */
/* Names and times made readable. */
#ifndef AMFS_CTL_TEXT_H
#define AMFS_CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for what the functions below make of so many bytes. */
#define AMFS_TEXT_ROOM(len)	((len) * 4 + 1)

/* The same for a name of AMFS_NAME_LEN bytes. */
#define AMFS_TEXT_SIZE	AMFS_TEXT_ROOM(255)

/*
 * A name for a terminal, in the encoding of the locale: what isn't a printable
 * character, and the backslash, becomes \xNN for each byte. @out has
 * AMFS_TEXT_ROOM(@len) bytes, as below. Returns @out.
 */
char *amfs_text_show(char *out, const char *name, size_t len);

/*
 * A name as UTF-8: bytes that aren't, and the backslash, become \xNN. Returns
 * @out.
 */
char *amfs_text_utf8(char *out, const char *name, size_t len);

/* A name in hexadecimal. Returns @out. */
char *amfs_text_hex(char *out, const char *name, size_t len);

/* Columns that text takes on a terminal. */
size_t amfs_text_width(const char *text);

/* A time such as "0.4 s", "12 s", "5 min 3 s", "7 h 2 min". Returns @out. */
char *amfs_text_time(char *out, size_t size, uint64_t ms);

#endif /* AMFS_CTL_TEXT_H */
