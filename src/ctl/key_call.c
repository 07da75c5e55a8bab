// SPDX-License-Identifier: GPL-2.0
/* One ioctl for everything that is done with in-kernel keys. */
#include "key_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "text.h"

struct amfs_keys amfs_key_call_new(enum amfs_keys_op op, const char *map)
{
	struct amfs_keys call = {
		.size = sizeof(call),
		.version = AMFS_VERSION,
		.op = op,
	};

	strncpy(call.map, map, AMFS_NAME_LEN);
	return call;
}

int amfs_key_call(int fd, struct amfs_keys *call)
{
	char shown[AMFS_TEXT_SIZE];

	call->done = 0;
	if (!ioctl(fd, AMFS_IOC_KEYS, call))
		return 0;
	switch (errno) {
	case EEXIST:
	case ENOENT:
	case EINVAL:
	case ENOTDIR:
	case EISDIR:
		return errno;
	case ENOTTY:
	case EPROTO:
		amfs_die(0, "amfs.ko speaks another version of the interface; install amfsctl and amfs.ko of one release");
	default:
		amfs_die(errno, "%s: the keys", amfs_text_show(shown, call->map,
							strlen(call->map)));
	}
}

const char *amfs_key_error(int error)
{
	switch (error) {
	case EEXIST:
		return "there is such a key; --replace replaces it";
	case ENOENT:
		return "no such key";
	case ENOTDIR:
		return "a part of it is a key itself, and the kernel mounts nothing inside of a key; delete that one first, or have amfsd serve both as one key";
	case EISDIR:
		return "there are keys below it, and the kernel mounts nothing inside of a key; delete those first, or have amfsd serve all as one key";
	default:
		return "amfs.ko doesn't take it; amfsctl and amfs.ko must be of one release";
	}
}

int amfs_key_send(int fd, struct amfs_keys *call,
		  const struct amfs_key_record *const *records, size_t count,
		  size_t *done)
{
	size_t used = 0;
	size_t fit;
	size_t i;
	char *buf;
	int error;

	for (fit = 0; fit < count; fit++) {
		if (fit && used + records[fit]->size > AMFS_KEY_CALL_MAX)
			break;
		used += records[fit]->size;
	}
	buf = malloc(used);
	if (!buf)
		amfs_die(ENOMEM, "the keys");
	for (i = 0, used = 0; i < fit; used += records[i++]->size)
		memcpy(buf + used, records[i], records[i]->size);
	call->buf = (uintptr_t)buf;
	call->buf_len = (uint32_t)used;
	error = amfs_key_call(fd, call);
	free(buf);
	*done = call->done;
	/* So that nobody waits for the rest, or looks for what isn't there. */
	if (*done > fit || (!error && *done < fit) || (error && *done == fit))
		amfs_die(0, "the kernel's answer makes no sense; amfsctl and amfs.ko must be of one release");
	return error;
}
