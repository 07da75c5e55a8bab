// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of a guest of scripts/vm, static, alone in the initramfs.
 *
 * It mounts the host's root (9p, read-only) under a tmpfs overlay, moves
 * there, loads amfs.ko, runs one command and reports through a virtio-serial
 * port, not through the console: whatever happens to the console, a status
 * that didn't arrive can't be taken for success.
 *
 * The report is a stream of frames: one byte of type, four of length (little
 * endian), then so many bytes.
 *
 *	R	the command starts now
 *	o e	a piece of its standard output, of its standard error
 *	L	the text of kmemleak after two scans
 *	F	the guest couldn't be set up: why
 *	S	the command's exit status, in digits; always the last frame
 *
 * The host sends single bytes: W asks for the state of all stuck tasks in the
 * kernel log, A says that the last frame was read and the guest may go.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT_NAME "amfs.report"
#define MAX_WORDS 4096

/* Output of what the command left behind is waited for so long, no longer. */
#define DRAIN_MS 300

static int port = -1;

/* ---- reporting ---------------------------------------------------------- */

static void put_all(const char *data, size_t size)
{
	while (size) {
		ssize_t done = write(port, data, size);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (done > 0) {
			data += done;
			size -= done;
		}
	}
}

static void report(char type, const char *data, size_t size)
{
	char frame[5 + 16384];

	do {
		uint32_t part = size < 16384 ? size : 16384;

		frame[0] = type;
		memcpy(frame + 1, &part, sizeof(part));
		memcpy(frame + 5, data, part);
		put_all(frame, 5 + part);
		data += part;
		size -= part;
	} while (size);
}

static void report_status(int status)
{
	char text[16];

	report('S', text, snprintf(text, sizeof(text), "%d", status));
}

static _Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* The last frame must be read before the machine goes, or it may get lost. */
static void wait_for_ack(void)
{
	struct pollfd p = { .fd = port, .events = POLLIN };
	char byte;

	while (poll(&p, 1, 10000) == 1)
		if (read(port, &byte, 1) != 1 || byte == 'A')
			return;
}

static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	char text[512];
	int size;
	va_list args;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(STDERR_FILENO, "vm init: %s\n", text);
	if (port >= 0) {
		report('F', text, size);
		wait_for_ack();
	}
	power_off();
}

/* ---- small helpers ------------------------------------------------------ */

static void make_dirs(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0755);
		*slash = '/';
	}
	mkdir(part, 0755);
}

static void mount_at(const char *type, const char *source, const char *where,
		     unsigned long flags, const char *options)
{
	make_dirs(where);
	if (mount(source, where, type, flags, options))
		fail("cannot mount %s at %s: %s", type, where, strerror(errno));
}

static bool try_mount(const char *type, const char *where)
{
	return !access(where, F_OK) && !mount(type, where, type, 0, NULL);
}

static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A whole file with a 0 behind it; the caller keeps it for ever. */
static char *get_file(const char *path, size_t *size)
{
	size_t room = 65536, used = 0;
	char *data = malloc(room + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t part;

	if (fd < 0 || !data) {
		free(data);
		return NULL;
	}
	while ((part = read(fd, data + used, room - used)) > 0) {
		used += part;
		if (used == room) {
			room *= 2;
			data = realloc(data, room + 1);
			if (!data)
				fail("no memory for %s", path);
		}
	}
	close(fd);
	data[used] = '\0';
	if (size)
		*size = used;
	return data;
}

/* The words of a file in which a 0 ends each. */
static char **get_words(const char *path)
{
	static char *none[] = { NULL };
	size_t size, n = 0;
	char *data = get_file(path, &size);
	char **words = calloc(MAX_WORDS + 1, sizeof(*words));

	if (!data || !words)
		return none;
	for (char *word = data; word < data + size && n < MAX_WORDS; word += strlen(word) + 1)
		words[n++] = word;
	return words;
}

/* The value of a word "name=value" of the settings, or NULL. */
static const char *setting(const char *name)
{
	static char **settings;

	if (!settings)
		settings = get_words("/vm/settings");
	for (char **s = settings; *s; s++)
		if (!strncmp(*s, name, strlen(name)) && (*s)[strlen(name)] == '=')
			return *s + strlen(name) + 1;
	return NULL;
}

/* ---- setting up --------------------------------------------------------- */

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fail("cannot load %s: %s (see the console log)", path, strerror(errno));
	close(fd);
}

/* The modules that the flavour needs to get at its root, in that order. */
static void load_boot_modules(void)
{
	for (char **module = get_words("/modules/order"); *module; module++)
		load_module(*module);
}

