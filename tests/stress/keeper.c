// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper of amfsd, which serves the trees: starts it, kills it, ends it, has another
 * one replace it, has it read its map again.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AMFSD_SECONDS 120	/* until it has started or ended, in a slow guest */

static pid_t amfsd;
static const char *amfsd_program;
static char map_file[PATH_MAX], log_file[PATH_MAX];

/* With one line more or less, for the daemon to read again. */
static void write_map(int more)
{
	FILE *f = fopen(map_file, "we");
	char path[PATH_MAX];
	unsigned int i;

	if (!f)
		fail("%s: %m", map_file);
	for (i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];

		if (key->place != TREES || key->kind == ABSENT)
			continue;
		source_path(path, key);
		if (key->kind == PART)
			fprintf(f, " %s -fstype=bind :%s", strchr(key->name, '/'), path);
		else
			fprintf(f, "\n%s -fstype=bind%s :%s", key->name,
				key->kind == TREE ? " /" : "", path);
	}
	fprintf(f, "\n%s", more ? "more -fstype=tmpfs :memory\n" : "");
	if (fclose(f))
		fail("%s: %m", map_file);
}

static void run_amfsd(unsigned int replace)
{
	char map[PATH_MAX + 64];
	int log = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	snprintf(map, sizeof(map), "%s=%s", places[TREES].map, map_file);
	if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
		fail("%s: %m", log_file);
	if (replace)
		execl(amfsd_program, "amfsd", "-f", "--replace", map, (char *)NULL);
	else
		execl(amfsd_program, "amfsd", "-f", map, (char *)NULL);
	fail("%s: %m", amfsd_program);
}

/* What it said last. */
void keeper_log(void)
{
	FILE *f = fopen(log_file, "re");
	char line[1024];

	if (!f)
		return;
	if (!fseek(f, -4000, SEEK_END) && !fgets(line, sizeof(line), f))
		line[0] = 0;
	fputs("storm: the end of amfsd's log:\n", stderr);
	while (fgets(line, sizeof(line), f))
		fprintf(stderr, "  %s", line);
	fclose(f);
}

/* It has ended by itself, as it should when told to; the status is that of ending well. */
static void reap_amfsd(pid_t pid)
{
	if (reap_within(pid, "amfsd", AMFSD_SECONDS))
		return;
	show_stuck(pid, "amfsd");
	keeper_log();
	fail("amfsd didn't end");
}

static void wait_bound(void)
{
	time_t end = time(NULL) + AMFSD_SECONDS;
	int status;

	while (amfs_daemon(places[TREES].map) != amfsd) {
		if (waitpid(amfsd, &status, WNOHANG) || time(NULL) > end) {
			keeper_log();
			fail("amfsd doesn't bind its map");
		}
		usleep(10000);
	}
}

/*
 * Until it has answered whoever asked before it came. A slow machine takes longer to start one
 * than another one lives: walkers would wait for ever.
 */
static void let_serve(void)
{
	time_t since = time(NULL), passed;

	wait_bound();
	do {
		usleep(10000);
		passed = time(NULL) - since;
		if (passed > AMFSD_SECONDS)
			fail("amfsd serves nobody");
	} while (!stopped() && amfs_oldest_ms(TREES) > (uint64_t)passed * 1000);
}

/* What it does when somebody waits for it in vain. */
void keeper_show(void)
{
	show_stuck(amfs_daemon(places[TREES].map), "amfsd");
	keeper_log();
}

static void start_amfsd(int replace)
{
	amfsd = start(DAEMON, run_amfsd, replace);
}

/* At any time, also while it starts. */
static void kill_amfsd(void)
{
	kill(amfsd, SIGKILL);
	reap(amfsd, "amfsd", 1);
	op(OP_AMFSD_KILL, 0);
	start_amfsd(0);
}

static void end_amfsd(void)
{
	wait_bound();
	kill(amfsd, SIGTERM);
	reap_amfsd(amfsd);
	op(OP_AMFSD_END, 0);
	start_amfsd(0);
}

static void replace_amfsd(void)
{
	pid_t old = amfsd;

	wait_bound();
	start_amfsd(1);
	reap_amfsd(old);
	op(OP_AMFSD_REPLACE, 0);
}

static void reload_amfsd(void)
{
	static int more;

	wait_bound();
	more = !more;
	write_map(more);
	op(OP_AMFSD_RELOAD, kill(amfsd, SIGHUP) ? errno : 0);
}

/* In turn, since it takes long to start: chance might leave one out. */
static void change_amfsd(void)
{
	static void (*const ways[])(void) = { kill_amfsd, reload_amfsd, end_amfsd, replace_amfsd };
	static unsigned int turn;

	ways[turn++ % 4]();
}

/* A sanitizer's word. */
static void check_log(void)
{
	FILE *f = fopen(log_file, "re");
	char line[1024];

	if (!f)
		fail("%s: %m", log_file);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "Sanitizer") && !strstr(line, "runtime error"))
			continue;
		keeper_log();
		fail("amfsd: %s", line);
	}
	fclose(f);
}

void keeper_set(const char *program, const char *folder)
{
	amfsd_program = program;
	snprintf(map_file, sizeof(map_file), "%.2000s.map", folder);
	snprintf(log_file, sizeof(log_file), "%.2000s.log", folder);
}

static int over(void)
{
	return __atomic_load_n(&shared->over, __ATOMIC_ACQUIRE);
}

void run_keeper(unsigned int number)
{
	(void)number;
	write_map(0);
	start_amfsd(0);
	while (!stopped()) {
		if (pick(8))
			let_serve();
		nap(1500000);
		change_amfsd();
	}
	/* From now on it stays, until all has been walked to for the last time. */
	wait_bound();
	__atomic_store_n(&shared->kept, 1, __ATOMIC_RELEASE);
	while (!over())
		usleep(10000);
	kill(amfsd, SIGTERM);
	reap_amfsd(amfsd);
	check_log();
	unlink(map_file);
	unlink(log_file);
	_exit(0);
}
