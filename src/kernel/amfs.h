/* SPDX-License-Identifier: GPL-2.0 */
/*
 * amfs, private types of the VFS side.
 *
 * Lock order: a lock may be taken while one with a smaller number is held.
 *
 *  no.  lock                protects
 *  1    sb->s_umount,       (the VFS's) mount, remount, umount; mkdir, rmdir,
 *       inode->i_rwsem      lookup; a trigger becoming positive: the i_rwsem of
 *                           the root, or of the folder that it lies in, and
 *                           then the trigger's own
 *  2    points_mutex        table of automount points (super.c)
 *  3    amfs_channels_mutex table of maps, and which file is bound to one
 *                           (channel.c, conn.c)
 *       amfs_maps_mutex     table of maps, and their in-kernel keys (keys.c)
 *  4    point->lock         spin: triggers, requests, options, counters
 *  5    channel->lock       spin: delivery to the daemon (channel.c)
 *  6    dentry->d_lock,     (the VFS's) d_flags, reference count; the xarray of
 *       xa_lock             triggers
 *
 * Nothing sleeps under 4 and later. dput() is never called under 4: it may end
 * in ->d_release, which takes 4. ->d_delete runs under 6 and takes nothing.
 *
 * Lifetimes
 *
 *  object           made by             held by                     gone when
 *  amfs_point       mount               the superblock              ->kill_sb, after the
 *                                                                   last dentry
 *  amfs_trigger     the first ->lookup  its dentry; as memory, what ->d_release, RCU
 *                                       is left on its list
 *  amfs_request     first walker, or    the point's table while     last put
 *                   the expiry          pending; each waiter; a
 *                                       daemon's call about it; the
 *                                       channel while it tells
 *                                       the daemon of its end
 *  amfs_job         with the request    its request, for good       with the request
 *  amfs_source      the daemon's        the trigger while it may    last put, then its
 *                   answer, or a        be attached; who attaches   end by a task or a
 *                   worker              it                          worker
 *  amfs_key         AMFS_IOC_KEYS       its map; a request for it;  last put, RCU
 *                                       a source that it made
 *  amfs_map         first mount or      each automount point of     neither is left
 *                   key of the name     the map, each key
 *  amfs_channel     first mount or      each automount point of     last put
 *                   bind of a map       the map, each open file
 *                                       that bound it
 *
 * Only the superblock's references keep an automount point mounted: a bound
 * daemon pins nothing. Who comes from the outside (an ioctl) takes s_active
 * with amfs_point_hold() for as long as it looks at a point.
 */
#ifndef AMFS_H
#define AMFS_H

#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <linux/amfs.h>

#include "compat/compat.h"
#include "core/dueq.h"
#include "core/request.h"
#include "core/state.h"

#define AMFS_TRACKED_BITS 6

/* How many triggers are looked at without letting go of point->lock. */
#define AMFS_STRETCH 256

struct amfs_link;
struct amfs_map;
struct amfs_verdict;
struct fs_context;

/**
 * enum amfs_route - mount option "route"
 * @AMFS_ROUTE_FD: onto a descriptor of the trigger.
 * @AMFS_ROUTE_PATH: by path, in a directory of the daemon's making.
 * @AMFS_ROUTE_KERNEL: the daemon makes the mount, the kernel attaches it.
 * @AMFS_ROUTES: how many there are.
 */
enum amfs_route {
	AMFS_ROUTE_FD,
	AMFS_ROUTE_PATH,
	AMFS_ROUTE_KERNEL,
	AMFS_ROUTES
};

/**
 * struct amfs_options - what mount(8) said
 * @timeout: seconds between the expiry looks at a mounted key, 0: never.
 * @deadline: seconds that a request may take, 0: for ever.
 * @grace: seconds that requests wait for a daemon, 0: not at all.
 * @negative: seconds that a failure is remembered by default, 0: not.
 * @uid: owner of the root and of the triggers.
 * @gid: group of the same.
 * @mode: permissions of the same.
 * @route: how the daemon is to mount; it may do otherwise.
 * @nsattach: attach what the daemon mounted also where it doesn't propagate to.
 * @direct: the key, when the root itself is the trigger; else empty. Never
 *	changes.
 * @offset: then: it is a part of a tree, which goes as a whole. Never changes.
 */
