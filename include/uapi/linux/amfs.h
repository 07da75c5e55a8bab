/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause) */
/*
 * amfs: the interface between the kernel and a map's daemon.
 *
 * A daemon opens /dev/amfs (CAP_SYS_ADMIN), binds the open file to a map by
 * name with %AMFS_IOC_BIND, read(2)s records (struct amfs_msg) and answers
 * each request with %AMFS_IOC_DONE. Documentation/protocol.rst tells the story
 * in order.
 *
 * Every ioctl structure begins with its size and the version of this
 * interface. The kernel accepts a larger structure whose extra bytes are zero
 * (-E2BIG otherwise) and refuses a smaller one, an unknown flag and a spare
 * word that isn't zero (-EINVAL), and another version (-EPROTO). All
 * structures have the same layout for 32-bit and 64-bit programs.
 *
 * Changelog:
 *   1	first version
 */
#ifndef _UAPI_LINUX_AMFS_H
#define _UAPI_LINUX_AMFS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define AMFS_VERSION		1
#define AMFS_SUPER_MAGIC	0x616d6673	/* "amfs": f_type of statfs(2) */
#define AMFS_DEVICE		"/dev/amfs"

/* Bytes in a key or in a map's name, without the terminating NUL. */
#define AMFS_NAME_LEN		255
#define AMFS_NAME_SIZE		256

/* Milliseconds: "what the mount option of the automount point says". */
#define AMFS_MS_DEFAULT		0xffffffffU

/**
 * enum amfs_msg_kind - what a record read from the channel says
 * @AMFS_MSG_MOUNT: mount the key; to be answered with %AMFS_IOC_DONE.
 * @AMFS_MSG_EXPIRE: unmount the key if it is idle; to be answered.
 * @AMFS_MSG_CANCEL: the request @id has ended without the daemon's answer
 *	(deadline, forced umount); answering it now gives -ESTALE.
 * @AMFS_MSG_POINT_UP: an automount point of this map exists; sent once for
 *	each of them after a bind, and when one is mounted.
 * @AMFS_MSG_POINT_GONE: an automount point of this map is no more.
 *
 * A reader skips a kind that it doesn't know.
 */
enum amfs_msg_kind {
	AMFS_MSG_MOUNT		= 1,
	AMFS_MSG_EXPIRE		= 2,
	AMFS_MSG_CANCEL		= 3,
	AMFS_MSG_POINT_UP	= 4,
	AMFS_MSG_POINT_GONE	= 5,
};

/* amfs_msg.flags */
#define AMFS_MSG_F_AGAIN	(1U << 0) /* was delivered to an earlier daemon */
#define AMFS_MSG_F_NOW		(1U << 1) /* expire: at once, if nobody uses it */
#define AMFS_MSG_F_PATH		(1U << 2) /* route=path, or the key was made by mkdir */
#define AMFS_MSG_F_KERNEL	(1U << 3) /* route=kernel: answer with AMFS_DONE_ATTACH */
#define AMFS_MSG_F_DIRECT	(1U << 4) /* the automount point is direct, or an offset */
#define AMFS_MSG_F_TREE		(1U << 5) /* EXPIRE: of a tree, see %AMFS_TARGET_TREE */

