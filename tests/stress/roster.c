// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: chance, which each has of its own; those who are started, killed, waited
 * for; and who doesn't end by himself.
 */
#include "storm.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds. Shorter than the deadline where nothing may meet it. */
#define LONGEST_WALK 150

static uint64_t chance, first_seed;

/* Each process has its own chance, which the printed seed and its place in the roster decide. */
void chance_begin(uint64_t seed, unsigned int role, unsigned int number, unsigned int life)
{
	if (!first_seed)
		first_seed = seed;
	chance = seed ^ ((uint64_t)role << 56 | (uint64_t)number << 40 | life);
	/* Neighbours shouldn't begin alike: the finisher of splitmix. */
	chance = (chance ^ chance >> 30) * 0xbf58476d1ce4e5b9U;
	chance = (chance ^ chance >> 27) * 0x94d049bb133111ebU;
	chance ^= chance >> 31;
	if (!chance)
		chance = 1;
}

unsigned int pick(unsigned int below)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (chance >> 33) % below;
}

void nap(unsigned int most_us)
{
	usleep(pick(most_us));
}

pid_t start(enum role role, void (*run)(unsigned int number), unsigned int number)
{
	static unsigned int lives[KEEPER + 1][MAX_WALKERS];
	unsigned int life = lives[role][number % MAX_WALKERS]++;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fail("fork: %m");
	if (pid)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		fail("prctl: %m");
	chance_begin(first_seed, role, number, life);
	run(number);
	_exit(0);
}

static void judge(int status, const char *who, int killed)
{
	if (killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	keeper_log();
	fail("%s ended with status %#x", who, status);
}

static void show_file(pid_t pid, const char *name)
{
	char path[64], text[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	f = fopen(path, "re");
	if (!f)
		return;
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = 0;
	fprintf(stderr, "%s:\n%s\n", path, text);
	fclose(f);
}

/* Where its threads sleep, and on what. */
void show_stuck(pid_t pid, const char *who)
{
	char path[64];
	struct dirent *entry;
	DIR *tasks;

	fprintf(stderr, "storm: %s, process %d, doesn't come back\n", who, pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		show_file(atoi(entry->d_name), "stack");
		show_file(atoi(entry->d_name), "syscall");
	}
	if (tasks)
		closedir(tasks);
	amfs_count(AMFS_LIST_REQUESTS, "pending");
}

static bool ended_within(pid_t pid, unsigned int seconds, int *status)
{
	time_t end = time(NULL) + seconds;
	pid_t got;

	while (!(got = waitpid(pid, status, WNOHANG)) && time(NULL) < end)
		usleep(1000);
	if (got < 0)
		fail("waitpid: %m");
	return got == pid;
}

/* It ends in any case, also when it was killed in the middle of something. */
void reap(pid_t pid, const char *who, int killed)
{
	int status;

	if (!ended_within(pid, LONGEST_WALK, &status)) {
		show_stuck(pid, who);
		fail("%s doesn't end", who);
	}
	judge(status, who, killed);
}

/* 1: it has ended, and well. */
int reap_within(pid_t pid, const char *who, unsigned int seconds)
{
	int status;

	if (!ended_within(pid, seconds, &status))
		return 0;
	judge(status, who, 0);
	return 1;
}

/* --- the walkers, and those who get in their way ----------------------------------- */

static struct {
	pid_t pid;
	unsigned long beats;
	time_t since;
} walkers[MAX_WALKERS];

static const struct {
	const char *name;
	enum role role;
	void (*run)(unsigned int number);
	unsigned int number;
} roles[] = {
	{ "expirer", EXPIRER, run_expirer, 0 },
	{ "umounter", UMOUNTER, run_umounter, 0 },
	{ "remounter", REMOUNTER, run_remounter, 0 },
	{ "mounter of rough", MOUNTER, run_mounter, ROUGH },
	{ "mounter of direct", MOUNTER, run_mounter, DIRECT },
	{ "loader of steady", LOADER, run_loader, STEADY },
	{ "loader of rough", LOADER, run_loader, ROUGH },
	{ "loader of direct", LOADER, run_loader, DIRECT },
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

static pid_t role_pids[ROLES];
static unsigned int walker_count;

static void start_walker(unsigned int number)
{
	__atomic_store_n(&shared->ready[number], 0, __ATOMIC_RELEASE);
	walkers[number].since = time(NULL);
	walkers[number].pid = start(WALKER, run_walker, number);
}

void roles_start(unsigned int wanted)
{
	unsigned int i;

	walker_count = wanted;
	for (i = 0; i < ROLES; i++)
		role_pids[i] = start(roles[i].role, roles[i].run, roles[i].number);
	for (i = 0; i < walker_count; i++)
		start_walker(i);
}

static void bother(unsigned int number)
{
	pid_t pid = walkers[number].pid;

	switch (pick(4)) {
	case 0:
		kill(pid, SIGKILL);
		reap(pid, "walker", 1);
		op(OP_WALKER_KILL, 0);
		start_walker(number);
		break;
	case 1:
		op(OP_WALKER_STOP, kill(pid, SIGSTOP) ? errno : 0);
		nap(100000);
		kill(pid, SIGCONT);
		break;
	default:
		op(OP_WALKER_SIGNAL, kill(pid, pick(2) ? SIGUSR1 : SIGUSR2) ? errno : 0);
	}
}

static void look_at(unsigned int number)
{
	unsigned long beats = __atomic_load_n(&shared->beats[number], __ATOMIC_RELAXED);
	int status;

	if (waitpid(walkers[number].pid, &status, WNOHANG)) {
		judge(status, "walker", 0);
		start_walker(number);
		return;
	}
	if (beats != walkers[number].beats) {
		walkers[number].beats = beats;
		walkers[number].since = time(NULL);
	} else if (time(NULL) - walkers[number].since > LONGEST_WALK) {
		show_stuck(walkers[number].pid, "walker");
		keeper_show();
		fail("a walker is asleep for more than %d s", LONGEST_WALK);
	}
}

void walkers_tend(void)
{
	unsigned int number = pick(walker_count), i;

	if (__atomic_load_n(&shared->ready[number], __ATOMIC_ACQUIRE))
		bother(number);
	for (i = 0; i < walker_count; i++)
		look_at(i);
}

/* Everybody has to find his way out; daemons still serve. */
void roles_end(void)
{
	unsigned int i, asleep = 0;

	for (i = 0; i < walker_count; i++) {
		if (reap_within(walkers[i].pid, "walker", LONGEST_WALK))
			continue;
		show_stuck(walkers[i].pid, "walker");
		asleep++;
	}
	for (i = 0; i < ROLES; i++) {
		if (reap_within(role_pids[i], roles[i].name, LONGEST_WALK))
			continue;
		show_stuck(role_pids[i], roles[i].name);
		asleep++;
	}
	if (asleep)
		fail("%u processes are still asleep", asleep);
}