struct amfs_options {
	u32 timeout;
	u32 deadline;
	u32 grace;
	u32 negative;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	enum amfs_route route;
	bool nsattach;
	bool offset;
	char direct[AMFS_NAME_SIZE];
};

/**
 * struct amfs_point - an automount point
 * @sb: its superblock (invariant).
 * @map: the map's name (invariant).
 * @loaded: the map's in-kernel keys (invariant).
 * @cred: of whoever mounted it (invariant).
 * @at_home: that was done from the first process's root and network namespace
 *	(invariant).
 * @link: its end of the channel (invariant after fill_super).
 * @id: never used again; its place in the table of points (invariant).
 * @lock: see above.
 * @opt: (written under s_umount and @lock; whole under either, a single word
 *	may be read without).
 * @requests: the unanswered ones, for the daemon (protected by @lock).
 * @own_requests: those that the kernel answers itself (protected by @lock).
 * @due: triggers that are to be looked at: expiry, TTL (protected by @lock).
 * @count: triggers by state (protected by @lock).
 * @unreached: walks that failed because what was mounted couldn't be had where
 *	they were (protected by @lock).
 * @triggers: all of them by id (xa_lock; entries stay valid under @lock).
 * @tracked: triggers whose dentry was unhashed by rmdir, by name hash
 *	(protected by @lock).
 * @dentries: how many there are, the root among them, until their ->d_release
 *	(atomic).
 * @dying: no work is to be queued any more (protected by @lock).
 * @armed: when @work is to run next, U64_MAX: not at all (protected by @lock).
 * @work: whatever happens because time passes (clock.c).
 */
struct amfs_point {
	struct super_block *sb;
	char *map;
	struct amfs_map *loaded;
	const struct cred *cred;
	bool at_home;
	struct amfs_link *link;
	u64 id;
	spinlock_t lock;	/* what says so above */
	struct amfs_options opt;
	struct amfs_reqtab requests;
	struct amfs_reqtab own_requests;
	struct amfs_dueq due;
	u32 count[AMFS_STATES];
	u32 unreached;
	struct xarray triggers;
	DECLARE_HASHTABLE(tracked, AMFS_TRACKED_BITS);
	atomic_t dentries;
	bool dying;
	u64 armed;
	struct delayed_work work;
};

/**
 * struct amfs_source - what the kernel attaches, see source.c
 * @refs: see the table of lifetimes.
 * @by_key: @key, not @name.
 * @lent: the daemon has mounted it itself, this is for those elsewhere (invariant).
 * @root: the directory, a reference, and one to its superblock (invariant).
 * @wanted: MNT_* restrictions that each copy must have (invariant, as all that
 *	follows until the last reference has gone).
 * @timeout: seconds between the expiry looks, or AMFS_TIMEOUT_DEFAULT.
 * @key: of which it was made, a reference.
 * @name: else: the device that /proc/mounts shows.
 * @by_task: for its end.
 * @by_worker: or this.
 */
struct amfs_source {
	refcount_t refs;
	bool by_key;
	bool lent;
	struct dentry *root;
	union {
		struct {
			int wanted;
			u32 timeout;
			union {
				struct amfs_key *key;
				char *name;
			};
		};
		struct callback_head by_task;
		struct work_struct by_worker;
	};
};

/**
 * struct amfs_key - an in-kernel key, see keys.c
 * @in_keys: its map's table (protected by the map).
 * @rcu: for freeing behind RCU walks.
 * @refs: one of the table, one of each request for it and of each source.
 * @id: its place in listings (protected by the map).
 * @timeout: seconds between the expiry looks, or AMFS_TIMEOUT_DEFAULT
 *	(invariant, as all that follows).
 * @attr: some of AMFS_KEY_ATTR.
 * @name_len: bytes of @name.
 * @options_len: bytes of @options.
 * @name: NUL-terminated, as the next two.
 * @fstype: type of the filesystem, or "bind".
 * @source: what is to be mounted.
 * @options: for the filesystem, each NUL-terminated.
 * @data: what the four point to.
 */
