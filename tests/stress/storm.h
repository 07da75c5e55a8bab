/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the storm: see main.c. */
#ifndef STORM_H
#define STORM_H

#include <limits.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/amfs.h>

#define MAX_WALKERS 64
#define ERRNOS 256

/* --- the scene ------------------------------------------------------------------- */

/* Automount points, each with a map of its own. */
enum place_id {
	STEADY,		/* whatever happens, its map alone decides what a walk gets */
	ROUGH,		/* short deadlines, no daemon for a while, unmounted, nsattach=no */
	DIRECT,		/* as rough; its root is the key */
	TREES,		/* served by amfsd, keys with parts */
	PLACES,
};

struct place {
	const char *name;
	const char *map;
	const char *options;	/* of mount(2) */
	const char *calm;	/* of the remount when the storm is over */
	int rough;
	char path[PATH_MAX];
};

/* What the map says of a key. */
enum kind { GOOD, SLOW, FICKLE, ABSENT, DENIED, STRICT, LOADED, DEEP, FLIP, TREE, PART, KINDS };

struct key {
	enum place_id place;
	enum kind kind;
	unsigned int number;	/* among all, tells whose mount it is */
	const char *name;
};

extern struct place places[PLACES];
extern const struct key *const keys;
extern const unsigned int key_count;
extern const char *const kind_names[KINDS];

void scene_set(const char *folder);
void scene_strike(void);
int place_mount(enum place_id place);
int place_mounted(enum place_id place);
void key_path(char path[PATH_MAX], const struct key *key);
void source_path(char path[PATH_MAX], const struct key *key);
void source_fill(int dir, const struct key *key);
const struct key *key_named(enum place_id place, const char *name);
const struct key *key_any(void);
const struct key *key_in(enum place_id place);

/* --- what happened --------------------------------------------------------------- */

enum op {
	OP_EXPIRE_KEY, OP_EXPIRE_ALL, OP_EXPIRE_DUE,
	OP_UMOUNT, OP_UMOUNT_DETACH, OP_UMOUNT_EXPIRE,
	OP_POINT_UMOUNT, OP_POINT_DETACH, OP_POINT_FORCE, OP_POINT_EXPIRE, OP_POINT_MOUNT,
	OP_REMOUNT_STEADY, OP_REMOUNT_ROUGH, OP_REMOUNT_DIRECT, OP_REMOUNT_TREES,
	OP_KEYS_ADD, OP_KEYS_REPLACE, OP_KEYS_DEL, OP_KEYS_CLEAR, OP_KEYS_LIST,
	OP_BIND, OP_ADOPT, OP_RELEASE, OP_DAEMON_KILL, OP_AMFSD_KILL, OP_AMFSD_END,
	OP_AMFSD_REPLACE, OP_AMFSD_RELOAD,
	OP_SERVE_FD, OP_SERVE_PATH, OP_SERVE_ATTACH, OP_REFUSE, OP_SERVE_EXPIRE,
	OP_NS_SHARED, OP_NS_SLAVE, OP_NS_PRIVATE, OP_NS_USER,
	OP_WALKER_KILL, OP_WALKER_SIGNAL, OP_WALKER_STOP,
	OPS,
};

enum way {
	WAY_OPEN, WAY_STAT, WAY_LIST, WAY_ACCESS, WAY_CHDIR, WAY_OPATH, WAY_STATFS, WAY_CREATE,
	WAY_HOLD, WAY_MEDDLE, WAYS,
};

extern const char *const way_names[WAYS];

/* What all processes share; counters are only ever added to, atomically. */
struct shared {
	unsigned int stop;
	unsigned int failed;
	unsigned int kept;	/* amfsd serves, and stays */
	unsigned int over;	/* it isn't needed any more */
	unsigned int patient;	/* a wrong answer doesn't end it */
	unsigned long ops[OPS][ERRNOS];
	unsigned long ways[WAYS][ERRNOS];
	unsigned long walks[PLACES][KINDS][ERRNOS];
	unsigned int ready[MAX_WALKERS];	/* a signal isn't deadly any more */
	unsigned long beats[MAX_WALKERS];	/* walks of each; who is asleep makes none */
};

extern struct shared *shared;

void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int op(enum op what, int err);
void count(unsigned long row[ERRNOS], int err);
int stopped(void);
void progress(unsigned int seconds);
bool all_happened(unsigned int seconds);
int closing_table(unsigned int seconds);

/* --- chance ---------------------------------------------------------------------- */

void chance_begin(uint64_t seed, unsigned int role, unsigned int number, unsigned int life);
unsigned int pick(unsigned int below);
void nap(unsigned int most_us);

/* --- who does what --------------------------------------------------------------- */

enum role { CONDUCTOR, WALKER, DAEMON, EXPIRER, UMOUNTER, REMOUNTER, MOUNTER, LOADER, KEEPER };

/* Where a walker is. */
enum home { AT_HOME, IN_SHARED, IN_SLAVE, IN_PRIVATE };

#define ADOPTING 0x100	/* to run_daemon(): there is another one */

void run_walker(unsigned int number) __attribute__((noreturn));
void run_daemon(unsigned int place) __attribute__((noreturn));
void run_keeper(unsigned int number) __attribute__((noreturn));
void run_expirer(unsigned int number) __attribute__((noreturn));
void run_umounter(unsigned int number) __attribute__((noreturn));
void run_remounter(unsigned int number) __attribute__((noreturn));
void run_mounter(unsigned int place) __attribute__((noreturn));
void run_loader(unsigned int place) __attribute__((noreturn));

int walk(const struct key *key, enum way way, enum home home);
void walk_well(const struct key *key);
int of_the_storm(const struct place *place, int err);
int lawful(const struct key *key, enum home home, int err);
void umount_key(const struct key *key, enum home home);

pid_t start(enum role role, void (*run)(unsigned int number), unsigned int number);
void reap(pid_t pid, const char *who, int killed);
int reap_within(pid_t pid, const char *who, unsigned int seconds);
void show_stuck(pid_t pid, const char *who);
void roles_start(unsigned int walkers);
void walkers_tend(void);
void roles_end(void);
void keeper_set(const char *program, const char *folder);
void keeper_show(void);
void keeper_log(void);
void daemons_start(void);
void daemons_tend(void);
void daemons_calm(void);
void daemons_end(void);

/* --- calls ----------------------------------------------------------------------- */

int amfs_bind(int dev, const char *map, unsigned int flags);
int amfs_release(int dev);
int amfs_target(int dev, uint64_t id, unsigned int flags, int point, int *fd);
int amfs_done(int dev, uint64_t id, int error, int point, uint32_t ttl_ms);
int amfs_attach(int dev, uint64_t id, int point, int mnt);
int amfs_expire(const char *map, unsigned int flags, const char *key);
int amfs_keys(const char *map, enum amfs_keys_op what, unsigned int flags, void *buf, uint32_t len,
	      uint32_t *used);
unsigned int amfs_count(enum amfs_list_what what, const char *why);
pid_t amfs_daemon(const char *map);
uint64_t amfs_oldest_ms(enum place_id place);
int amfs_device(void);

/* --- the end --------------------------------------------------------------------- */

void state_note(void);
void check_the_end(void);
void check_nothing_left(void);

#endif /* STORM_H */
