// SPDX-License-Identifier: GPL-2.0
/* The daemon's end of the ABI. */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"
#include "snapshot.h"

/* So much is read at once: some hundred requests. */
#define READ_SIZE	(128 * 1024)

static int open_device(void)
{
	int fd;

	fd = open(AMFS_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		amfs_log(LOG_ERR, "%s isn't there; load the module first: modprobe amfs",
			 AMFS_DEVICE);
		break;
	case EACCES:
	case EPERM:
		amfs_log(LOG_ERR, "%s: %s; amfsd must be started by root",
			 AMFS_DEVICE, strerror(errno));
		break;
	default:
		amfs_log(LOG_ERR, "%s: %s", AMFS_DEVICE, strerror(errno));
		break;
	}
	return -1;
}

static bool set_names(struct amfs_channel *channel, const char *map,
		      const char *file)
{
	channel->name = strdup(map);
	channel->file = strdup(file);
	channel->shown = malloc(AMFS_ESCAPED_SIZE);
	if (!channel->name || !channel->file || !channel->shown) {
		amfs_log(LOG_ERR, "no memory for a map");
		return false;
	}
	amfs_escape(channel->shown, AMFS_ESCAPED_SIZE, map, strlen(map));
	return true;
}

struct amfs_channel *amfs_channel_open(const char *map, const char *file)
{
	struct amfs_channel *channel = calloc(1, sizeof(*channel));

	if (!channel) {
		amfs_log(LOG_ERR, "no memory for a map");
		return NULL;
	}
	channel->fd = -1;
	channel->users = 1;
	if (set_names(channel, map, file) &&
	    !amfs_snapshot_load(channel)) {
		channel->fd = open_device();
		if (channel->fd >= 0)
			return channel;
	}
	amfs_channel_put(channel);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it had one user */
	return NULL;
}

struct amfs_channel *amfs_channel_get(struct amfs_channel *channel)
{
	channel->users++;
	return channel;
}

void amfs_channel_put(struct amfs_channel *channel)
{
	if (--channel->users)
		return;
	if (channel->fd >= 0)
		close(channel->fd);
	amfs_snapshot_drop(channel);
	free(channel->name);
	free(channel->shown);
	free(channel->file);
	free(channel);
}

static void explain_bind(const struct amfs_channel *channel, int error)
{
	switch (error) {
	case EBUSY:
		amfs_log(LOG_ERR, "%s: another amfsd serves this map; stop it, or take the map over with --replace",
			 channel->shown);
		break;
	case EPERM:
		amfs_log(LOG_ERR, "%s: not permitted to serve a map; amfsd needs CAP_SYS_ADMIN",
			 channel->shown);
		break;
	case EPROTO:
		amfs_log(LOG_ERR, "%s: the kernel module speaks another version of the interface; install the amfsd and amfs.ko of one release",
			 channel->shown);
		break;
	default:
		amfs_log(LOG_ERR, "%s: the map can't be served: %s",
			 channel->shown, strerror(error));
		break;
	}
}

int amfs_channel_bind(struct amfs_channel *channel, bool adopt)
{
	struct amfs_bind bind = {
		.size = sizeof(bind),
		.version = AMFS_VERSION,
		.flags = adopt ? AMFS_BIND_ADOPT : 0,
	};
	int error;

	strncpy(bind.map, channel->name, sizeof(bind.map) - 1);
	if (ioctl(channel->fd, AMFS_IOC_BIND, &bind)) {
		error = errno;
		explain_bind(channel, error);
		return -error;
	}
	amfs_log(LOG_INFO, "%s: serving %s; %u automount point%s, %u unanswered request%s",
		 channel->shown, channel->file, bind.points,
		 bind.points == 1 ? "" : "s", bind.again,
		 bind.again == 1 ? "" : "s");
	return 0;
}

/* Return: the record at @at, NULL when it isn't a whole one. */
static const struct amfs_msg *record_at(const char *at, size_t left)
{
	const struct amfs_msg *msg = (const struct amfs_msg *)at;

	if (left < sizeof(*msg) || msg->size < sizeof(*msg) ||
	    msg->size > left || msg->size % 8)
		return NULL;
	if (msg->name_len > AMFS_NAME_LEN ||
	    msg->name_len >= msg->size - sizeof(*msg))
		return NULL;
	return msg;
}

