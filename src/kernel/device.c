// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/amfs: checks what comes from user space and hands it to whom it is for.
 */
#include "amfs.h"

#include <linux/capability.h>
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "channel.h"
#include "core/proto.h"

/* What LIST takes at most in one page, and so what it allocates. */
#define MOST_LISTED	(64 * 1024)

/*
 * A structure of this version or a later one: extra bytes must be zero. Every
 * structure begins with its size.
 */
static int get_arg(void *arg, size_t known, void __user *user)
{
	u32 size;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < known)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	return copy_struct_from_user(arg, known, user, size);
}

static int put_arg(void __user *user, const void *arg, size_t known)
{
	return copy_to_user(user, arg, known) ? -EFAULT : 0;
}

static int release(struct amfs_conn *conn)
{
	char map[AMFS_NAME_SIZE];
	int err = amfs_conn_release(conn, map);

	if (!err)
		amfs_clock_orphaned(map);
	return err;
}

static long do_bind(struct amfs_conn *conn, void __user *user)
{
	struct amfs_bind arg;
	int err = get_arg(&arg, sizeof(arg), user);

	if (!err)
		err = amfs_proto_check_bind(&arg);
	if (!err && !capable(CAP_SYS_ADMIN))
		err = -EPERM;
	if (!err)
		amfs_proto_map_name(arg.map);
	if (!err && !arg.map[0])
		err = -EINVAL;
	/* Tried first: who can't be told must not take the map from another. */
	if (!err)
		err = put_arg(user, &arg, sizeof(arg));
	if (!err)
		err = amfs_conn_bind(conn, &arg);
	if (err)
		return err;
	err = put_arg(user, &arg, sizeof(arg));
	/* Who is told of a failure must not be bound. */
	if (err)
		release(conn);
	return err;
}

static long do_release(struct amfs_conn *conn, void __user *user)
{
	struct amfs_release arg;
	int err = get_arg(&arg, sizeof(arg), user);

	if (!err)
		err = amfs_proto_check_release(&arg);
	return err ?: release(conn);
}

static int give_fd(struct file *file, void __user *user, struct amfs_target *arg)
{
	int err, fd;

	arg->fd = -1;
	if (!file)
		return put_arg(user, arg, sizeof(*arg));
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		fput(file);
		return fd;
	}
	arg->fd = fd;
	err = put_arg(user, arg, sizeof(*arg));
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return 0;
}

static long do_target(struct amfs_conn *conn, void __user *user)
{
	struct file *where, *file;
	struct amfs_target arg;
	int err = get_arg(&arg, sizeof(arg), user);

	if (!err)
		err = amfs_proto_check_target(&arg);
	if (err)
		return err;
	/* raw: the daemon's descriptor may be, and usually is, O_PATH. */
	where = fget_raw(arg.mnt_fd);
	if (!where)
		return -EBADF;
	err = amfs_conn_target(conn, &arg, &where->f_path, &file);
	fput(where);
	return err ?: give_fd(file, user, &arg);
}

/* The name of a device, the caller's to kfree; NULL when there is none. */
static char *get_source(u64 user)
{
	return user ? strndup_user(u64_to_user_ptr(user), PATH_MAX) : NULL;
}

/* A success comes with files to look at. */
static int success(struct amfs_conn *conn, const struct amfs_done *arg, const char *source)
{
	struct file *attach = NULL, *where;
	int err = -EBADF;

	where = fget_raw(arg->mnt_fd);
	if (!where)
		return err;
	if (arg->flags & AMFS_DONE_ATTACH)
		attach = fget_raw(arg->attach_fd);
	if (attach || !(arg->flags & AMFS_DONE_ATTACH))
		err = amfs_conn_done(conn, arg->id, &(struct amfs_verdict){
			.where = &where->f_path,
			.attach = attach ? &attach->f_path : NULL,
			.source = source,
		});
	if (attach)
		fput(attach);
	fput(where);
	return err;
}

static long do_done(struct amfs_conn *conn, void __user *user)
{
	struct amfs_done arg;
	int err = get_arg(&arg, sizeof(arg), user);
	char *source;

	if (!err)
		err = amfs_proto_check_done(&arg);
	if (err)
		return err;
	if (arg.error)
		return amfs_conn_done(conn, arg.id, &(struct amfs_verdict){
			.error = arg.error,
			.ttl_ms = arg.ttl_ms,
		});
	source = get_source(arg.source);
	if (IS_ERR(source))
		return PTR_ERR(source);
	err = success(conn, &arg, source);
	kfree(source);
	return err;
}

