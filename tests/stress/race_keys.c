// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel keys for the race program: a folder with a file in it, bound.
 */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/amfs.h>

static void call(enum amfs_keys_op op, void *buf, uint32_t len)
{
	struct amfs_keys arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.op = op,
		.buf = (uintptr_t)buf,
		.buf_len = len,
		.flags = op == AMFS_KEYS_ADD ? AMFS_KEYS_REPLACE : 0,
		.map = MAP,
	};
	int dev = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);

	if (dev < 0 || ioctl(dev, AMFS_IOC_KEYS, &arg))
		fail("keys: %m");
	close(dev);
}

static uint32_t put_key(char *buf, unsigned int number, const char *folder)
{
	struct amfs_key_record *record = (struct amfs_key_record *)buf;
	char *at = record->data;

	record->timeout_s = AMFS_TIMEOUT_DEFAULT;
	record->key_len = sprintf(at, "key%u", number);
	at += record->key_len + 1;
	record->fstype_len = sprintf(at, "bind");
	at += record->fstype_len + 1;
	record->source_len = sprintf(at, "%s", folder);
	at += record->source_len + 1;
	record->size = (at - buf + 7) & ~7U;
	return record->size;
}

static void make_folder(char *folder)
{
	char file[64];
	int fd;

	if (!mkdtemp(folder))
		fail("keys: %s: %m", folder);
	snprintf(file, sizeof(file), "%s/hello", folder);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		fail("keys: %s: %m", file);
	close(fd);
}

void load_keys(struct setup *setup)
{
	char folder[] = "/tmp/race.XXXXXX";
	unsigned int number;
	uint32_t len = 0;
	char *buf;

	make_folder(folder);
	buf = calloc(setup->keys, 128);
	if (!buf)
		fail("keys: %m");
	for (number = 0; number < setup->keys; number++)
		len += put_key(buf + len, number, folder);
	call(AMFS_KEYS_ADD, buf, len);
	free(buf);
}

void forget_keys(void)
{
	call(AMFS_KEYS_CLEAR, NULL, 0);
}