static bool open_port_once(void)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;

	while (port < 0 && dir && (entry = readdir(dir))) {
		char path[PATH_MAX], *name;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		name = get_file(path, NULL);
		if (name && !strncmp(name, PORT_NAME, strlen(PORT_NAME))) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			port = open(path, O_RDWR | O_CLOEXEC);
		}
		free(name);
	}
	if (dir)
		closedir(dir);
	return port >= 0;
}

/* The port's name arrives in a message of the host's, after the device. */
static void open_port(void)
{
	struct timespec tick = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; i < 1000; i++) {
		if (open_port_once())
			return;
		nanosleep(&tick, NULL);
	}
	fail("the port %s did not appear", PORT_NAME);
}

static void mount_root(void)
{
	mount_at("9p", "root", "/lower", MS_RDONLY,
		 "trans=virtio,version=9p2000.L,cache=loose,msize=512000,access=any");
	mount_at("tmpfs", "rw", "/rw", 0, "mode=755,size=60%");
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	mount_at("overlay", "overlay", "/root", 0, "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
}

/*
 * Folders of the host that lie below one of the guest's own tmpfs, such as a
 * checkout in /tmp, are taken hold of before and put back afterwards.
 */
static int hold(const char *path)
{
	char below[PATH_MAX];

	snprintf(below, sizeof(below), "/root%s", path);
	return syscall(SYS_open_tree, AT_FDCWD, below, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static void put_back(int tree, const char *path)
{
	char below[PATH_MAX];

	snprintf(below, sizeof(below), "/root%s", path);
	make_dirs(below);
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, below, MOVE_MOUNT_F_EMPTY_PATH))
		fail("cannot put %s in its place: %s", path, strerror(errno));
	close(tree);
}

static void mount_own(void)
{
	mount_at("tmpfs", "tmpfs", "/root/run", 0, "mode=755");
	mount_at("tmpfs", "tmpfs", "/root/tmp", 0, "mode=1777");
	mount_at("tmpfs", "tmpfs", "/root/var/tmp", 0, "mode=1777");
	mount_at("tmpfs", "tmpfs", "/root/var/lib/nfs", 0, "mode=755");
	make_dirs("/root/var/lib/nfs/v4recovery");
	make_dirs("/root/var/lib/nfs/sm");
	make_dirs("/root/var/lib/nfs/sm.bak");
	put_file("/root/var/lib/nfs/etab", "");
	put_file("/root/var/lib/nfs/rmtab", "");
	make_dirs("/root/run/lock");
	mount_at("proc", "proc", "/root/proc", 0, NULL);
	mount_at("sysfs", "sysfs", "/root/sys", 0, NULL);
	mount_at("devtmpfs", "dev", "/root/dev", 0, "mode=755");
	mount_at("devpts", "devpts", "/root/dev/pts", 0, "mode=620,gid=5,ptmxmode=666");
	mount_at("tmpfs", "shm", "/root/dev/shm", 0, "mode=1777");
	try_mount("debugfs", "/root/sys/kernel/debug");
	try_mount("tracefs", "/root/sys/kernel/tracing");
	try_mount("cgroup2", "/root/sys/fs/cgroup");
	symlink("/proc/self/fd", "/root/dev/fd");
	symlink("/proc/self/fd/0", "/root/dev/stdin");
	symlink("/proc/self/fd/1", "/root/dev/stdout");
	symlink("/proc/self/fd/2", "/root/dev/stderr");
}

static void mount_kernel_modules(void)
{
	const char *release = setting("release"), *modules = setting("modules");
	char from[PATH_MAX], to[PATH_MAX];

	if (!release || !modules)
		return;
	snprintf(from, sizeof(from), "/root%s", modules);
	snprintf(to, sizeof(to), "/root/lib/modules/%s", release);
	make_dirs(to);
	if (mount(from, to, NULL, MS_BIND, NULL))
		fail("cannot bind %s: %s", from, strerror(errno));
}

/*
 * Nodes whose first opening loads the module behind them, such as
 * /dev/loop-control; on a machine udev makes them from this very file. Its
 * lines read "module node c10:237".
 */
static void make_static_nodes(void)
{
	char path[PATH_MAX], node[NAME_MAX], kind;
	unsigned int major, minor;
	char *line, *next;

	snprintf(path, sizeof(path), "/root/lib/modules/%s/modules.devname", setting("release") ?: "");
	for (line = get_file(path, NULL); line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (sscanf(line, "%*s %254s %c%u:%u", node, &kind, &major, &minor) != 4)
			continue;
		snprintf(path, sizeof(path), "/root/dev/%s", node);
		mknod(path, (kind == 'b' ? S_IFBLK : S_IFCHR) | 0600, makedev(major, minor));
	}
}

static void mount_share(void)
{
	if (setting("share"))
		mount_at("9p", "share", "/root/mnt/share", 0,
			 "trans=virtio,version=9p2000.L,cache=none,msize=512000,access=any");
}

static void enter_root(void)
{
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		fail("cannot move to the new root: %s", strerror(errno));
	/* as on a machine that systemd runs */
	mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL);
}

