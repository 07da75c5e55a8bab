// SPDX-License-Identifier: GPL-2.0
/* What the guest tells the host, and hears from it: see report.c. */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>

/* Waits until the port is there; without it nothing can be reported. */
void open_port(void);

/* For poll(): readable when the host sent a byte, which obey_host() takes. */
int report_port(void);
void obey_host(void);

/* Sends a frame, or as many as the size needs. */
void report(char type, const char *data, size_t size);
void report_status(int status);

/* The last frame must be read before the machine goes, or it may get lost. */
void wait_for_ack(void);

_Noreturn void power_off(void);

/* Reports why the guest can't be set up, and ends it. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
