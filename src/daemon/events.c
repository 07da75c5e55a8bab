// SPDX-License-Identifier: GPL-2.0
/* Nothing here may take long: the workers do that. */
#include "events.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/sysmacros.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "attach.h"
#include "channel.h"
#include "log.h"
#include "point.h"
#include "pool.h"
#include "snapshot.h"

/**
 * struct loop - what the main thread watches (owner only)
 * @epoll: the channels and @signals
 * @signals: signalfd
 * @channels: NULL where one was lost
 * @count: entries in @channels
 * @left: of these, still served
 * @stop: a signal said so
 */
struct loop {
	int epoll;
	int signals;
	struct amfs_channel **channels;
	size_t count;
	size_t left;
	bool stop;
};

/* What stands for the signalfd among the indices of channels. */
#define SIGNALS	UINT64_MAX

static void fill_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

int amfs_events_block_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	if (!sigprocmask(SIG_BLOCK, &set, NULL) &&
	    signal(SIGPIPE, SIG_IGN) != SIG_ERR)
		return 0;
	amfs_log(LOG_ERR, "signals: %s", strerror(errno));
	return -errno;
}

static void refuse(struct amfs_channel *channel, const struct amfs_msg *msg,
		   int error)
{
	amfs_log(LOG_ERR, "%s: a request can't be served: %s", channel->shown,
		 strerror(-error));
	error = amfs_channel_done(channel, msg->id, (unsigned int)-error, -1);
	if (error)
		amfs_log(LOG_ERR, "%s: nor answered: %s", channel->shown,
			 strerror(-error));
}

static void take_point(struct amfs_channel *channel, const struct amfs_msg *msg)
{
	amfs_point_forget(makedev(msg->dev_major, msg->dev_minor));
	amfs_log(LOG_INFO, "%s: automount point %u:%u is %s", channel->shown,
		 msg->dev_major, msg->dev_minor,
		 msg->kind == AMFS_MSG_POINT_UP ? "there" : "gone");
}

static void take(struct amfs_channel *channel, const struct amfs_msg *msg)
{
	int error;

	switch (msg->kind) {
	case AMFS_MSG_MOUNT:
	case AMFS_MSG_EXPIRE:
		error = amfs_pool_add(channel, msg);
		if (error)
			refuse(channel, msg, error);
		break;
	case AMFS_MSG_CANCEL:
		amfs_pool_cancel(channel, msg->id);
		break;
	case AMFS_MSG_POINT_UP:
	case AMFS_MSG_POINT_GONE:
		take_point(channel, msg);
		break;
	default:
		/* A later kernel may say more. */
		break;
	}
}

static void lose(struct loop *loop, size_t i, int error)
{
	struct amfs_channel *channel = loop->channels[i];

	if (error == -ENOTCONN)
		amfs_log(LOG_NOTICE, "%s: another amfsd has taken the map over",
			 channel->shown);
	else
		amfs_log(LOG_ERR, "%s: not served any more: %s",
			 channel->shown, strerror(-error));
	if (epoll_ctl(loop->epoll, EPOLL_CTL_DEL, channel->fd, NULL))
		amfs_log(LOG_ERR, "epoll: %s", strerror(errno));
	loop->channels[i] = NULL;
	loop->left--;
	/* Its jobs keep the file open until they hear of it themselves. */
	amfs_channel_put(channel);
}

static void on_channel(struct loop *loop, size_t i, uint32_t events)
{
	int error;

	/* An event that epoll had ready when the channel was lost. */
	if (!loop->channels[i])
		return;
	error = amfs_channel_read(loop->channels[i], take);
	if (!error && (events & (EPOLLHUP | EPOLLERR)))
		error = -ENOTCONN;
	if (error)
		lose(loop, i, error);
}

static void reload(struct loop *loop)
{
	size_t i;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)amfs_clock_ms() * 1000);
	for (i = 0; i < loop->count; i++)
		if (loop->channels[i] &&
		    !amfs_snapshot_load(loop->channels[i]))
			amfs_log(LOG_INFO, "%s: read %s again",
				 loop->channels[i]->shown,
				 loop->channels[i]->file);
	sd_notify(0, "READY=1");
}

static void on_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		reload(loop);
		return;
	}
	amfs_log(LOG_INFO, "stopping; what is mounted stays mounted");
	sd_notify(0, "STOPPING=1");
	loop->stop = true;
}

static int watch(struct loop *loop, int fd, uint64_t tag)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = tag,
	};

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int watch_all(struct loop *loop)
{
	sigset_t set;
	int error;
	size_t i;

	fill_signals(&set);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->epoll < 0 || loop->signals < 0)
		return -errno;
	error = watch(loop, loop->signals, SIGNALS);
	for (i = 0; i < loop->count && !error; i++)
		error = watch(loop, loop->channels[i]->fd, i);
	return error;
}

static int serve(struct loop *loop)
{
	struct epoll_event events[16];
	int n;
	int i;

	while (!loop->stop && loop->left) {
		n = epoll_wait(loop->epoll, events,
			       sizeof(events) / sizeof(events[0]), -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < n; i++) {
			if (events[i].data.u64 == SIGNALS)
				on_signal(loop);
			else
				on_channel(loop, events[i].data.u64,
					   events[i].events);
		}
	}
	return 0;
}

static void release_all(struct loop *loop)
{
	size_t i;

	if (loop->left)
		amfs_attach_stop();
	for (i = 0; i < loop->count; i++) {
		if (!loop->channels[i])
			continue;
		amfs_channel_release(loop->channels[i]);
		amfs_channel_put(loop->channels[i]);
	}
}

int amfs_events_run(struct amfs_channel **channels, size_t count)
{
	struct loop loop = {
		.epoll = -1,
		.signals = -1,
		.channels = channels,
		.count = count,
		.left = count,
	};
	int error;

	error = watch_all(&loop);
	if (!error) {
		sd_notify(0, "READY=1");
		error = serve(&loop);
	}
	if (error)
		amfs_log(LOG_ERR, "the main loop ended: %s", strerror(-error));
	release_all(&loop);
	if (loop.signals >= 0)
		close(loop.signals);
	if (loop.epoll >= 0)
		close(loop.epoll);
	return error;
}
