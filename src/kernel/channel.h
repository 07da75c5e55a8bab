/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way from automount points to the daemon of their map. What a channel is
 * made of is known to channel.c, conn.c and read.c only.
 */
#ifndef AMFS_CHANNEL_H
#define AMFS_CHANNEL_H

#include <linux/types.h>

struct amfs_conn;
struct amfs_link;
struct amfs_point;
struct amfs_request;
struct file;
struct path;

/**
 * struct amfs_verdict - what the daemon says in AMFS_IOC_DONE
 * @where: the root of its mount of the automount point, NULL with an error.
 * @attach: the mount that the kernel is to attach, NULL: none.
 * @source: what /proc/mounts is to show as its device, NULL: not said.
 * @error: 0 or a positive errno.
 * @ttl_ms: how long to remember it.
 */
struct amfs_verdict {
	const struct path *where;
	const struct path *attach;
	const char *source;
	u32 error;
	u32 ttl_ms;
};

/**
 * struct amfs_channel_ops - what the channel asks of the other side
 * @hold: keep the point while it is looked at from outside; false when it is
 *	going away. Called under the channel's lock, must not sleep.
 * @drop: let it go again; may sleep.
 * @answer: the daemon's answer to a request; see AMFS_IOC_DONE for the errors.
 * @target: an O_PATH file of the request's trigger, or an ERR_PTR; NULL when it
 *	is to be mounted by path, or is a tree that is to be unmounted.
 */
struct amfs_channel_ops {
	bool (*hold)(struct amfs_point *point);
	void (*drop)(struct amfs_point *point);
	int (*answer)(struct amfs_request *req, const struct amfs_verdict *verdict);
	struct file *(*target)(struct amfs_request *req, const struct path *where, u32 flags);
};

/**
 * struct amfs_channel_state - whether a map has a daemon
 * @bound: it has.
 * @pid: of the process that bound it, 0 when there is none.
 * @orphan_since: since when it has none, valid when !@bound.
 */
struct amfs_channel_state {
	bool bound;
	u32 pid;
	u64 orphan_since;
};

/* for automount points */
struct amfs_link *amfs_channel_attach(const char *map, const struct amfs_channel_ops *ops,
				      struct amfs_point *point, dev_t dev);
void amfs_channel_announce(struct amfs_link *link);
void amfs_channel_detach(struct amfs_link *link);
bool amfs_channel_hopeful(struct amfs_link *link, u64 now, u64 grace);
void amfs_channel_submit(struct amfs_link *link, struct amfs_request *req);
void amfs_channel_withdraw(struct amfs_link *link, struct amfs_request *req, bool tell);
void amfs_channel_look(struct amfs_link *link, struct amfs_channel_state *state);
bool amfs_channel_delivered(struct amfs_link *link, const struct amfs_request *req);
bool amfs_channel_exempt(struct amfs_link *link);

/* for the device's files */
struct amfs_conn *amfs_conn_open(void);
bool amfs_conn_close(struct amfs_conn *conn, char map[AMFS_NAME_SIZE]);
int amfs_conn_bind(struct amfs_conn *conn, struct amfs_bind *arg);
int amfs_conn_release(struct amfs_conn *conn, char map[AMFS_NAME_SIZE]);
int amfs_conn_target(struct amfs_conn *conn, const struct amfs_target *arg,
		     const struct path *where, struct file **file);
int amfs_conn_done(struct amfs_conn *conn, u64 id, const struct amfs_verdict *verdict);
int amfs_conn_map(struct amfs_conn *conn, char map[AMFS_NAME_SIZE]);
ssize_t amfs_conn_read(struct amfs_conn *conn, char __user *buf, size_t len, bool nonblock);
__poll_t amfs_conn_poll(struct amfs_conn *conn, struct file *file, struct poll_table_struct *wait);

/* device.c */
int amfs_device_init(void);
void amfs_device_exit(void);

#endif /* AMFS_CHANNEL_H */
