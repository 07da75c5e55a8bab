// SPDX-License-Identifier: GPL-2.0
/* The processes and threads that call, and the one who keeps watch over them. */
#include "fuzz.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Operations between two looks at what they have reached. */
#define PROGRAM	12

/* A process that was killed has to be gone after so many milliseconds. */
#define GONE_MS	120000

/*
 * How often each role does what (server, walker, mounter, hermit, any), and how
 * often in a row: what costs little is to be most of the calls.
 */
static const struct {
	void (*run)(struct worker *w);
	uint8_t weight[ROLES];
	uint8_t row;
} ops[] = {
	{ op_serve,	 { 50,  0,  2,  0, 10 }, 3 },
	{ op_open,	 {  4,  0,  1,  1,  3 }, 1 },
	{ op_close,	 {  3,  2,  4,  2,  3 }, 1 },
	{ op_read,	 {  5,  0,  0,  0,  6 }, 30 },
	{ op_poll,	 {  8,  0,  0,  0,  8 }, 30 },
	{ op_file,	 {  5,  0,  0,  0,  6 }, 30 },
	{ op_steal,	 {  1,  0,  0,  0,  2 }, 2 },
	{ op_strange,	 {  2,  0,  0,  0,  3 }, 30 },
	{ op_other_fd,	 {  1,  0,  1,  0,  2 }, 1 },
	{ op_bind,	 {  2,  0,  0,  0,  3 }, 10 },
	{ op_release,	 {  1,  0,  0,  0,  2 }, 1 },
	{ op_target,	 { 12,  0,  2,  0, 12 }, 40 },
	{ op_done,	 { 12,  0,  2,  0, 12 }, 40 },
	{ op_expire,	 {  1,  1,  1,  0,  2 }, 1 },
	{ op_list,	 {  8,  0,  2,  1,  8 }, 30 },
	{ op_keys_add,	 {  1,  0,  2,  0,  2 }, 1 },
	{ op_keys_other, {  4,  0,  4,  0,  6 }, 4 },
	{ op_mount,	 {  0,  0, 14,  6,  2 }, 1 },
	{ op_remount,	 {  0,  0,  8,  2,  1 }, 1 },
	{ op_rearrange,	 {  0,  0,  4,  6,  1 }, 1 },
	{ op_umount,	 {  0,  1, 14,  8,  2 }, 1 },
	{ op_fsopen,	 {  1,  0,  3,  0,  1 }, 1 },
	{ op_fsconfig,	 {  0,  0, 10,  1,  2 }, 2 },
	{ op_fspick,	 {  0,  0,  3,  1,  1 }, 1 },
	{ op_move_mount, {  1,  0,  3,  1,  2 }, 1 },
	{ op_open_tree,	 {  1,  0,  4,  2,  2 }, 1 },
	{ op_setattr,	 {  0,  0,  3,  1,  1 }, 1 },
	{ op_walk,	 {  2, 40,  4, 20,  6 }, 4 },
	{ op_change,	 {  1, 12,  1,  6,  3 }, 4 },
	{ op_attribute,	 {  1, 10,  1,  5,  3 }, 8 },
	{ op_look,	 {  1, 10,  1,  5,  3 }, 4 },
	{ op_unshare,	 {  0,  0,  0,  2,  0 }, 1 },
	{ op_setns,	 {  0,  1,  0,  3,  0 }, 1 },
	{ op_show,	 {  1,  1,  2,  1,  2 }, 1 },
};

static const struct {
	enum role role;
	unsigned int threads;
} crew_plan[] = {
	{ ROLE_SERVER, 2 }, { ROLE_SERVER, 2 }, { ROLE_SERVER, 3 }, { ROLE_WALKER, 1 },
	{ ROLE_WALKER, 1 }, { ROLE_WALKER, 2 }, { ROLE_MOUNTER, 1 }, { ROLE_MOUNTER, 2 },
	{ ROLE_HERMIT, 1 }, { ROLE_HERMIT, 1 }, { ROLE_ANY, 3 },
};