/**
 * struct amfs_msg - one record of read(2) on a bound channel
 * @size: bytes in this record with @name and padding, a multiple of 8. The
 *	next record begins there.
 * @kind: an enum amfs_msg_kind.
 * @flags: AMFS_MSG_F_*; unknown ones are to be ignored.
 * @id: the request, unique within the map; 0 for POINT_UP and POINT_GONE.
 * @dev_major: major of the automount point's st_dev: tells the points of one
 *	map apart, and is what /proc/self/mountinfo shows.
 * @dev_minor: minor of the same.
 * @pid: process that asked first, as the reader sees it; 0 when it can't, or the
 *	kernel asked by itself.
 * @uid: its real user id in the initial user namespace.
 * @gid: its real group id, likewise.
 * @deadline_ms: milliseconds until the request ends by itself; 0 means never.
 * @comm: the name of its thread, NUL-terminated.
 * @mnt_ns: its mount namespace: the inode number of /proc/PID/ns/mnt; 0: unknown.
 * @user_ns: its user namespace, likewise.
 * @spare: zero.
 * @name_len: bytes in @name before the NUL.
 * @name: the key, any bytes but '/' and NUL, or of a direct automount point what
 *	its mount option "direct" or "offset" says; for EXPIRE also an in-kernel key,
 *	which may be a path; NUL-terminated; zero padded.
 *
 * read(2) returns as many whole records as are there and fit. It waits when
 * there are none (-EAGAIN with O_NONBLOCK), interruptibly. A buffer that the
 * first record doesn't fit in is -EINVAL: %AMFS_MSG_MAX bytes are enough.
 * Nothing is lost when the buffer turns out bad (-EFAULT): what was meant for
 * it is delivered by the next read.
 */
struct amfs_msg {
	__u32	size;
	__u16	kind;
	__u16	flags;
	__u64	id;
	__u32	dev_major;
	__u32	dev_minor;
	__u32	pid;
	__u32	uid;
	__u32	gid;
	__u32	deadline_ms;
	char	comm[16];
	__u32	mnt_ns;
	__u32	user_ns;
	__u32	spare;
	__u32	name_len;
	char	name[];
};

#define AMFS_MSG_MAX	(sizeof(struct amfs_msg) + AMFS_NAME_SIZE)

/* amfs_bind.flags */
#define AMFS_BIND_ADOPT		(1U << 0) /* take the map from a bound daemon */

/**
 * struct amfs_bind - become the daemon of a map
 * @size: sizeof(struct amfs_bind).
 * @version: %AMFS_VERSION.
 * @flags: AMFS_BIND_*.
 * @points: out: automount points of this map that exist now.
 * @again: out: unanswered requests that are delivered again.
 * @spare: zero.
 * @map: the map's name, NUL-terminated, not empty. Of an absolute path the last
 *	component counts, as it does in the source of a mount, which mount(8)
 *	may have made a path of. No automount point needs to exist yet.
 *
 * The caller's process group is the one that may mkdir and rmdir keys
 * (route=path) and that expiring triggers don't hold up.
 *
 * Errors: -EBUSY another open file is bound to the map and %AMFS_BIND_ADOPT is
 * not set; -EISCONN this file is bound already, or was to another map; -EPERM no CAP_SYS_ADMIN;
 * -ENOMEM. A file whose map was adopted by another gets -ENOTCONN from
 * everything but close(2), and poll(2) tells it POLLHUP.
 */
struct amfs_bind {
	__u32	size;
	__u32	version;
	__u32	flags;
	__u32	points;
	__u32	again;
	__u32	spare[3];
	char	map[AMFS_NAME_SIZE];
};

/**
 * struct amfs_release - give the map up without closing the file
 * @size: sizeof(struct amfs_release).
 * @version: %AMFS_VERSION.
 * @flags: 0.
 * @spare: zero.
 *
 * Closing the last reference to the file does the same. Mounted keys stay;
 * unanswered requests wait for the next daemon, "grace" seconds at most.
 * Errors: -ENOTCONN not bound (any more).
 */
struct amfs_release {
	__u32	size;
	__u32	version;
	__u32	flags;
	__u32	spare;
};

/* amfs_target.flags */
#define AMFS_TARGET_PATH	(1U << 0) /* classic route: no descriptor */
#define AMFS_TARGET_TREE	(1U << 1) /* what is mounted, or unmounted, is a tree */

