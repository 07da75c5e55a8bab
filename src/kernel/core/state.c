// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <linux/errno.h>

#define NO (-EINVAL)

/*
 * Every pair is written out, also the forbidden ones: a new state or event
 * that forgets one doesn't compile into "IDLE" by accident, and the KUnit
 * enumeration counts both kinds.
 *
 * MOUNTED takes ASK: a walker in a mount namespace that the mount didn't reach
 * (or that came after umount(8)) may ask again; the daemon sees whether it is
 * there. FAILED takes FOUND: a mount that came after its request had ended is
 * kept by the first walker who sees it.
 */
static const signed char next[AMFS_STATES][AMFS_EVENTS] = {
	[AMFS_IDLE] = {
		[AMFS_EV_ASK]		= AMFS_PENDING,
		[AMFS_EV_MOUNT_OK]	= NO,
		[AMFS_EV_MOUNT_FAIL]	= NO,
		[AMFS_EV_MOUNT_DROP]	= NO,
		[AMFS_EV_EXPIRE]	= NO,
		[AMFS_EV_EXPIRE_OK]	= NO,
		[AMFS_EV_EXPIRE_NO]	= NO,
		[AMFS_EV_FOUND]		= AMFS_MOUNTED,
		[AMFS_EV_GONE]		= NO,
		[AMFS_EV_TTL]		= NO,
	},
	[AMFS_PENDING] = {
		[AMFS_EV_ASK]		= NO,
		[AMFS_EV_MOUNT_OK]	= AMFS_MOUNTED,
		[AMFS_EV_MOUNT_FAIL]	= AMFS_FAILED,
		[AMFS_EV_MOUNT_DROP]	= AMFS_IDLE,
		[AMFS_EV_EXPIRE]	= NO,
		[AMFS_EV_EXPIRE_OK]	= NO,
		[AMFS_EV_EXPIRE_NO]	= NO,
		[AMFS_EV_FOUND]		= NO,
		[AMFS_EV_GONE]		= NO,
		[AMFS_EV_TTL]		= NO,
	},
	[AMFS_MOUNTED] = {
		[AMFS_EV_ASK]		= AMFS_PENDING,
		[AMFS_EV_MOUNT_OK]	= NO,
		[AMFS_EV_MOUNT_FAIL]	= NO,
		[AMFS_EV_MOUNT_DROP]	= NO,
		[AMFS_EV_EXPIRE]	= AMFS_EXPIRING,
		[AMFS_EV_EXPIRE_OK]	= NO,
		[AMFS_EV_EXPIRE_NO]	= NO,
		[AMFS_EV_FOUND]		= NO,
		[AMFS_EV_GONE]		= AMFS_IDLE,
		[AMFS_EV_TTL]		= NO,
	},
	[AMFS_EXPIRING] = {
		[AMFS_EV_ASK]		= NO,
		[AMFS_EV_MOUNT_OK]	= NO,
		[AMFS_EV_MOUNT_FAIL]	= NO,
		[AMFS_EV_MOUNT_DROP]	= NO,
		[AMFS_EV_EXPIRE]	= NO,
		[AMFS_EV_EXPIRE_OK]	= AMFS_IDLE,
		[AMFS_EV_EXPIRE_NO]	= AMFS_MOUNTED,
		[AMFS_EV_FOUND]		= NO,
		[AMFS_EV_GONE]		= NO,
		[AMFS_EV_TTL]		= NO,
	},
	[AMFS_FAILED] = {
		[AMFS_EV_ASK]		= NO,
		[AMFS_EV_MOUNT_OK]	= NO,
		[AMFS_EV_MOUNT_FAIL]	= NO,
		[AMFS_EV_MOUNT_DROP]	= NO,
		[AMFS_EV_EXPIRE]	= NO,
		[AMFS_EV_EXPIRE_OK]	= NO,
		[AMFS_EV_EXPIRE_NO]	= NO,
		[AMFS_EV_FOUND]		= AMFS_MOUNTED,
		[AMFS_EV_GONE]		= NO,
		[AMFS_EV_TTL]		= AMFS_IDLE,
	},
};

static const char * const names[AMFS_STATES] = {
	[AMFS_IDLE]	= "idle",
	[AMFS_PENDING]	= "pending",
	[AMFS_MOUNTED]	= "mounted",
	[AMFS_EXPIRING]	= "expiring",
	[AMFS_FAILED]	= "failed",
};

/**
 * amfs_state_next - the state that an event leads to
 * @state: where the trigger is
 * @event: what happens to it
 *
 * Context: any; pure.
 * Return: an enum amfs_state, or -EINVAL when @event must not happen in @state
 * or either is out of range.
 */
int amfs_state_next(enum amfs_state state, enum amfs_event event)
{
	if ((unsigned int)state >= AMFS_STATES || (unsigned int)event >= AMFS_EVENTS)
		return -EINVAL;
	return next[state][event];
}

/**
 * amfs_state_name - a word for people
 * @state: an enum amfs_state
 *
 * Context: any; pure.
 * Return: a static string, "?" for what isn't a state.
 */
const char *amfs_state_name(enum amfs_state state)
{
	if ((unsigned int)state >= AMFS_STATES)
		return "?";
	return names[state];
}