#define CREW		ARRAY_SIZE(crew_plan)
#define THREADS		4	/* slots of each process */

struct crew {
	struct shared *shared;
	const char *base;
	uint64_t seed;
	uint64_t fate;		/* who is killed next */
	struct member {
		pid_t pid;
		unsigned int started;	/* how often */
		uint64_t killed;	/* when; 0: not yet */
	} member[CREW];
};

/* --- in a worker ------------------------------------------------------------- */

static void run_one(struct worker *w)
{
	unsigned int sum = 0, i, row;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		sum += ops[i].weight[w->role];
	sum = pick(w, sum);
	for (i = 0; sum >= ops[i].weight[w->role]; i++)
		sum -= ops[i].weight[w->role];
	/* Some operations do all right, some much wrong. */
	w->spoil = chance(w, 50) ? 4 : 25;
	for (row = 1 + pick(w, 2 * ops[i].row - 1); row; row--)
		ops[i].run(w);
}

static int over(const struct worker *w)
{
	return __atomic_load_n(&w->shared->calls, __ATOMIC_RELAXED) >= w->shared->limit;
}

static void run_part(struct worker *w, uint64_t seed, unsigned int count)
{
	w->seed = seed;
	while (count-- && !over(w))
		run_one(w);
}

/* A recipe, and then something of its own; both are kept if that led anywhere new. */
static void run_program(struct worker *w)
{
	struct recipe made;
	uint64_t seed = cover_choose(w, &made), next = next_random(&w->seed);
	unsigned int i;

	for (i = 0; i < made.parts; i++)
		run_part(w, made.part[i].seed, made.part[i].ops);
	cover_new(w);
	w->seed = seed;
	for (i = 0; i < PROGRAM && !over(w); i++) {
		run_one(w);
		if (cover_new(w)) {
			made.part[made.parts].seed = seed;
			made.part[made.parts].ops = i + 1;
			made.parts++;
			cover_keep(w, &made);
			break;
		}
	}
	w->seed = next;
}

static void *run_worker(void *arg)
{
	struct worker *w = arg;

	give_memory(w);
	cover_begin(w);
	while (!over(w))
		run_program(w);
	return NULL;
}

static void run_member(struct crew *crew, unsigned int number)
{
	static struct worker worker[THREADS];
	static struct pool pool;
	pthread_t thread[THREADS];
	unsigned int i;

	/* Its group is exempt once it is bound: it must be its own. */
	if (setpgid(0, 0))
		fail("setpgid: %m");
	pool_init(&pool);
	for (i = 0; i < crew_plan[number].threads; i++) {
		uint64_t seed = crew->seed ^ (number * THREADS + i + 1) << 20 ^
				(uint64_t)crew->member[number].started << 40;

		worker[i] = (struct worker){
			.shared = crew->shared,
			.slot = &crew->shared->slot[number * THREADS + i],
			.pool = &pool, .base = crew->base, .role = crew_plan[number].role,
			.seed = next_random(&seed),
		};
		worker[i].slot->pid = getpid();
		if (i && pthread_create(&thread[i], NULL, run_worker, &worker[i]))
			fail("pthread_create");
	}
	run_worker(&worker[0]);
	for (i = 1; i < crew_plan[number].threads; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

/* --- in the one who keeps watch ------------------------------------------------- */

struct crew *crew_new(struct shared *shared, const char *base, uint64_t seed)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew)
		fail("no memory");
	crew->shared = shared;
	crew->base = base;
	crew->seed = seed;
	crew->fate = seed;
	return crew;
}

static void start(struct crew *crew, unsigned int number)
{
	struct member *member = &crew->member[number];
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		crew->shared->slot[number * THREADS + i] = (struct slot){ .call = CALLS };
	member->killed = 0;
	member->started++;
	member->pid = fork();
	if (member->pid < 0)
		fail("fork: %m");
	if (!member->pid)
		run_member(crew, number);
}

