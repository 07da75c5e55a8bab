/* SPDX-License-Identifier: GPL-2.0 */
/* What amfsctl asks the kernel. */
#ifndef AMFS_CTL_DEVICE_H
#define AMFS_CTL_DEVICE_H

#include <stddef.h>
#include <linux/amfs.h>

/* Exit statuses, as amfsctl(8) lists them. */
enum amfs_exit {
	AMFS_EXIT_OK = 0,
	AMFS_EXIT_BUSY = 1,
	AMFS_EXIT_MISSING = 1,
	AMFS_EXIT_USAGE = 2,
	AMFS_EXIT_CANNOT = 3,
};

/* Opens the device, or says why not and ends the program. */
int amfs_device_open(void);

/*
 * Reads all records of the kind @what, each @size bytes of *@records, which the
 * caller frees; *@count says how many. Says why not and ends the program when
 * it fails.
 */
void amfs_device_list(int fd, enum amfs_list_what what, size_t size,
		      void *records, size_t *count);

/* Ends the program with AMFS_EXIT_CANNOT; @error is an errno or 0. */
void amfs_die(int error, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif /* AMFS_CTL_DEVICE_H */
