// SPDX-License-Identifier: GPL-2.0
/* Adding and deleting what the command line names. */
#include "key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "key_call.h"
#include "text.h"

static void complain(const char *map, const struct amfs_key_record *record,
		     int error)
{
	char shown[AMFS_TEXT_SIZE];
	char key[AMFS_TEXT_SIZE];

	fflush(stdout);
	fprintf(stderr, "amfsctl: %s: %s: %s\n",
		amfs_text_show(shown, map, strlen(map)),
		amfs_text_show(key, record->data, record->key_len),
		amfs_key_error(error));
}

int amfs_key_add(int fd, const char *map, const struct amfs_key_record *record,
		 bool replace)
{
	struct amfs_keys call = amfs_key_call_new(AMFS_KEYS_ADD, map);
	size_t done;
	int error;

	call.flags = replace ? AMFS_KEYS_REPLACE : 0;
	error = amfs_key_send(fd, &call, &record, 1, &done);
	if (!error)
		return AMFS_EXIT_OK;
	complain(map, record, error);
	return AMFS_EXIT_CANNOT;
}

int amfs_key_del(int fd, const char *map,
		 const struct amfs_key_record *const *records, size_t count)
{
	struct amfs_keys call = amfs_key_call_new(AMFS_KEYS_DEL, map);
	int outcome = AMFS_EXIT_OK;
	size_t done;
	int error;

	while (count) {
		error = amfs_key_send(fd, &call, records, count, &done);
		records += done;
		count -= done;
		if (!error)
			continue;
		complain(map, *records, error);
		if (error != ENOENT)
			return AMFS_EXIT_CANNOT;
		outcome = AMFS_EXIT_MISSING;
		records++;
		count--;
	}
	return outcome;
}

int amfs_key_clear(int fd, const char *map)
{
	struct amfs_keys call = amfs_key_call_new(AMFS_KEYS_CLEAR, map);
	char shown[AMFS_TEXT_SIZE];
	int error = amfs_key_call(fd, &call);

	amfs_text_show(shown, map, strlen(map));
	if (error)
		amfs_die(error, "%s: the keys", shown);
	if (call.done)
		printf("%s: %u deleted\n", shown, call.done);
	else
		printf("%s: no keys\n", shown);
	return AMFS_EXIT_OK;
}
