// SPDX-License-Identifier: GPL-2.0
/* The device without binding a map: to look, and to have keys expired. */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define PAGE_BYTES	(64 * 1024)

_Noreturn void amfs_die(int error, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("amfsctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "%s%s\n", error ? ": " : "",
		error ? strerror(error) : "");
	exit(AMFS_EXIT_CANNOT);
}

int amfs_device_open(void)
{
	int fd = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
		amfs_die(0, "%s isn't there; load the module first: modprobe amfs",
			 AMFS_DEVICE);
	if (errno == EACCES || errno == EPERM)
		amfs_die(errno, "%s: only root may use it", AMFS_DEVICE);
	amfs_die(errno, "%s", AMFS_DEVICE);
}

/* A growing array of records of one size. */
struct records {
	char *all;
	size_t size;
	size_t count;
	size_t room;
};

/* The kernel's record may be longer than the one we know, or shorter. */
static void add(struct records *records, const char *record, size_t len)
{
	size_t known = len < records->size ? len : records->size;
	char *slot;

	if (records->count == records->room) {
		records->room = records->room ? records->room * 2 : 64;
		records->all = reallocarray(records->all, records->room,
					    records->size);
		if (!records->all)
			amfs_die(ENOMEM, "the list");
	}
	slot = records->all + records->count++ * records->size;
	memset(slot, 0, records->size);
	memcpy(slot, record, known);
}

static void add_page(struct records *records, const char *page, size_t used)
{
	uint32_t len;

	while (used >= sizeof(len)) {
		memcpy(&len, page, sizeof(len));
		if (len < sizeof(len) || len > used)
			amfs_die(0, "the kernel's list makes no sense; amfsctl and amfs.ko must be of one release");
		add(records, page, len);
		page += len;
		used -= len;
	}
}

void amfs_device_list(int fd, enum amfs_list_what what, size_t size,
		      void *out, size_t *count)
{
	struct records records = { .size = size };
	struct amfs_list list = {
		.size = sizeof(list),
		.version = AMFS_VERSION,
		.what = what,
		.buf_len = PAGE_BYTES,
	};
	char *page = malloc(PAGE_BYTES);

	if (!page)
		amfs_die(ENOMEM, "the list");
	list.buf = (uintptr_t)page;
	for (;;) {
		if (ioctl(fd, AMFS_IOC_LIST, &list)) {
			if (errno == EPROTO)
				amfs_die(0, "amfs.ko speaks another version of the interface; install amfsctl and amfs.ko of one release");
			amfs_die(errno, "the list can't be read");
		}
		if (!list.used)
			break;
		add_page(&records, page, list.used);
	}
	free(page);
	memcpy(out, &records.all, sizeof(records.all));
	*count = records.count;
}
