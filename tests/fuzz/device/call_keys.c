// SPDX-License-Identifier: GPL-2.0
/* In-kernel keys: records that are good, nearly good, and none. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

static char *put(char *at, const char *text, uint32_t *len)
{
	*len = strlen(text);
	memcpy(at, text, *len + 1);
	return at + *len + 1;
}

/* One record at the start of the room that is left; its size. */
static uint32_t put_record(struct worker *w, char *start)
{
	static const char * const types[] = { "tmpfs", "ramfs", "bind", "proc", "amfs", "none",
					      "" };
	static const char * const wishes[] = { "size=64k", "mode=0700", "ro", "nonsense=1", "=",
					       "" };
	struct amfs_key_record *record = (struct amfs_key_record *)start;
	const char *type = types[pick(w, chance(w, 90) ? 3 : 7)];
	char *at = record->data, text[1400], key[600];
	unsigned int i, count = pick(w, 3);
	uint32_t len;

	memset(start, 0, sizeof(*record) + 4096);
	record->timeout_s = chance(w, 50) ? AMFS_TIMEOUT_DEFAULT : pick(w, 3);
	record->attr = chance(w, 70) ? 0 : next_random(&w->seed) & AMFS_KEY_ATTR;
	at = put(at, a_key(w, key), &record->key_len);
	at = put(at, type, &record->fstype_len);
	if (chance(w, 80))
		snprintf(text, sizeof(text), "%s/src", w->base);
	else
		a_path(w, text);
	at = put(at, text, &record->source_len);
	if (!strcmp(type, "bind"))
		count = 0;
	for (i = 0; i < count; i++) {
		at = put(at, wishes[pick(w, chance(w, 90) ? 2 : 6)], &len);
		record->options_len += len + 1;
	}
	record->size = (at - start + 7) & ~7U;
	if (chance(w, w->spoil / 2))
		((uint32_t *)start)[pick(w, 8)] = a_number(w);
	if (chance(w, w->spoil / 4))
		start[pick(w, at - start)] ^= 1 << pick(w, 8);
	return (at - start + 7) & ~7U;
}

static void call(struct worker *w, enum call call, enum amfs_keys_op op, uint32_t len)
{
	struct amfs_keys arg = {
		.size = sizeof(arg), .version = AMFS_VERSION, .op = op,
		.buf = len ? (uintptr_t)w->buf : 0, .buf_len = len,
	};
	char name[600];

	if (op == AMFS_KEYS_ADD)
		arg.flags = chance(w, 60) ? AMFS_KEYS_REPLACE : 0;
	if (op != AMFS_KEYS_MAPS)
		put_name(arg.map, a_map(w, name));
	if (chance(w, w->spoil / 8))
		arg.buf = chance(w, 50) ? (uintptr_t)w->readonly :
					  (uintptr_t)w->fence + FENCE_SIZE - pick(w, 300);
	if (chance(w, w->spoil / 4))
		arg.buf_len = a_number(w) % (2 * BUF_SIZE);
	if (chance(w, 5))
		arg.cursor = a_number(w);
	fuzz_ioctl(w, call, a_device(w, NULL), AMFS_IOC_KEYS, &arg, sizeof(arg));
}

void op_keys_add(struct worker *w)
{
	unsigned int count = 1 + pick(w, 3);
	uint32_t len = 0;

	while (count--)
		len += put_record(w, w->buf + len);
	call(w, CALL_KEYS_ADD, AMFS_KEYS_ADD, len);
}

/* Keys go again as fast as they come, else nobody would ask a daemon. */
void op_keys_other(struct worker *w)
{
	switch (pick(w, 6)) {
	case 0:
		call(w, CALL_KEYS_LIST, AMFS_KEYS_LIST, AMFS_KEY_RECORD_MAX + pick(w, 2000));
		break;
	case 1:
		call(w, CALL_KEYS_MAPS, AMFS_KEYS_MAPS, AMFS_KEY_RECORD_MAX + pick(w, 2000));
		break;
	case 2:
		call(w, CALL_KEYS_CLEAR, AMFS_KEYS_CLEAR, 0);
		break;
	default:
		call(w, CALL_KEYS_DEL, AMFS_KEYS_DEL, put_record(w, w->buf));
	}
}
