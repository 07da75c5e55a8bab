/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the device fuzzer: see main.c. */
#ifndef DEVICE_FUZZ_H
#define DEVICE_FUZZ_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/amfs.h>

/* Small numbers: those who act at random have to meet. */
#define MAPS	3
#define POINTS	5
#define KEYS	5

/* What is called. tally.c has the names, and which of them may never succeed. */
enum call {
	/* files of the device */
	CALL_OPEN, CALL_CLOSE, CALL_READ, CALL_POLL, CALL_EPOLL, CALL_FCNTL, CALL_STEAL,
	CALL_PASS, CALL_WRITE, CALL_PREAD, CALL_MMAP, CALL_STRANGE,
	/* its ioctls */
	CALL_BIND, CALL_RELEASE, CALL_TARGET, CALL_TARGET_PATH, CALL_TARGET_TREE, CALL_DONE,
	CALL_DONE_ERROR, CALL_DONE_ATTACH, CALL_EXPIRE, CALL_LIST, CALL_KEYS_ADD, CALL_KEYS_DEL,
	CALL_KEYS_CLEAR, CALL_KEYS_LIST, CALL_KEYS_MAPS,
	/* mounts */
	CALL_MOUNT, CALL_REMOUNT, CALL_RESTRICT, CALL_BIND_MOUNT, CALL_MOVE, CALL_PROPAGATION,
	CALL_UMOUNT, CALL_UMOUNT_DETACH, CALL_UMOUNT_EXPIRE, CALL_UMOUNT_FORCE, CALL_FSOPEN,
	CALL_FSCONFIG, CALL_FSMOUNT, CALL_MOVE_MOUNT, CALL_OPEN_TREE, CALL_FSPICK, CALL_SETATTR,
	/* walks */
	CALL_WALK_OPEN, CALL_WALK_PATH, CALL_WALK_CREATE, CALL_WALK_STAT, CALL_WALK_STATX,
	CALL_WALK_ACCESS, CALL_WALK_LIST, CALL_WALK_MKDIR, CALL_WALK_RMDIR, CALL_WALK_UNLINK,
	CALL_WALK_RENAME, CALL_WALK_LINK, CALL_WALK_SYMLINK, CALL_WALK_MKNOD, CALL_WALK_SETXATTR,
	CALL_WALK_GETXATTR, CALL_WALK_CHMOD, CALL_WALK_CHOWN, CALL_WALK_TRUNCATE, CALL_WALK_UTIME,
	CALL_WALK_STATFS, CALL_WALK_READLINK, CALL_WALK_CHDIR, CALL_WALK_INOTIFY, CALL_WALK_HANDLE,
	/* surroundings */
	CALL_UNSHARE, CALL_UNSHARE_USER, CALL_SETNS, CALL_DEBUGFS, CALL_MOUNTINFO,
	/* done by the one who keeps watch */
	CALL_KILL, CALL_UNLOAD, CALL_LOAD,
	CALLS
};

/* Answers go up to 511. */
#define MOST_ERRNO	512

struct tally {
	unsigned long ok;
	unsigned long killed;	/* didn't come back in time */
	unsigned long failed[MOST_ERRNO];
};

/* What a thread is at, for the one who keeps watch. */
struct slot {
	pid_t pid;
	unsigned int call;	/* CALLS: none */
	uint64_t since;		/* milliseconds */
};

/* Descriptors by what they are meant to be; a descriptor of another kind is nearly valid. */
enum kind { FD_DEVICE, FD_MOUNT, FD_ROOT, FD_TARGET, FD_CONTEXT, FD_OTHER, KINDS };

#define POOL_SIZE	6

/* The descriptors of a process: -1 or open. Its threads race for them on purpose. */
struct pool {
	int fd[KINDS][POOL_SIZE];
	unsigned int map[POOL_SIZE];	/* of each device: which it was bound to last */
};

/* A record that some daemon has read: ids of all sorts come from here. */
struct seen {
	uint64_t id;
	unsigned int map;
	uint16_t kind;
	uint16_t flags;
	char name[AMFS_NAME_SIZE];
};

#define SEEN		64
#define PARTS		4
#define RECIPES		512
#define COVER_BITS	(1U << 20)
#define MOST_THREADS	64

/* Operations that reached something new: seeds, and how many from each. */
struct recipe {
	unsigned int role;
	unsigned int parts;
	struct {
		uint64_t seed;
		unsigned int ops;
	} part[PARTS];
};

/* Between all processes; numbers change atomically, the rest may be torn. */
struct shared {
	unsigned long calls;
	unsigned long limit;		/* of calls, in this round */
	unsigned int crowded;		/* enough mounts for now */
	unsigned int seen_next;
	unsigned int point_of[1024];	/* by minor number: 1 + the point last found there */
	struct seen seen[SEEN];
	struct slot slot[MOST_THREADS];
	struct tally tally[CALLS];
	/* Coverage, with a module that is built for it. */
	uint64_t text;			/* where the module's code begins */
	unsigned int covered;
	unsigned int recipes;
	struct recipe recipe[RECIPES];
	uint8_t reached[COVER_BITS / 8];
};