struct amfs_key {
	struct rhash_head in_keys;
	struct rcu_head rcu;
	refcount_t refs;
	u32 id;
	u32 timeout;
	u32 attr;
	u32 name_len;
	u32 options_len;
	const char *name;
	const char *fstype;
	const char *source;
	const char *options;
	char data[];
};

/**
 * struct amfs_trigger - d_fsdata of a key's dentry, or of a direct point's root
 * @dentry: (invariant; not a reference, the dentry owns the trigger).
 * @req: the request under way in PENDING and EXPIRING, else NULL (protected by
 *	point->lock; the table's reference keeps it).
 * @due: next expiry look in MOUNTED, end of the TTL in FAILED (protected by
 *	point->lock).
 * @rcu: for freeing behind RCU walks, which don't look at @due.
 * @used: when it is last known to have been used (protected by point->lock).
 * @where: with @daemon_mount: by which mount of the automount point, for
 *	comparison only (protected by point->lock).
 * @source: what is attached to walkers by the kernel, NULL: nothing; kept while
 *	something is mounted here in any mount namespace (protected by
 *	point->lock).
 * @copies: the attached ones, an expiry list of the VFS's (protected by its
 *	namespace_sem; whether it is empty is looked at without).
 * @tracked: bucket of point->tracked (protected by point->lock); after its
 *	release in orphan.c's list.
 * @id: place in point->triggers (invariant).
 * @attaching: walkers that are about to attach a copy (protected by
 *	point->lock).
 * @error: for FAILED: the negative errno (protected by point->lock).
 * @state: enum amfs_state; written under point->lock, read without it by RCU
 *	walks.
 * @path_route: the daemon made it by mkdir (protected by point->lock).
 * @pinned: we hold a reference to @dentry: a directory made by mkdir stays
 *	until rmdir, or until the TTL of a failure ends, which an unhashed
 *	dentry stays for as well (protected by point->lock; who clears it
 *	drops the reference).
 * @daemon_mount: the daemon mounted it, and is to be asked to unmount it
 *	(protected by point->lock).
 * @tree: what the daemon mounts, or has mounted, is a tree (protected by
 *	point->lock).
 * @marked: a tree that nobody has walked into since the last expiry look
 *	(protected by point->lock, read without it by walks).
 * @torn: the daemon has begun to take a tree apart, and hasn't said how that
 *	ended (protected by point->lock, read without it by walks).
 * @mounting: the kernel is at mounting it, whoever waits for that (protected by
 *	point->lock).
 * @path_len: bytes of @path, 0 for a key in the root (invariant).
 * @path: then nothing; else the key with slashes, NUL-terminated, whose dentry
 *	lies in a folder (invariant).
 */
struct amfs_trigger {
	struct dentry *dentry;
	struct amfs_request *req;
	union {
		struct amfs_due due;
		struct rcu_head rcu;
	};
	u64 used;
	const struct vfsmount *where;
	struct amfs_source *source;
	struct list_head copies;
	struct hlist_node tracked;
	u32 id;
	u32 attaching;
	s16 error;
	u8 state;
	bool path_route;
	bool pinned;
	bool daemon_mount;
	bool tree;
	bool marked;
	bool torn;
	bool mounting;
	u16 path_len;
	char path[];
};

/**
 * struct amfs_asker - who made a request
 * @pid: thread group, a reference; NULL: the kernel itself.
 * @mnt_ns: inode number of its mount namespace, 0: unknown.
 * @user_ns: inode number of its user namespace.
 * @uid: in the initial user namespace.
 * @gid: likewise.
 * @comm: the thread's name.
 */
