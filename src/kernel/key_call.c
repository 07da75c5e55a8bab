// SPDX-License-Identifier: GPL-2.0
/*
 * AMFS_IOC_KEYS: records of in-kernel keys, from user space and to it.
 */
#include "amfs.h"

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/proto.h"

/* What a listing takes at most in one call, and so what it allocates. */
#define MOST_WRITTEN	(64 * 1024)

/* One record of ADD or DEL, from where it begins in the buffer of @left bytes. */
static struct amfs_key_record *get_record(u64 user, u32 left, bool whole)
{
	struct amfs_key_record *record;
	u32 size;
	int err;

	if (left < sizeof(*record))
		return ERR_PTR(-EINVAL);
	if (get_user(size, (u32 __user *)u64_to_user_ptr(user)))
		return ERR_PTR(-EFAULT);
	if (size < sizeof(*record) || size > left || size > AMFS_KEY_RECORD_MAX)
		return ERR_PTR(-EINVAL);
	record = memdup_user(u64_to_user_ptr(user), size);
	if (IS_ERR(record))
		return record;
	/* Another thread may have changed it between the two reads. */
	err = record->size == size ? amfs_proto_check_key(record, whole) : -EINVAL;
	if (!err)
		return record;
	kfree(record);
	return ERR_PTR(err);
}

static int take_records(struct amfs_keys *arg)
{
	bool add = arg->op == AMFS_KEYS_ADD;
	struct amfs_key_record *record;
	u32 at = 0;
	int err = 0;

	while (!err && at < arg->buf_len) {
		/* Millions of records may fit. */
		if (fatal_signal_pending(current))
			return -EINTR;
		record = get_record(arg->buf + at, arg->buf_len - at, add);
		if (IS_ERR(record))
			return PTR_ERR(record);
		err = add ? amfs_key_add(arg->map, record, arg->flags & AMFS_KEYS_REPLACE) :
			    amfs_key_del(arg->map, record);
		at += record->size;
		arg->done += !err;
		kfree(record);
		cond_resched();
	}
	return err;
}

static int give_records(struct amfs_keys *arg)
{
	u32 room = min_t(u32, arg->buf_len, MOST_WRITTEN);
	void *buf = kvzalloc(room, GFP_KERNEL);
	int err = 0;

	if (!buf)
		return -ENOMEM;
	if (arg->op == AMFS_KEYS_LIST)
		arg->buf_len = amfs_key_list(arg->map, &arg->cursor, buf, room);
	else
		arg->buf_len = amfs_key_maps(&arg->cursor, buf, room);
	if (copy_to_user(u64_to_user_ptr(arg->buf), buf, arg->buf_len))
		err = -EFAULT;
	kvfree(buf);
	return err;
}

/**
 * amfs_key_call - AMFS_IOC_KEYS
 * @arg: checked; the results are filled in
 *
 * Context: sleeps; takes user memory.
 * Return: 0 or as AMFS_IOC_KEYS says; @arg->done is right in either case.
 */
int amfs_key_call(struct amfs_keys *arg)
{
	int err = 0;

	switch (arg->op) {
	case AMFS_KEYS_LIST:
	case AMFS_KEYS_MAPS:
		return give_records(arg);
	case AMFS_KEYS_CLEAR:
		arg->done = amfs_key_clear(arg->map);
		break;
	default:
		err = take_records(arg);
	}
	if (arg->done)
		amfs_point_reconsider(arg->map);
	return err;
}