/**
 * struct amfs_target - get the place where a key is to be mounted
 * @size: sizeof(struct amfs_target).
 * @version: %AMFS_VERSION.
 * @id: a MOUNT request, or with %AMFS_TARGET_TREE an EXPIRE request, that was
 *	delivered on this channel.
 * @flags: 0 or one of AMFS_TARGET_*.
 * @mnt_fd: a file descriptor (O_PATH will do) of the root of the caller's own
 *	mount of the automount point, or if that is direct of the root of what is
 *	mounted on it, which covers it; not kept.
 * @fd: out: a new O_PATH|O_CLOEXEC descriptor of the trigger on that mount: the
 *	target of move_mount(2) with MOVE_MOUNT_T_EMPTY_PATH. The caller closes
 *	it before it answers, or soon after.
 * @spare: zero.
 *
 * With %AMFS_TARGET_PATH there is no descriptor (@fd is -1): the key's directory
 * exists from now on as if the caller had made it by mkdir(2), and the caller's
 * process group goes through it without waiting. mkdir(2) says the same, but
 * fails with EEXIST where an earlier daemon, or the other route, has left the
 * directory; this also tells whether it left it mounted.
 *
 * %AMFS_TARGET_TREE says that automount points with the option "offset" lie on what
 * is going to be mounted. Such a key is expired as a whole: the kernel itself sees to
 * it that nobody has walked into it for a timeout, and the EXPIRE request has
 * %AMFS_MSG_F_TREE. With that the flag asks to take the tree apart, before the first
 * of its mounts is unmounted: @mnt_fd is then of the root of what is mounted on the
 * key; there is no @fd (-1). It succeeds when nobody but @mnt_fd holds anything of
 * the tree in the caller's mount namespace, and then nobody walks into it until the
 * request is answered, whoever answers: with 0 when all is unmounted, with EBUSY
 * when all is mounted again that was.
 *
 * Errors: -ESRCH no such request; -ESTALE the request has ended; -EBUSY somebody is
 * in the tree; -EINVAL not a MOUNT request, or @mnt_fd isn't what it is to be;
 * -EBADF; -EEXIST something is mounted there already: answer DONE with error 0;
 * -ENOTCONN; -ENOMEM; -EMFILE; -ENFILE.
 */
struct amfs_target {
	__u32	size;
	__u32	version;
	__u64	id;
	__u32	flags;
	__s32	mnt_fd;
	__s32	fd;
	__u32	spare[5];
};

/* amfs_done.flags */
#define AMFS_DONE_ATTACH	(1U << 0) /* the kernel attaches @attach_fd */

/**
 * struct amfs_done - answer a request
 * @size: sizeof(struct amfs_done).
 * @version: %AMFS_VERSION.
 * @id: the request.
 * @flags: AMFS_DONE_*.
 * @error: 0 or a positive errno up to 511 that every waiter gets (EIO for
 *	EISDIR, which inside a walk means "go on, it is a directory"). For an
 *	EXPIRE request 0 means unmounted, anything else that it is still there:
 *	EAGAIN it was used meanwhile, EBUSY it is in use.
 * @mnt_fd: with @error 0 a descriptor as for TARGET, so that the kernel can see for
 *	itself; else -1.
 * @ttl_ms: for a MOUNT that failed: milliseconds for which lookups are
 *	answered with @error without asking again; 0 for none,
 *	%AMFS_MS_DEFAULT for the mount option "negative".
 * @attach_fd: with %AMFS_DONE_ATTACH a descriptor of the root of a mount, as
 *	fsmount(2) and open_tree(2) make them; else 0.
 * @spare: zero.
 * @source: with @error 0 what /proc/mounts shows as the device of what the kernel
 *	attaches: a pointer to a string of at most 4095 bytes; 0: the key.
 *
 * With %AMFS_DONE_ATTACH the caller doesn't mount the key. Each walker, in
 * whichever mount namespace he is, gets a mount of the same directory of the same
 * superblock attached there; the kernel unmounts it again when it is idle. It has
 * the flags of the mount of the automount point that it is attached to; so the
 * restrictions (nosuid, nodev, noexec, ro, nosymfollow) that @attach_fd's mount
 * has must be there as well, but for ro where the superblock is read-only. The
 * kernel keeps the superblock, not the mount, which the caller may close.
 *
 * Errors: -ESRCH no such request; -ESTALE it has ended, what was mounted for
 * it is the caller's to undo; -ENOENT a MOUNT answered with 0 and nothing is
 * mounted there; -EBUSY an EXPIRE answered with 0 and it is still mounted;
 * -EPERM @attach_fd's mount has a restriction that the caller's mount of the
 * automount point lacks, an id mapping, or other mounts on it; -ENOTDIR it is
 * not a directory; -EINVAL bad @error, @mnt_fd or @attach_fd of another kind of
 * file, or not -1 or 0 where they must be; -EBADF; -EFAULT; -ENOMEM; -ENOTCONN.
 * After all but the first two and the last the request is still there to be
 * answered.
 */
