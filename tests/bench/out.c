// SPDX-License-Identifier: GPL-2.0
/* What the program has to say: a line of JSON for each measurement. */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_Exit(1);
}

void emit(const char *row, unsigned int arg, const char *side, double value)
{
	printf("{\"row\": \"%s\", \"arg\": %u, \"side\": \"%s\", \"value\": %.4f}\n",
	       row, arg, side, value);
	fflush(stdout);
}