void crew_start(struct crew *crew)
{
	unsigned int i;

	for (i = 0; i < CREW; i++)
		start(crew, i);
}

/* What its threads were at is counted as not having come back. */
static void end(struct crew *crew, unsigned int number, uint64_t now, unsigned int patience)
{
	struct member *member = &crew->member[number];
	unsigned int i;

	if (kill(member->pid, SIGKILL))
		fail("kill: %m");
	member->killed = now;
	__atomic_add_fetch(&crew->shared->tally[CALL_KILL].ok, 1, __ATOMIC_RELAXED);
	for (i = 0; i < THREADS; i++) {
		struct slot *slot = &crew->shared->slot[number * THREADS + i];

		if (slot->call >= CALLS || now - slot->since <= patience)
			continue;
		__atomic_add_fetch(&crew->shared->tally[slot->call].killed, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&crew->shared->calls, 1, __ATOMIC_RELAXED);
	}
}

static int stuck(const struct crew *crew, unsigned int number, uint64_t now, unsigned int patience)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		const struct slot *slot = &crew->shared->slot[number * THREADS + i];
		uint64_t since = __atomic_load_n(&slot->since, __ATOMIC_RELAXED);

		if (__atomic_load_n(&slot->call, __ATOMIC_ACQUIRE) < CALLS && now > since &&
		    now - since > patience)
			return 1;
	}
	return 0;
}

static void show_hang(const struct crew *crew, unsigned int number)
{
	unsigned int i;
	int fd;

	printf("fuzz-device: process %d was killed and is still there:", crew->member[number].pid);
	for (i = 0; i < THREADS; i++) {
		unsigned int call = crew->shared->slot[number * THREADS + i].call;

		if (call < CALLS)
			printf(" %s", call_names[call]);
	}
	putchar('\n');
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "w", 1) != 1)
		printf("fuzz-device: sysrq: %m\n");
}

/* 1 while it is there, 0 when it is gone, -1 when that isn't as it should be. */
static int look_at(struct crew *crew, unsigned int number, unsigned int patience)
{
	struct member *member = &crew->member[number];
	uint64_t now = now_ms();
	int status;

	if (!member->pid)
		return 0;
	if (waitpid(member->pid, &status, WNOHANG) == member->pid) {
		member->pid = 0;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return 0;
		if (member->killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			return 0;
		printf("fuzz-device: worker %u ended with status %#x\n", number, status);
		return -1;
	}
	if (!member->killed && stuck(crew, number, now, patience))
		end(crew, number, now, patience);
	if (!member->killed || now - member->killed < GONE_MS)
		return 1;
	show_hang(crew, number);
	return -1;
}

/* 1 while somebody works, 0 when all are through, -1 when something is wrong. */
int crew_watch(struct crew *crew, unsigned int patience)
{
	int working = 0, ret;
	unsigned int i;

	for (i = 0; i < CREW; i++) {
		ret = look_at(crew, i, patience);
		if (ret < 0)
			return ret;
		if (!ret && crew->shared->calls < crew->shared->limit) {
			start(crew, i);
			ret = 1;
		}
		working |= ret;
	}
	return working;
}

void crew_kill_one(struct crew *crew)
{
	unsigned int number = (next_random(&crew->fate) >> 33) % CREW;

	if (crew->member[number].pid && !crew->member[number].killed)
		end(crew, number, now_ms(), 0);
}

/* All of them, at whatever they are; 0 or -1. */
int crew_stop(struct crew *crew)
{
	unsigned int i;
	int ret;

	crew->shared->limit = 0;
	for (i = 0; i < CREW; i++)
		if (crew->member[i].pid && !crew->member[i].killed)
			end(crew, i, now_ms(), 0);
	do {
		usleep(10000);
		ret = crew_watch(crew, 0);
	} while (ret > 0);
	return ret;
}