struct amfs_done {
	__u32	size;
	__u32	version;
	__u64	id;
	__u32	flags;
	__u32	error;
	__s32	mnt_fd;
	__u32	ttl_ms;
	__s32	attach_fd;
	__u32	spare;
	__u64	source;
};

/* amfs_expire.flags: exactly one of them */
#define AMFS_EXPIRE_DUE		(1U << 0) /* all keys whose timeout has passed */
#define AMFS_EXPIRE_ALL		(1U << 1) /* every mounted key, now */
#define AMFS_EXPIRE_KEY		(1U << 2) /* one key, now */

/**
 * struct amfs_expire - have idle keys unmounted, and wait for the outcome
 * @size: sizeof(struct amfs_expire).
 * @version: %AMFS_VERSION.
 * @flags: one of AMFS_EXPIRE_*.
 * @key_len: bytes in @key, 0 without %AMFS_EXPIRE_KEY.
 * @chosen: out: mounted keys that were looked at.
 * @expired: out: of these, unmounted.
 * @busy: out: of these, in use or used meanwhile.
 * @failed: out: of these, answered with another error.
 * @map: the map's name; empty for the map this file is bound to.
 * @key: the key.
 *
 * Errors: -ENOTCONN @map is empty and the file isn't bound (any more); -ENOENT no
 * automount point of this map, or @key isn't mounted; -ENOLINK a key was mounted
 * by a daemon and the map has none; -ENOMEM; -EINTR the wait was interrupted by a
 * signal, the requests go on.
 */
struct amfs_expire {
	__u32	size;
	__u32	version;
	__u32	flags;
	__u32	key_len;
	__u32	chosen;
	__u32	expired;
	__u32	busy;
	__u32	failed;
	char	map[AMFS_NAME_SIZE];
	char	key[AMFS_NAME_SIZE];
};

/* amfs_key_record.timeout_s: what the mount option of the automount point says */
#define AMFS_TIMEOUT_DEFAULT	0xffffffffU

/* MOUNT_ATTR_* that an in-kernel key can ask for: ro nosuid nodev noexec nosymfollow */
#define AMFS_KEY_ATTR		0x0020000fU

/* Bytes in the strings of a record, without their NULs. */
#define AMFS_KEY_FSTYPE_LEN	63
#define AMFS_KEY_SOURCE_LEN	4095
#define AMFS_KEY_OPTIONS_LEN	4096

/**
 * struct amfs_key_record - an in-kernel key
 * @size: bytes in this record with the strings and padding, a multiple of 8.
 * @timeout_s: seconds between the expiry looks at it, 0: never expire;
 *	%AMFS_TIMEOUT_DEFAULT.
 * @attr: restrictions, some of %AMFS_KEY_ATTR.
 * @key_len: bytes of the key, 1 to 255. It may have slashes: names of folders
 *	and of the key, none of them empty, "." or ".."; or for a direct automount
 *	point anything that begins with one.
 * @fstype_len: bytes of the filesystem's type.
 * @source_len: bytes of the source.
 * @options_len: bytes of all options with their NULs.
 * @spare: zero.
 * @data: the key, the type ("bind" for a directory that is there), the source and
 *	the options, as fsconfig(2) takes them ("name" or "name=value"), each
 *	followed by a NUL; zeros as padding.
 */
