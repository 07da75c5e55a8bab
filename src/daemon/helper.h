/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mount helpers (/sbin/mount.TYPE). Each runs under a supervisor: amfsd again,
 * with one thread, started as AMFS_HELPER_NAME. The supervisor makes the
 * private place where a helper mounts, tells the errno from what the helper
 * printed, and takes the helper with it when the daemon dies.
 */
#ifndef AMFS_DAEMON_HELPER_H
#define AMFS_DAEMON_HELPER_H

#include <stdint.h>

#define AMFS_HELPER_NAME	"amfsd-helper"

/* Where a supervisor finds its socket, and what it is called in argv[]. */
#define AMFS_HELPER_SOCKET	3

enum amfs_helper_arg {
	AMFS_HELPER_ARG_NAME,
	AMFS_HELPER_ARG_PARENT,	/* process id of the daemon */
	AMFS_HELPER_ARG_PROGRAM,
	AMFS_HELPER_ARG_SUBTYPE, /* for the helper's -t, or empty */
	AMFS_HELPER_ARG_SOURCE,
	AMFS_HELPER_ARG_OPTIONS,
	AMFS_HELPER_ARG_TARGET,	/* empty: mount privately, send a descriptor */
	AMFS_HELPER_ARGS,
};

/**
 * struct amfs_helper_result - what a supervisor sends, once
 * @error: 0 or an errno
 * @text: what the helper printed, or what went wrong before
 *
 * With @error 0 and no target a descriptor of the detached mount comes along.
 */
struct amfs_helper_result {
	uint32_t error;
	char text[1020];
};

/* The folder that supervisors mount a staging filesystem on, each in a mount
 * namespace of its own.
 */
#define AMFS_STAGE_DIR		"/run/amfs"

/* Does a supervisor's work; main() goes nowhere else when argv[0] says so. */
int amfs_helper_main(int argc, char **argv);

#endif /* AMFS_DAEMON_HELPER_H */
