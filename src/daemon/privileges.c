// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities. A helper is a program of root's, so what is in the bounding set
 * is what it gets: that set is cut down too.
 *
 * no_new_privs is not set: FUSE servers that run as a user (option setuid=)
 * need the set-user-ID program fusermount3, and a security module changes its
 * domain when it runs mount.nfs. The bounding set holds for those as well.
 */
#include "privileges.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>

#include "log.h"

static const cap_value_t kept[] = {
	CAP_SYS_ADMIN,		/* mount, umount, bind a map, unshare, loop */
	CAP_DAC_OVERRIDE,	/* sources and images below anyone's folders */
	CAP_DAC_READ_SEARCH,	/* the same; mount.cifs reads credentials */
	CAP_NET_BIND_SERVICE,	/* mount.nfs: servers want a port below 1024 */
	CAP_SETUID,		/* mount.fuse setuid=; mount.cifs reads keys */
	CAP_SETGID,		/* the same */
	CAP_CHOWN,		/* a FUSE server hands its files to its user */
	CAP_FOWNER,		/* the same */
	CAP_KILL,		/* end a helper that became another user */
};

static bool is_kept(cap_value_t cap)
{
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i] == cap)
			return true;
	return false;
}

static int drop_bounding(void)
{
	cap_value_t cap;

	for (cap = 0; cap_get_bound(cap) >= 0; cap++) {
		if (is_kept(cap) || !cap_get_bound(cap))
			continue;
		if (!cap_drop_bound(cap))
			continue;
		/* In a container without CAP_SETPCAP it stays as it is. */
		if (errno == EPERM)
			return 0;
		return -errno;
	}
	return 0;
}

/* Keeps, of @kept, what there is. */
static int drop_own(void)
{
	cap_flag_value_t has;
	cap_t wanted = cap_init();
	cap_t now = cap_get_proc();
	int error = 0;
	size_t i;

	if (!wanted || !now)
		error = -errno;
	for (i = 0; !error && i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (cap_get_flag(now, kept[i], CAP_PERMITTED, &has)) {
			error = -errno;
			break;
		}
		if (!has)
			continue;
		if (cap_set_flag(wanted, CAP_PERMITTED, 1, &kept[i], CAP_SET) ||
		    cap_set_flag(wanted, CAP_EFFECTIVE, 1, &kept[i], CAP_SET))
			error = -errno;
	}
	if (!error && cap_set_proc(wanted))
		error = -errno;
	cap_free(wanted);
	cap_free(now);
	return error;
}

int amfs_privileges_drop(void)
{
	int error;

	error = drop_bounding();
	if (!error)
		error = drop_own();
	if (error)
		amfs_log(LOG_ERR, "capabilities can't be dropped: %s",
			 strerror(-error));
	return error;
}
