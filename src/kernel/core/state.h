/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a trigger: states, events, and the one table that says which
 * event may happen in which state. Pure: no VFS, no locks, no clock.
 */
#ifndef AMFS_CORE_STATE_H
#define AMFS_CORE_STATE_H

#include <linux/types.h>

/**
 * enum amfs_state - where a trigger is in its life
 * @AMFS_IDLE: nothing is mounted and nobody asked, as far as we know.
 * @AMFS_PENDING: a MOUNT request is under way.
 * @AMFS_MOUNTED: the daemon mounted it.
 * @AMFS_EXPIRING: an EXPIRE request is under way.
 * @AMFS_FAILED: the last MOUNT failed; its errno answers until the TTL ends.
 * @AMFS_STATES: how many there are.
 */
enum amfs_state {
	AMFS_IDLE,
	AMFS_PENDING,
	AMFS_MOUNTED,
	AMFS_EXPIRING,
	AMFS_FAILED,
	AMFS_STATES
};

/**
 * enum amfs_event - what can happen to a trigger
 * @AMFS_EV_ASK: a walker needs it mounted: a MOUNT request is made.
 * @AMFS_EV_MOUNT_OK: the MOUNT request ended with 0.
 * @AMFS_EV_MOUNT_FAIL: it ended with an errno to be remembered.
 * @AMFS_EV_MOUNT_DROP: it ended with an errno that nobody remembers.
 * @AMFS_EV_EXPIRE: an EXPIRE request is made.
 * @AMFS_EV_EXPIRE_OK: it ended and the mount is gone.
 * @AMFS_EV_EXPIRE_NO: it ended and the mount is still there.
 * @AMFS_EV_FOUND: a walker saw a mount that we didn't know of.
 * @AMFS_EV_GONE: a mount went without an EXPIRE request (umount(8)).
 * @AMFS_EV_TTL: the time of a remembered errno is over.
 * @AMFS_EVENTS: how many there are.
 */
enum amfs_event {
	AMFS_EV_ASK,
	AMFS_EV_MOUNT_OK,
	AMFS_EV_MOUNT_FAIL,
	AMFS_EV_MOUNT_DROP,
	AMFS_EV_EXPIRE,
	AMFS_EV_EXPIRE_OK,
	AMFS_EV_EXPIRE_NO,
	AMFS_EV_FOUND,
	AMFS_EV_GONE,
	AMFS_EV_TTL,
	AMFS_EVENTS
};

int amfs_state_next(enum amfs_state state, enum amfs_event event);
const char *amfs_state_name(enum amfs_state state);

#endif /* AMFS_CORE_STATE_H */