struct amfs_asker {
	struct pid *pid;
	u32 mnt_ns;
	u32 user_ns;
	u32 uid;
	u32 gid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct amfs_job - what a request has that the kernel answers itself
 * @req: the request (invariant).
 * @key: what it mounts, a reference (invariant).
 * @work: mounter.c's; while it is to run or runs, it holds @req, the dentry and
 *	the superblock.
 */
struct amfs_job {
	struct amfs_request *req;
	struct amfs_key *key;
	struct work_struct work;
};

/**
 * struct amfs_request - a question and those who wait for the answer
 * @core: what the pure core knows of it.
 * @refs: see the table of lifetimes.
 * @waiters: tasks asleep, for the status.
 * @point: (invariant; valid while pending or held by amfs_point_hold()).
 * @trigger: (invariant; valid while pending, when we hold its dentry, or while
 *	@job does).
 * @asker: (invariant).
 * @wait: where they sleep.
 * @job: with @own: how (invariant).
 * @mount: else, for comparison only: while pending the mount of the automount
 *	point that the first walker came by (protected by @point->lock); when it has
 *	ended the daemon's, where it has shown it mounted, or NULL (invariant).
 * @dev: st_dev of the automount point (invariant).
 * @lifetime: seconds until its deadline, 0 for none (invariant once submitted).
 * @remote_error: for walkers whom what the daemon mounted can't reach; 0: the
 *	answer wasn't made with them in mind (written before @ended).
 * @ended: smp_store_release() by amfs_request_end(), paired with the
 *	smp_load_acquire() of the waiters, after @core.error and @remote_error.
 * @own: the kernel answers it itself, not the daemon (invariant).
 * @path_route: the daemon made the key by mkdir, or is to (invariant).
 * @kernel_route: the kernel is to attach it (invariant).
 * @direct: the automount point is (invariant).
 * @tree: EXPIRE: of a tree (invariant once submitted).
 * @now: EXPIRE: at once, if nobody uses it (protected by @point->lock).
 * @elsewhere: not all walkers came by @mount (protected by @point->lock).
 * @name: the key, NUL-terminated (invariant). With up to 15 bytes kmalloc() takes
 *	256 for all of this.
 */
struct amfs_request {
	struct amfs_req core;
	refcount_t refs;
	atomic_t waiters;
	struct amfs_point *point;
	struct amfs_trigger *trigger;
	struct amfs_asker asker;
	wait_queue_head_t wait;
	union {
		struct amfs_job *job;
		const struct vfsmount *mount;
	};
	dev_t dev;
	u32 lifetime;
	s16 remote_error;
	bool ended;
	u8 own : 1;
	u8 path_route : 1;
	u8 kernel_route : 1;
	u8 direct : 1;
	bool tree;
	bool now;
	bool elsewhere;
	char name[];
};

/**
 * struct amfs_answer - how a request ends
 * @error: 0 or a negative errno.
 * @ttl_ms: how long a failed MOUNT is remembered, or %AMFS_MS_DEFAULT.
 * @by_daemon: the daemon says so, and need not be told.
 * @where: its mount of the automount point, if it showed one.
 * @source: what the kernel is to attach, or NULL; it is the trigger's when the
 *	request has ended by this.
 * @attach: the daemon has mounted nothing itself.
 * @remote_error: see struct amfs_request.
 */
struct amfs_answer {
	int error;
	u32 ttl_ms;
	bool by_daemon;
	const struct vfsmount *where;
	struct amfs_source *source;
	bool attach;
	int remote_error;
};

static inline u64 amfs_now(void)
{
	return ktime_get_ns();
}

static inline u64 amfs_seconds(u32 seconds)
{
	return (u64)seconds * NSEC_PER_SEC;
}

static inline struct amfs_reqtab *amfs_request_table(const struct amfs_request *req)
{
	return req->own ? &req->point->own_requests : &req->point->requests;
}

/* Its deadline, 0 for none; once submitted. */
static inline u64 amfs_request_until(const struct amfs_request *req)
{
	return req->lifetime ? req->core.created + amfs_seconds(req->lifetime) : 0;
}

static inline struct amfs_point *amfs_point_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* The root of a direct automount point is its one trigger. */
static inline bool amfs_point_direct(const struct amfs_point *point)
{
	return point->opt.direct[0];
}

static inline struct amfs_trigger *amfs_trigger_of(const struct dentry *dentry)
{
	return dentry->d_fsdata;
}

static inline struct amfs_point *amfs_trigger_point(const struct amfs_trigger *trigger)
{
	return amfs_point_of(trigger->dentry->d_sb);
}

/*
 * Bits of d_flags, which the VFS and we change under d_lock, are read without it, as
 * in the VFS's own walk.
 */
static inline bool amfs_trigger_mounted(const struct amfs_trigger *trigger)
{
	/* May be out of date at once; who asks looks again, or holds what keeps it true. */
	return data_race(d_mountpoint(trigger->dentry));
}

static inline bool amfs_trigger_negative(const struct amfs_trigger *trigger)
{
	/* When TARGET or mkdir(2) is just making it positive: design.rst, known limits. */
	return data_race(d_is_negative(trigger->dentry));
}

/* super.c */
extern struct file_system_type amfs_fs_type;
bool amfs_point_hold(struct amfs_point *point);
int amfs_point_dentry_init(struct dentry *dentry);
void amfs_point_dentry_release(struct dentry *dentry);
void amfs_point_drop(struct amfs_point *point);
struct amfs_point *amfs_point_next(u64 from);
bool amfs_point_abort_one(struct amfs_point *point, struct amfs_reqtab *table, int error);
void amfs_point_abort(struct amfs_point *point, int error);
void amfs_point_reconfigure(struct amfs_point *point, const struct amfs_options *opt);

/* context.c */
int amfs_init_fs_context(struct fs_context *fc);
int amfs_fill_super(struct super_block *sb, struct fs_context *fc);
int amfs_show_options(struct seq_file *m, struct dentry *root);
void amfs_options_change(struct amfs_point *point, const struct amfs_options *from);

/* dir.c */
extern const struct dentry_operations amfs_dentry_ops;
struct inode *amfs_root_inode(struct super_block *sb);
struct inode *amfs_trigger_inode(struct super_block *sb);

/* folder.c */
struct inode *amfs_folder_inode(struct super_block *sb);
struct dentry *amfs_folder_add(struct dentry *dentry);

/* trigger.c */
struct qstr amfs_trigger_name(const struct amfs_trigger *trigger);
struct amfs_trigger *amfs_trigger_alloc(struct amfs_point *point, struct dentry *dentry,
					const struct qstr *path);
struct dentry *amfs_trigger_add(struct dentry *dentry, const struct qstr *path);
void amfs_trigger_release(struct dentry *dentry);
int amfs_trigger_keep(const struct dentry *dentry);
void amfs_trigger_event_locked(struct amfs_trigger *trigger, enum amfs_event event);
bool amfs_trigger_bare_locked(struct amfs_trigger *trigger);
void amfs_trigger_found_locked(struct amfs_trigger *trigger);
void amfs_trigger_let_go(struct amfs_trigger *trigger, struct amfs_source *source);
void amfs_trigger_flags_locked(struct amfs_trigger *trigger);
void amfs_trigger_due_locked(struct amfs_trigger *trigger, u64 when);
u32 amfs_trigger_timeout_locked(const struct amfs_trigger *trigger);
void amfs_trigger_retime_locked(struct amfs_trigger *trigger);
void amfs_trigger_used_locked(struct amfs_trigger *trigger);
void amfs_trigger_free(struct amfs_trigger *trigger);
int amfs_trigger_init(void);
void amfs_trigger_exit(void);

/* orphan.c */
void amfs_trigger_abandon(struct amfs_trigger *trigger);
void amfs_orphans_exit(void);

/* settle.c */
struct amfs_source *amfs_trigger_gone_locked(struct amfs_trigger *trigger);
struct amfs_source *amfs_trigger_unasked_locked(struct amfs_trigger *trigger,
						enum amfs_event event);
bool amfs_trigger_settle_locked(const struct amfs_request *req,
				const struct amfs_answer *answer, struct amfs_source **old);

/* place.c */
void amfs_trigger_track_locked(struct amfs_trigger *trigger);
struct dentry *amfs_trigger_tracked(struct amfs_point *point, const struct qstr *name);
int amfs_trigger_make_positive(struct dentry *dentry);
int amfs_trigger_take_path_route(struct dentry *dentry);
bool amfs_trigger_outdated(const struct amfs_trigger *trigger);
bool amfs_trigger_make_way_locked(struct amfs_trigger *trigger, bool *pin);

/* tree.c */
void amfs_tree_mark_locked(struct amfs_trigger *trigger);
void amfs_tree_touch(struct amfs_trigger *trigger);
int amfs_tree_begin(struct amfs_request *req, struct dentry *dentry, const struct path *root);

/* walk.c */
struct vfsmount *amfs_d_automount(struct path *path);
int amfs_d_manage(const struct path *path, bool rcu_walk);
int amfs_walk_follow(const struct path *path, struct amfs_source **source);
bool amfs_walk_exempt(struct amfs_trigger *trigger);

/* attach.c */
int amfs_attach_answer(struct amfs_request *req, const struct amfs_verdict *verdict);
struct file *amfs_attach_target(struct amfs_request *req, const struct path *where, u32 flags);

/* source.c */
struct amfs_source *amfs_source_make(const struct path *root, const struct amfs_point *point,
				     const char *name);
struct amfs_source *amfs_source_bind(const struct path *root, const struct amfs_point *point,
				     struct amfs_key *key);
struct amfs_source *amfs_source_new(struct dentry *root, const struct amfs_point *point,
				    struct amfs_key *key);
int amfs_source_init(void);
void amfs_source_exit(void);
struct vfsmount *amfs_source_mount(const struct amfs_source *source);
struct amfs_source *amfs_source_get(struct amfs_source *source);
void amfs_source_put(struct amfs_source *source);
int amfs_source_allowed(const struct amfs_source *source, const struct vfsmount *onto);
int amfs_source_whole(const struct path *root);
struct vfsmount *amfs_source_copy(struct amfs_source *source, struct list_head *expiry);

/* keys.c */
struct amfs_map *amfs_map_join(const char *name);
void amfs_map_leave(struct amfs_map *map);
struct amfs_key *amfs_key_find(struct amfs_map *map, const struct qstr *name);
bool amfs_key_is(struct amfs_map *map, const struct qstr *name, const struct amfs_key *key);
bool amfs_key_known(struct amfs_map *map, const struct qstr *name);
struct amfs_key *amfs_key_get(struct amfs_key *key);
void amfs_key_put(struct amfs_key *key);
int amfs_key_add(const char *name, const struct amfs_key_record *record, bool replace);
int amfs_key_del(const char *name, const struct amfs_key_record *record);
u32 amfs_key_clear(const char *name);
void amfs_keys_exit(void);

/* key_folders.c */
bool amfs_folder_known(struct amfs_map *map, const struct qstr *path);

/* key_list.c */
u32 amfs_key_list(const char *name, u64 *cursor, void *buf, u32 room);
u32 amfs_key_maps(u64 *cursor, void *buf, u32 room);

/* key_call.c */
int amfs_key_call(struct amfs_keys *arg);

/* reconsider.c */
void amfs_point_reconsider(const char *map);

/* mounter.c */
bool amfs_mounter_at_home(void);
void amfs_mounter_start_locked(struct amfs_request *req);
int amfs_mounter_init(void);
void amfs_mounter_exit(void);

/* request.c */
int amfs_request_init(void);
void amfs_request_exit(void);
struct amfs_request *amfs_request_alloc(struct amfs_trigger *trigger, enum amfs_req_kind kind);
struct amfs_request *amfs_request_get(struct amfs_request *req);
void amfs_request_put(struct amfs_request *req);
int amfs_request_start_locked(struct amfs_request **req, bool *added);
bool amfs_request_end(struct amfs_request *req, const struct amfs_answer *answer);
int amfs_request_wait(struct amfs_request *req);

/* expire.c */
void amfs_expire_due(struct amfs_point *point, struct list_head *batch);

/* expire_call.c */
int amfs_expire_run(struct amfs_expire *arg);

/* clock.c */
void amfs_clock_start(struct amfs_point *point);
void amfs_clock_stop(struct amfs_point *point);
void amfs_clock_arm_locked(struct amfs_point *point);
void amfs_clock_orphaned(const char *map);

/* list.c */
int amfs_list_fill(enum amfs_list_what what, u64 cursor[2], void *buf, u32 room);

/* debugfs.c */
void amfs_debugfs_init(void);
void amfs_debugfs_exit(void);

#endif /* AMFS_H */
