/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the bench program: see main.c. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BASE "/run/bench"
/* What bind keys show: a folder with the file "f" in it. */
#define SOURCE BASE "/source"
#define MAP "bench"
#define KEY_SIZE 32
#define PATH_SIZE 96

/* The first letter of a key says what it is; the rest is a number. */
#define KIND_BIND 'b'
#define KIND_TMPFS 't'
#define KIND_MISSING 'x'
#define KIND_KERNEL_BIND 'k'	/* amfs: loaded into the kernel */
#define KIND_KERNEL_TMPFS 'l'

struct request {
	uint64_t id;
	int expire;
	int now;
	char key[KEY_SIZE];
};

/* What daemon and generator share; every word that is waited for is a futex. */
struct control {
	uint32_t ready;
	uint32_t gather;	/* collect so many requests before serving one */
	uint32_t gathered;	/* 1 when they are there */
	uint32_t go;		/* 1 to serve them */
	uint64_t gathered_ns;	/* when they were there */
	uint64_t answer_ns;	/* how long the last answer took */
	uint64_t mounts;	/* requests that were received */
	uint64_t expires;	/* likewise */
	uint64_t adopt_ns;	/* when it took the map from another */
	uint64_t duplicates;	/* mounts of what was mounted */
};

/*
 * One of those that are compared. Their roots have names of one length, and
 * each is a mount of its own: a walk differs in nothing but what is measured.
 */
struct side {
	const char *name;
	const char *root;
	struct control *control;
	pid_t daemon;

	/* In the daemon: mount the automount point; take and answer requests. */
	void (*up)(const struct side *side);
	size_t (*receive)(struct request *requests, size_t most);
	void (*serve)(const struct side *side, const struct request *request);

	/* In the generator: 0 or an errno. */
	void (*connect)(const struct side *side);
	void (*disconnect)(void);
	int (*expire_key)(const char *key);	/* one, now, if it is idle */
	int (*expire_due)(void);		/* those whose time has come */
	int (*expire_all)(size_t count);	/* so many that are idle, now */
};

extern struct side floor_side, autofs_side, amfs_side;

/* What the command line says. */
struct plan {
	int quick;
	int counted;	/* one processor that counts instructions */
};

extern struct plan plan;

/* out.c */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void emit(const char *row, unsigned int arg, const char *side, double value);

/* clock.c */
uint64_t now_ns(void);
void settle(void);
void wait_for(uint32_t *word, uint32_t value);
void post(uint32_t *word, uint32_t value);

/* world.c */
void make_world(void);
void put_path(char *path, const struct side *side, char kind, unsigned int number);
void put_key(char *key, char kind, unsigned int number);

/* daemon.c */
void start_side(struct side *side);
void stop_side(struct side *side);
void gather_from_start(struct side *side, uint32_t wanted);
void stop_daemon(struct side *side);

/* floor.c */
void floor_mount(const char *path, char kind);

/* mounts.c */
void mount_on(const char *path, char kind);
void mount_at(int fd, char kind);
int is_mounted(const struct side *side, const char *path);

/* walk.c */
uint64_t first_walk(const struct side *side, char kind, unsigned int number);
void fill(const struct side *side, char kind, unsigned int first, unsigned int count);
void clear(const struct side *side, char kind, unsigned int first, unsigned int count);

/* crowd.c: so many threads that stop at a gate, do one thing each and stay */
struct crowd;
struct crowd *crowd_new(unsigned int count, void (*work)(unsigned int number, void *data),
			void *data);
uint64_t crowd_release(struct crowd *crowd);	/* when; doesn't wait */
uint64_t crowd_finish(struct crowd *crowd);	/* when the last was done */
void crowd_free(struct crowd *crowd);
void crowd_wait_blocked(unsigned int count);	/* until so many are inside of a stat */

/* helper.c: somebody who disturbs */
pid_t start_helper(void (*work)(const struct side *side, void *data), const struct side *side,
		   void *data);
void stop_helper(pid_t pid);
void put_on(pid_t pid, unsigned int processor);

/* probe.c: one at a time */
void probe_start(const char *function);
unsigned long probe_stop(void);

/* slabs.c */
uint64_t slab_bytes(void);

/* amfs.c */
void amfs_open(const struct side *side);
void amfs_bind(unsigned int flags);

/* amfs_keys.c */
void load_keys(char kind, unsigned int first, unsigned int count);
void forget_keys(void);

/* rows */
void row_hot(void);
void row_switch(void);
void row_first(void);
void row_missing(void);
void row_pending(void);
void row_waiters(void);
void row_expire(void);
void row_idle(void);
void row_meet(void);
void row_memory(void);
void row_others(void);
void row_storm(void);
void row_adopt(void);

#endif /* BENCH_H */