struct amfs_key_record {
	__u32	size;
	__u32	timeout_s;
	__u32	attr;
	__u32	key_len;
	__u32	fstype_len;
	__u32	source_len;
	__u32	options_len;
	__u32	spare;
	char	data[];
};

#define AMFS_KEY_RECORD_MAX	(sizeof(struct amfs_key_record) + AMFS_NAME_SIZE + \
				 AMFS_KEY_FSTYPE_LEN + 1 + AMFS_KEY_SOURCE_LEN + 1 + \
				 AMFS_KEY_OPTIONS_LEN)

/**
 * enum amfs_keys_op - what to do with a map's in-kernel keys
 * @AMFS_KEYS_ADD: load those in the buffer.
 * @AMFS_KEYS_DEL: forget those in the buffer, of whose records only the key
 *	counts. What is mounted stays until it is idle.
 * @AMFS_KEYS_CLEAR: forget all; there is no buffer.
 * @AMFS_KEYS_LIST: write them into the buffer.
 * @AMFS_KEYS_MAPS: write the names of all maps that have any into the buffer, as
 *	keys without type and source; @map is empty.
 */
enum amfs_keys_op {
	AMFS_KEYS_ADD	= 1,
	AMFS_KEYS_DEL	= 2,
	AMFS_KEYS_CLEAR	= 3,
	AMFS_KEYS_LIST	= 4,
	AMFS_KEYS_MAPS	= 5,
};

/* amfs_keys.flags */
#define AMFS_KEYS_REPLACE	(1U << 0) /* ADD: also what is there already */

/**
 * struct amfs_keys - the keys that the kernel mounts by itself
 * @size: sizeof(struct amfs_keys).
 * @version: %AMFS_VERSION.
 * @op: an enum amfs_keys_op.
 * @flags: AMFS_KEYS_*.
 * @buf: records of struct amfs_key_record (a pointer).
 * @cursor: LIST, MAPS: in: 0 for the first page, later what the last call left.
 * @buf_len: bytes at @buf; LIST, MAPS: at least %AMFS_KEY_RECORD_MAX; out: bytes
 *	written, 0 means that the list is complete.
 * @done: out: records that were taken; after an error the one at fault is next.
 * @spare: zero.
 * @map: the map's name. No automount point needs to exist.
 *
 * The keys of a map hold for all of its automount points, also later ones, and go
 * before what its daemon would mount. The kernel mounts them through the
 * filesystem context API with the credentials of whoever mounted the automount
 * point, which must have been done from the first process's root and network
 * namespace (walkers get -EOPNOTSUPP otherwise), attaches and expires them like
 * those of %AMFS_DONE_ATTACH. They are forgotten when the module is unloaded.
 *
 * Errors: -EEXIST there is such a key and no %AMFS_KEYS_REPLACE; -ENOENT there is
 * none; -ENOTDIR it would lie in a key, -EISDIR there are keys below it: the kernel
 * mounts nothing inside of what it has mounted; -EINVAL also a record that is
 * malformed; -EFAULT, -ENOMEM. Those before it have taken effect.
 */
struct amfs_keys {
	__u32	size;
	__u32	version;
	__u32	op;
	__u32	flags;
	__u64	buf;
	__u64	cursor;
	__u32	buf_len;
	__u32	done;
	__u32	spare[2];
	char	map[AMFS_NAME_SIZE];
};

/**
 * enum amfs_list_what - which records %AMFS_IOC_LIST returns
 * @AMFS_LIST_POINTS: automount points, struct amfs_info_point.
 * @AMFS_LIST_KEYS: keys that are not idle, struct amfs_info_key.
 * @AMFS_LIST_REQUESTS: pending requests, struct amfs_info_request.
 */