enum role { ROLE_SERVER, ROLE_WALKER, ROLE_MOUNTER, ROLE_HERMIT, ROLE_ANY, ROLES };

/* A thread that calls. */
struct worker {
	struct shared *shared;
	struct slot *slot;
	struct pool *pool;
	const char *base;
	enum role role;
	uint64_t seed;
	unsigned int spoil;	/* percent of structures that are made wrong */
	char *fence;		/* a page, and none behind it */
	char *readonly;		/* a page */
	char *buf;		/* BUF_SIZE, guarded on both sides */
	uint64_t *cover;
};

#define BUF_SIZE	(128 * 1024)
#define FENCE_SIZE	4096

/* tally.c */
extern const char * const call_names[CALLS];
long call_end(struct worker *w, enum call call, long ret);
void call_begin(struct worker *w, enum call call);
void print_tally(const struct shared *shared);
int check_tally(const struct shared *shared, int full);
uint64_t now_ms(void);

#define DO(w, call, what)	(call_begin(w, call), call_end(w, call, (long)(what)))

/* grammar.c */
uint64_t next_random(uint64_t *seed);
unsigned int pick(struct worker *w, unsigned int below);
int chance(struct worker *w, unsigned int percent);
uint32_t a_number(struct worker *w);
const char *a_key(struct worker *w, char buf[600]);
void put_name(char to[AMFS_NAME_SIZE], const char *name);
const char *a_map(struct worker *w, char buf[600]);
const char *a_point(struct worker *w, char buf[1400]);
const char *a_path(struct worker *w, char buf[1400]);
const char *a_file(struct worker *w, char buf[1400], const char *name);
const char *options(struct worker *w, char buf[5000]);
const char *option_name(struct worker *w);
const char *option_value(struct worker *w, const char *name, char buf[600]);

/* arg.c */
char *place(struct worker *w, const void *data, size_t size);
long fuzz_ioctl(struct worker *w, enum call call, int fd, unsigned long cmd, void *arg, size_t size);
void give_memory(struct worker *w);

/* pool.c */
void pool_init(struct pool *pool);
int pool_put(struct worker *w, enum kind kind, int fd);
int pool_take(struct worker *w, enum kind kind);
int pool_get(struct worker *w, enum kind kind);
int pool_any(struct worker *w, enum kind kind);
int a_device(struct worker *w, unsigned int *map);

/* call_*.c, serve.c: the operations */
void op_open(struct worker *w);
void op_close(struct worker *w);
void op_read(struct worker *w);
void op_poll(struct worker *w);
void op_file(struct worker *w);
void op_steal(struct worker *w);
void op_strange(struct worker *w);
void op_other_fd(struct worker *w);
void op_bind(struct worker *w);
void op_release(struct worker *w);
void op_target(struct worker *w);
void op_done(struct worker *w);
void op_expire(struct worker *w);
void op_list(struct worker *w);
void op_keys_add(struct worker *w);
void op_keys_other(struct worker *w);
void op_mount(struct worker *w);
void op_remount(struct worker *w);
void op_rearrange(struct worker *w);
void op_umount(struct worker *w);
void op_fsopen(struct worker *w);
void op_fsconfig(struct worker *w);
void op_fspick(struct worker *w);
void op_move_mount(struct worker *w);
void op_open_tree(struct worker *w);
void op_setattr(struct worker *w);
void op_walk(struct worker *w);
void op_change(struct worker *w);
void op_attribute(struct worker *w);
void op_look(struct worker *w);
void op_unshare(struct worker *w);
void op_setns(struct worker *w);
void op_show(struct worker *w);
void op_serve(struct worker *w);
int serve_well(struct worker *w, int dev);
int refuse_all(struct worker *w, int dev);

int do_open(struct worker *w);
int do_bind(struct worker *w, int fd, unsigned int map, unsigned int flags);
int a_tmpfs(struct worker *w);
void remember(struct worker *w, unsigned int map, const struct amfs_msg *msg);
struct seen *recall(struct worker *w);

/* workers.c */
struct crew;
struct crew *crew_new(struct shared *shared, const char *base, uint64_t seed);
void crew_start(struct crew *crew);
int crew_watch(struct crew *crew, unsigned int patience);
void crew_kill_one(struct crew *crew);
int crew_stop(struct crew *crew);

/* cover.c */
void cover_begin(struct worker *w);
int cover_new(struct worker *w);
void cover_find_module(struct shared *shared);
uint64_t cover_choose(struct worker *w, struct recipe *made);
void cover_keep(struct worker *w, const struct recipe *made);

/* check.c */
int module_load(struct worker *w);
int module_unload(struct worker *w, unsigned int flags);
int all_gone(struct worker *w);
int works_again(struct worker *w);

void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif /* DEVICE_FUZZ_H */