static long do_expire(struct amfs_conn *conn, void __user *user)
{
	struct amfs_expire arg;
	int err = get_arg(&arg, sizeof(arg), user);

	if (!err)
		err = amfs_proto_check_expire(&arg);
	if (!err && !arg.map[0])
		err = amfs_conn_map(conn, arg.map);
	if (err)
		return err;
	amfs_proto_map_name(arg.map);
	arg.chosen = 0;
	arg.expired = 0;
	arg.busy = 0;
	arg.failed = 0;
	err = amfs_expire_run(&arg);
	/* The names aren't changed. */
	return err ?: put_arg(user, &arg, offsetof(struct amfs_expire, map));
}

static long do_list(struct amfs_conn *conn, void __user *user)
{
	struct amfs_list arg;
	int err = get_arg(&arg, sizeof(arg), user);
	u32 room;
	void *buf;

	if (!err)
		err = amfs_proto_check_list(&arg);
	if (err)
		return err;
	room = min_t(u32, arg.buf_len, MOST_LISTED);
	buf = kvzalloc(room, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	arg.used = amfs_list_fill(arg.what, arg.cursor, buf, room);
	if (copy_to_user(u64_to_user_ptr(arg.buf), buf, arg.used))
		err = -EFAULT;
	kvfree(buf);
	return err ?: put_arg(user, &arg, sizeof(arg));
}

static long do_keys(struct amfs_conn *conn, void __user *user)
{
	struct amfs_keys arg;
	int err = get_arg(&arg, sizeof(arg), user), put;

	if (!err)
		err = amfs_proto_check_keys(&arg);
	if (err)
		return err;
	amfs_proto_map_name(arg.map);
	if (!arg.map[0] && arg.op != AMFS_KEYS_MAPS)
		return -EINVAL;
	arg.done = 0;
	err = amfs_key_call(&arg);
	/* Also after an error: how far it came. */
	put = put_arg(user, &arg, sizeof(arg));
	return err ?: put;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct amfs_conn *conn = file->private_data;
	void __user *user = (void __user *)arg;

	if (_IOC_TYPE(cmd) != AMFS_IOC_MAGIC)
		return -ENOTTY;
	/* By number: a later version's structure, and so its cmd, may be larger. */
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(AMFS_IOC_BIND):
		return do_bind(conn, user);
	case _IOC_NR(AMFS_IOC_RELEASE):
		return do_release(conn, user);
	case _IOC_NR(AMFS_IOC_TARGET):
		return do_target(conn, user);
	case _IOC_NR(AMFS_IOC_DONE):
		return do_done(conn, user);
	case _IOC_NR(AMFS_IOC_EXPIRE):
		return do_expire(conn, user);
	case _IOC_NR(AMFS_IOC_LIST):
		return do_list(conn, user);
	case _IOC_NR(AMFS_IOC_KEYS):
		return do_keys(conn, user);
	}
	return -ENOTTY;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return amfs_conn_read(file->private_data, buf, len, file->f_flags & O_NONBLOCK);
}

static __poll_t device_poll(struct file *file, struct poll_table_struct *wait)
{
	return amfs_conn_poll(file->private_data, file, wait);
}

static int device_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file->private_data = amfs_conn_open();
	if (!file->private_data)
		return -ENOMEM;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	char map[AMFS_NAME_SIZE];

	if (amfs_conn_close(file->private_data, map))
		amfs_clock_orphaned(map);
	return 0;
}

static const struct file_operations device_fops = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.release	= device_release,
	.read		= device_read,
	.poll		= device_poll,
	.unlocked_ioctl	= device_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "amfs",
	.fops	= &device_fops,
	.mode	= 0600,
};

/**
 * amfs_device_init - make /dev/amfs
 *
 * Return: 0 or a negative errno.
 */
int amfs_device_init(void)
{
	return misc_register(&device);
}

/**
 * amfs_device_exit - take /dev/amfs away; no file of it is open
 */
void amfs_device_exit(void)
{
	misc_deregister(&device);
}