int amfs_channel_read(struct amfs_channel *channel,
		      void (*take)(struct amfs_channel *channel,
				   const struct amfs_msg *msg))
{
	/* Only the main thread reads. */
	static char buffer[READ_SIZE] __attribute__((aligned(8)));
	const struct amfs_msg *msg;
	const char *at;
	const char *end;
	ssize_t n;

	for (;;) {
		n = read(channel->fd, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (!n)
			return 0;
		end = buffer + n;
		for (at = buffer; at < end; at += msg->size) {
			msg = record_at(at, (size_t)(end - at));
			if (!msg)
				return -EPROTO;
			take(channel, msg);
		}
	}
}

bool amfs_channel_lost(const struct amfs_channel *channel)
{
	struct pollfd device = { .fd = channel->fd };

	return poll(&device, 1, 0) == 1 &&
	       device.revents & (POLLHUP | POLLERR);
}

void amfs_channel_release(struct amfs_channel *channel)
{
	struct amfs_release release = {
		.size = sizeof(release),
		.version = AMFS_VERSION,
	};

	if (ioctl(channel->fd, AMFS_IOC_RELEASE, &release) &&
	    errno != ENOTCONN)
		amfs_log(LOG_WARNING, "%s: the map can't be released: %s",
			 channel->shown, strerror(errno));
}

static int target(struct amfs_channel *channel, uint64_t id, unsigned int flags,
		  int mnt_fd, int *fd)
{
	struct amfs_target arg = {
		.size = sizeof(arg),
		.version = AMFS_VERSION,
		.id = id,
		.flags = flags,
		.mnt_fd = mnt_fd,
		.fd = -1,
	};

	if (ioctl(channel->fd, AMFS_IOC_TARGET, &arg))
		return -errno;
	*fd = arg.fd;
	return 0;
}

int amfs_channel_target(struct amfs_channel *channel, uint64_t id, int mnt_fd,
			bool tree)
{
	int fd = -1;
	int error = target(channel, id, tree ? AMFS_TARGET_TREE : 0, mnt_fd, &fd);

	return error ? error : fd;
}

int amfs_channel_take_path(struct amfs_channel *channel, uint64_t id, int mnt_fd)
{
	int unused;

	return target(channel, id, AMFS_TARGET_PATH, mnt_fd, &unused);
}

int amfs_channel_begin_tree(struct amfs_channel *channel, uint64_t id,
			    int root_fd)
{
	int unused;

	return target(channel, id, AMFS_TARGET_TREE, root_fd, &unused);
}

static int done_for(struct amfs_channel *channel, uint64_t id,
		    unsigned int error, int mnt_fd, uint32_t ttl_ms)
{
	struct amfs_done done = {
		.size = sizeof(done),
		.version = AMFS_VERSION,
		.id = id,
		.error = error,
		.mnt_fd = error ? -1 : mnt_fd,
		.ttl_ms = ttl_ms,
	};

	if (ioctl(channel->fd, AMFS_IOC_DONE, &done))
		return -errno;
	return 0;
}

int amfs_channel_done(struct amfs_channel *channel, uint64_t id,
		      unsigned int error, int mnt_fd)
{
	return done_for(channel, id, error, mnt_fd, AMFS_MS_DEFAULT);
}

int amfs_channel_failed_once(struct amfs_channel *channel, uint64_t id,
			     unsigned int error)
{
	return done_for(channel, id, error, -1, 0);
}

int amfs_channel_mounted(struct amfs_channel *channel, uint64_t id, int mnt_fd,
			 int attach_fd, const char *source)
{
	struct amfs_done done = {
		.size = sizeof(done),
		.version = AMFS_VERSION,
		.id = id,
		.mnt_fd = mnt_fd,
		.source = (uintptr_t)source,
	};

	if (attach_fd != -1) {
		done.flags = AMFS_DONE_ATTACH;
		done.attach_fd = attach_fd;
	}
	if (ioctl(channel->fd, AMFS_IOC_DONE, &done))
		return -errno;
	return 0;
}
