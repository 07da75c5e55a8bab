// SPDX-License-Identifier: GPL-2.0
/*
 * Who serves what, and how that changes: daemons are killed, replaced, and for a while
 * there is none. The trees are amfsd's.
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

static struct {
	pid_t pid;	/* 0: there is none */
	time_t next;	/* then there will be one */
} daemons[PLACES];

static const char *amfsd_program;
static char map_file[PATH_MAX], log_file[PATH_MAX];

/* --- ours ------------------------------------------------------------------------- */

static void end_daemon(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid, "daemon", 1);
	op(OP_DAEMON_KILL, 0);
}

/* Now the old daemon dies first, now the new one takes its map away from it. */
static void change(enum place_id place)
{
	pid_t old = daemons[place].pid;

	if (old && !pick(3)) {
		daemons[place].pid = start(DAEMON, run_daemon, place | ADOPTING);
		nap(50000);
		end_daemon(old);
		return;
	}
	if (old)
		end_daemon(old);
	daemons[place].pid = 0;
	if (places[place].rough && !pick(3))
		daemons[place].next = time(NULL) + 1 + pick(3);
	else
		daemons[place].pid = start(DAEMON, run_daemon, place);
}

/* --- amfsd ------------------------------------------------------------------------- */

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

static void show_log(void)
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
	fail("amfsd didn't end");
}

static void wait_bound(pid_t pid)
{
	time_t end = time(NULL) + AMFSD_SECONDS;
	int status;

	while (amfs_daemon(places[TREES].map) != pid) {
		if (waitpid(pid, &status, WNOHANG) || time(NULL) > end) {
			show_log();
			fail("amfsd doesn't bind its map");
		}
		usleep(10000);
	}
}

static pid_t start_amfsd(int replace)
{
	return start(DAEMON, run_amfsd, replace);
}

static void kill_amfsd(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid, "amfsd", 1);
	op(OP_AMFSD_KILL, 0);
	daemons[TREES].pid = start_amfsd(0);
}

static void end_amfsd(pid_t pid)
{
	wait_bound(pid);
	kill(pid, SIGTERM);
	reap_amfsd(pid);
	op(OP_AMFSD_END, 0);
	daemons[TREES].pid = start_amfsd(0);
}

static void replace_amfsd(pid_t pid)
{
	wait_bound(pid);
	daemons[TREES].pid = start_amfsd(1);
	reap_amfsd(pid);
	op(OP_AMFSD_REPLACE, 0);
}

static void reload_amfsd(pid_t pid)
{
	static int more;

	wait_bound(pid);
	more = !more;
	write_map(more);
	op(OP_AMFSD_RELOAD, kill(pid, SIGHUP) ? errno : 0);
}

/*
 * In turn, since it takes long to start: chance might leave one out. Killed it may be at
 * any time, also while it starts.
 */
static void change_amfsd(void)
{
	static void (*const ways[])(pid_t pid) = {
		end_amfsd, replace_amfsd, reload_amfsd, kill_amfsd,
	};
	static unsigned int turn;

	if (pick(6))
		ways[turn++ % 4](daemons[TREES].pid);
	else
		kill_amfsd(daemons[TREES].pid);
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
		show_log();
		fail("amfsd: %s", line);
	}
	fclose(f);
}

/* --- all ---------------------------------------------------------------------------- */

void daemons_start(const char *amfsd, const char *folder)
{
	enum place_id place;

	amfsd_program = amfsd;
	snprintf(map_file, sizeof(map_file), "%.2000s.map", folder);
	snprintf(log_file, sizeof(log_file), "%.2000s.log", folder);
	write_map(0);
	for (place = 0; place < TREES; place++)
		daemons[place].pid = start(DAEMON, run_daemon, place);
	daemons[TREES].pid = start_amfsd(0);
}

/* One of them ends by itself when it finds, after a release, that another has come. */
static void look_after(enum place_id place)
{
	int status;

	if (daemons[place].pid && waitpid(daemons[place].pid, &status, WNOHANG)) {
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			show_log();
			fail("the daemon of %s ended with status %#x", places[place].name, status);
		}
		daemons[place].pid = 0;
		daemons[place].next = 0;
	}
	if (!daemons[place].pid && time(NULL) >= daemons[place].next)
		daemons[place].pid = place == TREES ? start_amfsd(0) :
						      start(DAEMON, run_daemon, place);
}

void daemons_tend(void)
{
	enum place_id place;

	for (place = 0; place < PLACES; place++)
		look_after(place);
	place = pick(PLACES);
	if (place == TREES)
		change_amfsd();
	else if (daemons[place].pid)
		change(place);
}

/* From now on each has one that stays. */
void daemons_calm(void)
{
	enum place_id place;

	for (place = 0; place < PLACES; place++) {
		daemons[place].next = 0;
		look_after(place);
	}
	wait_bound(daemons[TREES].pid);
}

void daemons_end(void)
{
	enum place_id place;

	for (place = 0; place < TREES; place++)
		end_daemon(daemons[place].pid);
	kill(daemons[TREES].pid, SIGTERM);
	reap_amfsd(daemons[TREES].pid);
	check_log();
	unlink(map_file);
	unlink(log_file);
}
