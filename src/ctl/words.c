// SPDX-License-Identifier: GPL-2.0
/* What the kernel's numbers mean, in words. */
#include "status.h"

const char *amfs_status_state(__u32 state)
{
	static const char *const names[] = {
		[AMFS_INFO_IDLE] = "idle",
		[AMFS_INFO_PENDING] = "pending",
		[AMFS_INFO_MOUNTED] = "mounted",
		[AMFS_INFO_EXPIRING] = "expiring",
		[AMFS_INFO_FAILED] = "failed",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
	       "unknown";
}

const char *amfs_status_route(__u32 flags)
{
	if (flags & AMFS_INFO_F_PATH)
		return "path";
	return flags & AMFS_INFO_F_KERNEL ? "kernel" : "fd";
}

const char *amfs_status_mounted_by(__u32 flags)
{
	switch (flags & (AMFS_INFO_F_KERNEL | AMFS_INFO_F_DAEMON)) {
	case AMFS_INFO_F_KERNEL:
		return "kernel";
	case AMFS_INFO_F_DAEMON:
		return "daemon";
	case AMFS_INFO_F_KERNEL | AMFS_INFO_F_DAEMON:
		return "both";
	default:
		return "";
	}
}

const char *amfs_status_kind(__u32 kind)
{
	switch (kind) {
	case AMFS_MSG_MOUNT:
		return "mount";
	case AMFS_MSG_EXPIRE:
		return "expire";
	default:
		return "unknown";
	}
}
