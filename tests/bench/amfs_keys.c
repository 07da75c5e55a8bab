// SPDX-License-Identifier: GPL-2.0
/* Keys that the kernel mounts without the daemon. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/amfs.h>

#define RECORD_SIZE 128

static void call(enum amfs_keys_op op, void *buf, uint32_t len)
{
	struct amfs_keys arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.op = op,
		.buf = (uintptr_t)buf,
		.buf_len = len,
		.map = MAP,
	};
	int device = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);

	if (device < 0 || ioctl(device, AMFS_IOC_KEYS, &arg))
		die("amfs: keys: %m");
	close(device);
}

static char *put(char *at, uint32_t *len, const char *text)
{
	*len = strlen(text);
	memcpy(at, text, *len + 1);
	return at + *len + 1;
}

static uint32_t put_record(char *buf, char kind, unsigned int number)
{
	struct amfs_key_record *record = (struct amfs_key_record *)buf;
	int tmpfs = kind == KIND_KERNEL_TMPFS;
	char key[KEY_SIZE], *at = record->data;

	put_key(key, kind, number);
	record->timeout_s = AMFS_TIMEOUT_DEFAULT;
	at = put(at, &record->key_len, key);
	at = put(at, &record->fstype_len, tmpfs ? "tmpfs" : "bind");
	at = put(at, &record->source_len, tmpfs ? "none" : SOURCE);
	record->size = (at - buf + 7) & ~7U;
	return record->size;
}

void load_keys(char kind, unsigned int first, unsigned int count)
{
	char *buf = calloc(count, RECORD_SIZE);
	uint32_t len = 0;

	if (!buf)
		die("no memory for %u keys", count);
	while (count--)
		len += put_record(buf + len, kind, first++);
	call(AMFS_KEYS_ADD, buf, len);
	free(buf);
}

void forget_keys(void)
{
	call(AMFS_KEYS_CLEAR, NULL, 0);
}