enum amfs_list_what {
	AMFS_LIST_POINTS	= 1,
	AMFS_LIST_KEYS		= 2,
	AMFS_LIST_REQUESTS	= 3,
};

/**
 * struct amfs_list - read the state of all automount points, page by page
 * @size: sizeof(struct amfs_list).
 * @version: %AMFS_VERSION.
 * @what: an enum amfs_list_what.
 * @buf_len: bytes at @buf, at least 1024.
 * @buf: where the records go (a pointer).
 * @cursor: in: zeros for the first page, later what the last call left here.
 * @used: out: bytes written; 0 means that the list is complete.
 * @spare: zero.
 *
 * Each record begins with its size. A key or request that exists all the time
 * is listed exactly once; those that come or go meanwhile may be missed.
 * Errors: -EINVAL, -EFAULT, -ENOMEM.
 */
struct amfs_list {
	__u32	size;
	__u32	version;
	__u32	what;
	__u32	buf_len;
	__u64	buf;
	__u64	cursor[2];
	__u32	used;
	__u32	spare[3];
};

/**
 * struct amfs_info_point - one automount point
 * @size: bytes in this record.
 * @dev_major: major of its st_dev.
 * @dev_minor: minor of its st_dev.
 * @daemon_pid: process that bound the map, 0 when there is none.
 * @timeout_s: mount option, seconds; likewise the next three.
 * @deadline_s: as above.
 * @grace_s: as above.
 * @negative_s: as above.
 * @mounted: keys that are mounted or expiring.
 * @pending: keys with a MOUNT request.
 * @failed: keys answered from the negative cache.
 * @requests: pending requests of both kinds.
 * @orphan_ms: milliseconds since the map lost its daemon, 0 while it has one.
 * @flags: %AMFS_INFO_F_PATH, %AMFS_INFO_F_KERNEL, %AMFS_INFO_F_NSATTACH,
 *	%AMFS_INFO_F_DIRECT, %AMFS_INFO_F_OFFSET.
 * @map_len: bytes in @map before the NUL.
 * @unreached: walks that got EREMOTE or EPERM since what is mounted couldn't be
 *	had in their mount namespace.
 * @spare: zero.
 * @map: the map's name.
 */
struct amfs_info_point {
	__u32	size;
	__u32	dev_major;
	__u32	dev_minor;
	__u32	daemon_pid;
	__u32	timeout_s;
	__u32	deadline_s;
	__u32	grace_s;
	__u32	negative_s;
	__u32	mounted;
	__u32	pending;
	__u32	failed;
	__u32	requests;
	__u64	orphan_ms;
	__u32	flags;
	__u32	map_len;
	__u32	unreached;
	__u32	spare;
	char	map[AMFS_NAME_SIZE];
};

#define AMFS_INFO_F_PATH	(1U << 0) /* route=path */
#define AMFS_INFO_F_NSATTACH	(1U << 1) /* nsattach=yes */
#define AMFS_INFO_F_KERNEL	(1U << 2) /* a point: route=kernel; a key: attached by the kernel */
#define AMFS_INFO_F_DAEMON	(1U << 3) /* a key: mounted by the daemon */
#define AMFS_INFO_F_DIRECT	(1U << 4) /* a point: direct, its root is the one key */
#define AMFS_INFO_F_OFFSET	(1U << 5) /* a point: direct, and a part of a tree */
#define AMFS_INFO_F_TREE	(1U << 6) /* a key: with parts below it */

/**
 * enum amfs_info_state - the life of a key, as Documentation/lifecycle.rst has it
 * @AMFS_INFO_IDLE: known, not mounted; not listed.
 * @AMFS_INFO_PENDING: a MOUNT request is under way.
 * @AMFS_INFO_MOUNTED: mounted.
 * @AMFS_INFO_EXPIRING: an EXPIRE request is under way.
 * @AMFS_INFO_FAILED: lookups get an errno until the TTL is over.
 */
