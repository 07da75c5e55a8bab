// SPDX-License-Identifier: GPL-2.0
/*
 * Reports go through a virtio-serial port, not through the console: whatever
 * happens to the console, a status that didn't arrive can't be taken for
 * success. They are a stream of frames: one byte of type, four of length
 * (little endian), then so many bytes.
 *
 *	R	the command starts now
 *	o e	a piece of its standard output, of its standard error
 *	L	the text of kmemleak after two scans
 *	F	the guest couldn't be set up: why
 *	S	the command's exit status, in digits; always the last frame
 *
 * The host sends single bytes: W asks for the state of all stuck tasks in the
 * kernel log, A says that the last frame was read and the guest may go.
 */
#define _GNU_SOURCE
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

#define PORT_NAME "amfs.report"

static int port = -1;

static bool open_port_once(void)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;

	while (port < 0 && dir && (entry = readdir(dir))) {
		char path[PATH_MAX], *name;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		name = get_file(path, NULL);
		if (name && !strncmp(name, PORT_NAME, strlen(PORT_NAME))) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			port = open(path, O_RDWR | O_CLOEXEC);
		}
		free(name);
	}
	if (dir)
		closedir(dir);
	return port >= 0;
}

/* The port's name arrives in a message of the host's, after the device. */
void open_port(void)
{
	struct timespec tick = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; i < 1000; i++) {
		if (open_port_once())
			return;
		nanosleep(&tick, NULL);
	}
	fail("the port %s did not appear", PORT_NAME);
}

int report_port(void)
{
	return port;
}

static void put_all(const char *data, size_t size)
{
	while (size) {
		ssize_t done = write(port, data, size);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (done > 0) {
			data += done;
			size -= done;
		}
	}
}

void report(char type, const char *data, size_t size)
{
	char frame[5 + 16384];

	do {
		uint32_t part = size < 16384 ? size : 16384;

		frame[0] = type;
		memcpy(frame + 1, &part, sizeof(part));
		memcpy(frame + 5, data, part);
		put_all(frame, 5 + part);
		data += part;
		size -= part;
	} while (size);
}

void report_status(int status)
{
	char text[16];

	report('S', text, snprintf(text, sizeof(text), "%d", status));
}

_Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void wait_for_ack(void)
{
	struct pollfd p = { .fd = port, .events = POLLIN };
	char byte;

	while (poll(&p, 1, 10000) == 1)
		if (read(port, &byte, 1) != 1 || byte == 'A')
			return;
}

_Noreturn void fail(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(STDERR_FILENO, "vm init: %s\n", text);
	if (port >= 0) {
		report('F', text, strlen(text));
		wait_for_ack();
	}
	power_off();
}

void obey_host(void)
{
	char byte;

	if (read(port, &byte, 1) == 1 && byte == 'W')
		put_file("/proc/sysrq-trigger", "w");
}
