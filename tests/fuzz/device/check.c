// SPDX-License-Identifier: GPL-2.0
/* What has to be so when all workers are gone. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* More maps than the fuzzer has names for. */
#define MOST_BOUND	64

/* What is only a matter of time may take so many milliseconds. */
#define PATIENCE	120000

int module_load(struct worker *w)
{
	const char *path = getenv("AMFS_KO");
	int fd = open(path ? path : "/run/amfs.ko", O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		fail("%s: %m", path ? path : "AMFS_KO");
	ret = DO(w, CALL_LOAD, syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	if (!ret)
		cover_find_module(w->shared);
	return ret;
}

int module_unload(struct worker *w, unsigned int flags)
{
	return DO(w, CALL_UNLOAD, syscall(SYS_delete_module, "amfs", flags));
}

/* Repeats until it is 0, or not any more a matter of time. */
static int until(int (*what)(struct worker *w), struct worker *w)
{
	uint64_t end = now_ms() + PATIENCE;
	int ret;

	while ((ret = what(w)) && now_ms() < end)
		usleep(50000);
	return ret;
}

/* In the octal of /proc/self/mountinfo. */
static void unescape(char *path)
{
	char *to = path;

	for (; *path; path++) {
		if (*path == '\\' && path[1] && path[2] && path[3]) {
			*to++ = (path[1] & 7) << 6 | (path[2] & 7) << 3 | (path[3] & 7);
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = 0;
}

/* A point, and what is on it; or what a daemon was building when it was killed. */
static int is_theirs(const char *path, const char *base)
{
	size_t len = strlen(base);

	return !strncmp(path, base, len) &&
	       (!strncmp(path + len, "/p", 2) || !strncmp(path + len, "/src/", 5));
}

/* Calls @each with the path of every mount of the workers, and its line. */
static void each_mount(const char *base, void (*each)(const char *path, const char *line))
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char path[4096 * 4];
	char *line = NULL;
	size_t room = 0;

	if (!file)
		fail("mountinfo: %m");
	while (getline(&line, &room, file) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %16383s", path) != 1)
			continue;
		unescape(path);
		if (is_theirs(path, base))
			each(path, line);
	}
	free(line);
	fclose(file);
}

static char *mounted[10000];
static int mounts;

static void note_mount(const char *path, const char *line)
{
	(void)line;
	if (mounts < 10000)
		mounted[mounts++] = strdup(path);
}

/* How many mounts of the workers there are; takes each down that it can. */
static int unmount_all(struct worker *w)
{
	int found;

	each_mount(w->base, note_mount);
	for (found = mounts; mounts-- > 0; free(mounted[mounts]))
		if (mounted[mounts] && umount2(mounted[mounts], UMOUNT_NOFOLLOW))
			errno = 0;	/* what is in the way goes first */
	mounts = 0;
	return found;
}

static void tell_mount(const char *path, const char *line)
{
	int err = umount2(path, UMOUNT_NOFOLLOW) ? errno : 0;

	printf("fuzz-device: left: %s: %s", strerror(err), line);
}

/* Binds those maps of automount points that have no daemon. Returns how many files. */
static int bind_all(struct worker *w, struct pollfd *fds, int count)
{
	struct amfs_list arg = {
		.size = sizeof(arg), .version = AMFS_VERSION, .what = AMFS_LIST_POINTS,
		.buf_len = BUF_SIZE / 2, .buf = (uintptr_t)w->buf,
	};
	struct amfs_bind bind = { .size = sizeof(bind), .version = AMFS_VERSION };
	const struct amfs_info_point *info;
	uint32_t at;

	if (ioctl(fds[0].fd, AMFS_IOC_LIST, &arg))
		fail("list: %m");
	for (at = 0; at < arg.used && count < MOST_BOUND; at += info->size) {
		info = (const struct amfs_info_point *)(w->buf + at);
		if (info->daemon_pid)
			continue;
		memcpy(bind.map, info->map, sizeof(bind.map));
		fds[count].events = POLLIN;
		fds[count].fd = open(AMFS_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		/* Another point of the same map may have come first. */
		if (ioctl(fds[count].fd, AMFS_IOC_BIND, &bind))
			close(fds[count].fd);
		else
			count++;
	}
	return count;
}

/* Answers whatever is asked of any map, until it is killed. */
static void run_refuser(struct worker *w)
{
	struct pollfd fds[MOST_BOUND];
	int count = 1, i;

	if (setpgid(0, 0))
		fail("setpgid: %m");
	give_memory(w);
	fds[0].events = 0;
	fds[0].fd = open(AMFS_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	do {
		count = bind_all(w, fds, count);
		for (i = 1; i < count; i++)
			refuse_all(w, fds[i].fd);
		/* Points come and go: those of namespaces that end, for one. */
	} while (poll(fds + 1, count - 1, 100) >= 0);
	_exit(1);
}

static pid_t run(struct worker *w, void (*what)(struct worker *w))
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork: %m");
	if (!pid) {
		what(w);
		_exit(0);
	}
	return pid;
}

static void take_down(struct worker *w)
{
	int left = until(unmount_all, w);

	if (left) {
		each_mount(w->base, tell_mount);
		fflush(stdout);
	}
	_exit(left ? 1 : 0);
}

/* Its status when it has ended by itself, -1 when it had to be killed. */
static int outcome(pid_t pid)
{
	uint64_t end = now_ms() + PATIENCE + 10000;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now_ms() > end) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		usleep(10000);
	}
	return status;
}

static int try_unload(struct worker *w)
{
	return module_unload(w, O_NONBLOCK);
}

/* Links are names of caches that were merged with others; they stay. */
static int slabs(struct worker *w)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct dirent *entry;
	int found = 0;

	(void)w;
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		found += entry->d_type == DT_DIR && !strncmp(entry->d_name, "amfs", 4);
	closedir(dir);
	return found;
}

static void show(const char *name)
{
	char path[64], text[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/amfs/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	printf("fuzz-device: %s:\n", name);
	while ((len = read(fd, text, sizeof(text))) > 0)
		printf("%.*s", (int)len, text);
	close(fd);
}

/* Everything can be unmounted, the module unloaded, and nothing of it is left. */
int all_gone(struct worker *w)
{
	pid_t refuser = run(w, run_refuser);
	int status = outcome(run(w, take_down)), ret;

	kill(refuser, SIGKILL);
	if (waitpid(refuser, &ret, 0) != refuser || !WIFSIGNALED(ret)) {
		printf("fuzz-device: the daemon at the end died by itself\n");
		return -1;
	}
	if (status) {
		printf("fuzz-device: not everything could be unmounted (%#x)\n", status);
		show("points");
		show("keys");
		show("requests");
		return -1;
	}
	if (until(try_unload, w)) {
		printf("fuzz-device: the module can't be unloaded: %m\n");
		show("points");
		show("keys");
		show("requests");
		return -1;
	}
	ret = until(slabs, w);
	if (ret)
		printf("fuzz-device: %d slabs of amfs are left\n", ret);
	return ret ? -1 : 0;
}

static void run_walk(struct worker *w)
{
	char path[1400];
	int fd;

	snprintf(path, sizeof(path), "%s/p0/k0/hello", w->base);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	_exit(fd < 0 ? errno : 0);
}

/* A daemon that serves; until it mounts: now and then it answers with an error. */
static void run_good(struct worker *w)
{
	struct pool pool;
	int dev;

	if (setpgid(0, 0))
		fail("setpgid: %m");
	pool_init(&pool);
	w->pool = &pool;
	give_memory(w);
	w->spoil = 0;
	dev = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC);
	if (do_bind(w, dev, 0, AMFS_BIND_ADOPT))
		fail("bind: %m");
	while (serve_well(w, dev) >= 0)
		;
	_exit(1);
}

int works_again(struct worker *w)
{
	char point[1400];
	int status, tries = 20;
	pid_t daemon;

	snprintf(point, sizeof(point), "%s/p0", w->base);
	if (DO(w, CALL_MOUNT, mount("m0", point, "amfs", 0, "negative=0"))) {
		printf("fuzz-device: mount: %m\n");
		return -1;
	}
	daemon = run(w, run_good);
	do {
		status = outcome(run(w, run_walk));
	} while (status && --tries);
	kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
	if (status)
		printf("fuzz-device: a walk ends with %#x afterwards\n", status);
	return status ? -1 : all_gone(w) ? -1 : module_load(w);
}