enum amfs_info_state {
	AMFS_INFO_IDLE		= 0,
	AMFS_INFO_PENDING	= 1,
	AMFS_INFO_MOUNTED	= 2,
	AMFS_INFO_EXPIRING	= 3,
	AMFS_INFO_FAILED	= 4,
};

/**
 * struct amfs_info_key - one key
 * @size: bytes in this record.
 * @state: an enum amfs_info_state.
 * @dev_major: major of the automount point's st_dev.
 * @dev_minor: minor of the same.
 * @error: for FAILED: the errno that lookups get.
 * @flags: %AMFS_INFO_F_PATH, %AMFS_INFO_F_KERNEL, %AMFS_INFO_F_DAEMON,
 *	%AMFS_INFO_F_TREE.
 * @idle_ms: for MOUNTED and EXPIRING: milliseconds since the last time it is
 *	known to have been used: the mount, or the last expiry look that left
 *	it mounted.
 * @due_ms: milliseconds until the next expiry look or the end of the TTL; 0
 *	for none.
 * @name_len: bytes in @name before the NUL.
 * @spare: zero.
 * @name: the key.
 */
struct amfs_info_key {
	__u32	size;
	__u32	state;
	__u32	dev_major;
	__u32	dev_minor;
	__u32	error;
	__u32	flags;
	__u64	idle_ms;
	__u64	due_ms;
	__u32	name_len;
	__u32	spare;
	char	name[AMFS_NAME_SIZE];
};

/**
 * struct amfs_info_request - one pending request
 * @size: bytes in this record.
 * @kind: %AMFS_MSG_MOUNT or %AMFS_MSG_EXPIRE.
 * @id: as in struct amfs_msg.
 * @dev_major: major of the automount point's st_dev.
 * @dev_minor: minor of the same.
 * @delivered: 1 when the daemon has read it.
 * @waiters: tasks asleep on it.
 * @age_ms: milliseconds since it was made.
 * @left_ms: milliseconds until its deadline, 0 for none.
 * @pid: process that asked first, as in struct amfs_msg.
 * @uid: its user id.
 * @gid: its group id.
 * @mnt_ns: its mount namespace, as in struct amfs_msg.
 * @user_ns: its user namespace, likewise.
 * @name_len: bytes in @name before the NUL.
 * @comm: its name.
 * @name: the key.
 */
struct amfs_info_request {
	__u32	size;
	__u32	kind;
	__u64	id;
	__u32	dev_major;
	__u32	dev_minor;
	__u32	delivered;
	__u32	waiters;
	__u64	age_ms;
	__u64	left_ms;
	__u32	pid;
	__u32	uid;
	__u32	gid;
	__u32	mnt_ns;
	__u32	user_ns;
	__u32	name_len;
	char	comm[16];
	char	name[AMFS_NAME_SIZE];
};

#define AMFS_IOC_MAGIC		0xa7
#define AMFS_IOC_BIND		_IOWR(AMFS_IOC_MAGIC, 1, struct amfs_bind)
#define AMFS_IOC_RELEASE	_IOW(AMFS_IOC_MAGIC, 2, struct amfs_release)
#define AMFS_IOC_TARGET		_IOWR(AMFS_IOC_MAGIC, 3, struct amfs_target)
#define AMFS_IOC_DONE		_IOW(AMFS_IOC_MAGIC, 4, struct amfs_done)
#define AMFS_IOC_EXPIRE		_IOWR(AMFS_IOC_MAGIC, 5, struct amfs_expire)
#define AMFS_IOC_LIST		_IOWR(AMFS_IOC_MAGIC, 6, struct amfs_list)
#define AMFS_IOC_KEYS		_IOWR(AMFS_IOC_MAGIC, 7, struct amfs_keys)

#endif /* _UAPI_LINUX_AMFS_H */