static void set_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		fail("cannot set lo up: %s", strerror(errno));
	close(fd);
}

/* Left where the command can find it, for cases that load it again. */
static void load_amfs(void)
{
	size_t size;
	char *module = get_file("/vm/amfs.ko", &size);
	int fd;

	if (!module)
		return;
	fd = open("/root/run/amfs.ko", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, module, size) != (ssize_t)size)
		fail("cannot keep amfs.ko: %s", strerror(errno));
	close(fd);
	free(module);
	load_module("/root/run/amfs.ko");
}

static void set_up(void)
{
	const char *top;
	int modules, checkout;

	umask(022);
	mount_at("proc", "proc", "/proc", 0, NULL);
	mount_at("sysfs", "sysfs", "/sys", 0, NULL);
	mount_at("devtmpfs", "dev", "/dev", 0, NULL);
	load_boot_modules();
	open_port();
	mount_root();
	top = setting("top");
	checkout = top ? hold(top) : -1;
	modules = setting("modules") ? hold(setting("modules")) : -1;
	mount_own();
	if (checkout >= 0)
		put_back(checkout, top);
	if (modules >= 0)
		put_back(modules, setting("modules"));
	mount_kernel_modules();
	make_static_nodes();
	mount_share();
	set_up_loopback();
	sethostname("amfs-vm", 7);
	load_amfs();
}

/* ---- the command -------------------------------------------------------- */

struct command {
	pid_t pid;
	int out, err;		/* our ends of its pipes, -1 once at the end */
	int status;		/* -1 while it runs */
};

static _Noreturn void become(char **argv, char **env, const char *cwd, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (cwd && chdir(cwd)) {
		dprintf(STDERR_FILENO, "vm: cannot enter %s: %s\n", cwd, strerror(errno));
		_exit(127);
	}
	environ = env;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "vm: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void start(struct command *c, char **argv, char **env, const char *cwd)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("no pipe: %s", strerror(errno));
	c->status = -1;
	c->out = out[0];
	c->err = err[0];
	c->pid = fork();
	if (c->pid < 0)
		fail("no process: %s", strerror(errno));
	if (!c->pid)
		become(argv, env, cwd, out[1], err[1]);
	close(out[1]);
	close(err[1]);
}

/* Everybody's orphans end here; only the command's own status counts. */
static void reap(struct command *c)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == c->pid)
			c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void relay(int *from, char type)
{
	char data[16384];
	ssize_t size = read(*from, data, sizeof(data));

	if (size > 0) {
		report(type, data, size);
	} else if (size == 0 || errno != EINTR) {
		close(*from);
		*from = -1;
	}
}

static void obey_host(void)
{
	char byte;

	if (read(port, &byte, 1) == 1 && byte == 'W') {
		put_file("/proc/sysrq-trigger", "w");
		put_file("/proc/sysrq-trigger", "l");
	}
}

/* Until the command has ended and nothing more comes out of its pipes. */
static int watch(struct command *c, int signals)
{
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd p[] = {
			{ .fd = c->out, .events = POLLIN },
			{ .fd = c->err, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = port, .events = POLLIN },
		};
		int n = poll(p, 4, c->status < 0 ? -1 : DRAIN_MS);

		if (p[0].revents)
			relay(&c->out, 'o');
		if (p[1].revents)
			relay(&c->err, 'e');
		if (p[2].revents && read(signals, &info, sizeof(info)) > 0)
			reap(c);
		if (p[3].revents & POLLIN)
			obey_host();
		if (c->status >= 0 && (n == 0 || (c->out < 0 && c->err < 0)))
			return c->status;
	}
}

/* An object counts as leaked when two scans in a row found no pointer to it. */
static void report_leaks(void)
{
	static const char file[] = "/sys/kernel/debug/kmemleak";
	size_t size;
	char *text;

	if (!put_file(file, "scan") || !put_file(file, "scan"))
		fail("--leaks needs a kernel with kmemleak: use --kernel debug");
	text = get_file(file, &size);
	if (text)
		report('L', text, size);
}

static int run(char **argv, char **env)
{
	struct command c;
	sigset_t child;
	int signals;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	report('R', "", 0);
	start(&c, argv, env, setting("cwd"));
	return watch(&c, signals);
}

int main(void)
{
	/* read before the way back to the initramfs is gone */
	char **argv = get_words("/vm/argv"), **env = get_words("/vm/env");
	int status = 0;

	set_up();
	enter_root();
	/* without a command it was only to be found out whether a guest boots */
	if (argv[0])
		status = run(argv, env);
	if (setting("leaks"))
		report_leaks();
	sync();
	report_status(status);
	wait_for_ack();
	power_off();
}
