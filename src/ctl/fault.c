// SPDX-License-Identifier: GPL-2.0
/* A fault quotes what was written, which may be any bytes. */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int amfs_fault_set(struct amfs_fault *fault, const char *format, ...)
{
	char text[AMFS_FAULT_LEN + 1];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	amfs_text_show(fault->text, text, strlen(text));
	return -EINVAL;
}
