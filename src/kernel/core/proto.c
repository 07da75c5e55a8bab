// SPDX-License-Identifier: GPL-2.0
#include "proto.h"

#include <linux/errno.h>
#include <linux/string.h>

/* Beyond are the kernel's own, which must not reach a program (ERESTARTSYS, ...). */
#define MAX_ERRNO_ANSWER	511
#define MIN_LIST_BUF		1024

/**
 * amfs_proto_msg_size - bytes that a record takes
 * @name_len: bytes of its name
 *
 * Return: the size with the NUL and the padding.
 */
u32 amfs_proto_msg_size(u32 name_len)
{
	return (sizeof(struct amfs_msg) + name_len + 1 + 7) & ~7U;
}

/**
 * amfs_proto_put_msg - write one record
 * @buf: where to
 * @room: bytes there
 * @head: its fields; @size is filled in here
 * @name: @head->name_len bytes
 *
 * Return: bytes written, 0 when the record doesn't fit or its name is too long.
 */
u32 amfs_proto_put_msg(void *buf, u32 room, const struct amfs_msg *head, const char *name)
{
	struct amfs_msg *msg = buf;
	u32 size;

	if (head->name_len > AMFS_NAME_LEN)
		return 0;
	size = amfs_proto_msg_size(head->name_len);
	if (room < size)
		return 0;
	memset(buf, 0, size);
	memcpy(msg, head, sizeof(*head));
	msg->size = size;
	memcpy((char *)buf + sizeof(*head), name, head->name_len);
	return size;
}

static bool zero(const u32 *word, unsigned int count)
{
	while (count--)
		if (*word++)
			return false;
	return true;
}

/* A name that fits, isn't empty and ends; what follows its NUL doesn't matter. */
static bool is_name(const char name[AMFS_NAME_SIZE])
{
	return name[0] && memchr(name, 0, AMFS_NAME_SIZE);
}

/**
 * amfs_proto_map_name - what a source or a daemon's word means as a map's name
 * @name: a string, changed in place
 *
 * mount(8) makes an absolute path of a source that happens to exist relative to
 * where it was called: "mount -t amfs home /home" in / arrives as "/home". A
 * map's name is never a path, so of one the last component counts; empty is what
 * remains of "/".
 */
void amfs_proto_map_name(char *name)
{
	char *slash = strrchr(name, '/');

	if (*name == '/')
		memmove(name, slash + 1, strlen(slash + 1) + 1);
}

/**
 * amfs_proto_check_head - check size and version of a structure
 * @size: what it says
 * @version: what it says
 * @known: the size that this version has
 *
 * Return: 0, -EINVAL (too small), -EPROTO (another version).
 */
int amfs_proto_check_head(u32 size, u32 version, u32 known)
{
	if (version != AMFS_VERSION)
		return -EPROTO;
	return size < known ? -EINVAL : 0;
}

/**
 * amfs_proto_check_bind - check a BIND
 * @bind: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_bind(const struct amfs_bind *bind)
{
	int err = amfs_proto_check_head(bind->size, bind->version, sizeof(*bind));

	if (err)
		return err;
	if (bind->flags & ~AMFS_BIND_ADOPT || !zero(bind->spare, 3) || !is_name(bind->map))
		return -EINVAL;
	return 0;
}

/**
 * amfs_proto_check_release - check a RELEASE
 * @release: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_release(const struct amfs_release *release)
{
	int err = amfs_proto_check_head(release->size, release->version, sizeof(*release));

	if (err)
		return err;
	return release->flags || release->spare ? -EINVAL : 0;
}

/**
 * amfs_proto_check_target - check a TARGET
 * @target: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_target(const struct amfs_target *target)
{
	int err = amfs_proto_check_head(target->size, target->version, sizeof(*target));

	if (err)
		return err;
	if (target->flags && target->flags != AMFS_TARGET_PATH &&
	    target->flags != AMFS_TARGET_TREE)
		return -EINVAL;
	return zero(target->spare, 5) ? 0 : -EINVAL;
}

/**
 * amfs_proto_check_done - check a DONE
 * @done: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_done(const struct amfs_done *done)
{
	int err = amfs_proto_check_head(done->size, done->version, sizeof(*done));

	if (err)
		return err;
	if (done->flags & ~AMFS_DONE_ATTACH || done->spare || done->error > MAX_ERRNO_ANSWER)
		return -EINVAL;
	if (!(done->flags & AMFS_DONE_ATTACH) && done->attach_fd)
		return -EINVAL;
	if (done->error && (done->mnt_fd != -1 || done->flags || done->source))
		return -EINVAL;
	return 0;
}

/**
 * amfs_proto_check_expire - check an EXPIRE
 * @expire: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_expire(const struct amfs_expire *expire)
{
	int err = amfs_proto_check_head(expire->size, expire->version, sizeof(*expire));

	if (err)
		return err;
	if (!memchr(expire->map, 0, AMFS_NAME_SIZE))
		return -EINVAL;
	switch (expire->flags) {
	case AMFS_EXPIRE_DUE:
	case AMFS_EXPIRE_ALL:
		return expire->key_len ? -EINVAL : 0;
	case AMFS_EXPIRE_KEY:
		return expire->key_len && expire->key_len <= AMFS_NAME_LEN ? 0 : -EINVAL;
	}
	return -EINVAL;
}

/**
 * amfs_proto_check_list - check a LIST
 * @list: what came from user space
 *
 * Return: 0, -EINVAL or -EPROTO.
 */
int amfs_proto_check_list(const struct amfs_list *list)
{
	int err = amfs_proto_check_head(list->size, list->version, sizeof(*list));

	if (err)
		return err;
	if (list->what < AMFS_LIST_POINTS || list->what > AMFS_LIST_REQUESTS)
		return -EINVAL;
	if (!zero(list->spare, 3) || list->buf_len < MIN_LIST_BUF)
		return -EINVAL;
	return 0;
}
