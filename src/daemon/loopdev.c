// SPDX-License-Identifier: GPL-2.0
/*
 * Loop devices. Which one is free, or shows an image already, is only known
 * for as long as nobody else looks: one lock keeps this daemon's threads apart,
 * and against other programs there is EBUSY from LOOP_CONFIGURE and a new try.
 */
#include "loopdev.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mount_options.h"

/* How often another program may be faster before we give up. */
#define TRIES	64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What is to be shown, or is. */
struct image {
	int fd;
	dev_t dev;
	ino_t ino;
	uint64_t offset;
	uint64_t size;
	bool read_only;
};

static bool same_range(const struct image *image,
		       const struct loop_info64 *info)
{
	return image->offset == info->lo_offset &&
	       image->size == info->lo_sizelimit;
}

static bool overlaps(const struct image *image, const struct loop_info64 *info)
{
	uint64_t end = image->size ? image->offset + image->size : UINT64_MAX;
	uint64_t other = info->lo_sizelimit ?
			 info->lo_offset + info->lo_sizelimit : UINT64_MAX;

	return image->offset < other && info->lo_offset < end;
}

/*
 * Return: a descriptor of the device when it shows @image; -ENOENT when it is
 * another's; -EBUSY when it shows the image in a way that can't be shared.
 */
static int share_if_same(const char *path, const struct image *image)
{
	struct loop_info64 info;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	/* While fd is open the device can't free itself any more. */
	if (ioctl(fd, LOOP_GET_STATUS64, &info) ||
	    info.lo_inode != image->ino ||
	    makedev(major(info.lo_device), minor(info.lo_device)) !=
	    image->dev || !overlaps(image, &info)) {
		close(fd);
		return -ENOENT;
	}
	if (same_range(image, &info) &&
	    (image->read_only || !(info.lo_flags & LO_FLAGS_READ_ONLY)))
		return fd;
	close(fd);
	/* Two readers of different parts don't disturb each other. */
	return image->read_only && (info.lo_flags & LO_FLAGS_READ_ONLY) ?
	       -ENOENT : -EBUSY;
}

/* Loop devices that are in use have a folder "loop" in sysfs. */
static int find_shared(const struct image *image,
		       char path[AMFS_LOOPDEV_PATH])
{
	struct dirent *entry;
	char probe[64];
	int found = -ENOENT;
	int number;
	int len;
	DIR *dir;

	dir = opendir("/sys/block");
	if (!dir)
		return -ENOENT;
	while (found == -ENOENT && (entry = readdir(dir))) {
		/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
		if (sscanf(entry->d_name, "loop%d%n", &number, &len) != 1 ||
		    entry->d_name[len])
			continue;
		snprintf(probe, sizeof(probe), "/sys/block/loop%d/loop",
			 number);
		if (access(probe, F_OK))
			continue;
		snprintf(path, AMFS_LOOPDEV_PATH, "/dev/loop%d", number);
		found = share_if_same(path, image);
	}
	closedir(dir);
	return found;
}

static int configure(const char *path, const struct image *image)
{
	struct loop_config config = {
		.fd = (uint32_t)image->fd,
		.info.lo_offset = image->offset,
		.info.lo_sizelimit = image->size,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR |
				 (image->read_only ? LO_FLAGS_READ_ONLY : 0),
	};
	int error;
	int fd;

	fd = open(path, (image->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, LOOP_CONFIGURE, &config))
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static int attach_new(const struct image *image, char path[AMFS_LOOPDEV_PATH],
		      struct amfs_why *why)
{
	int control;
	int number;
	int tries;
	int fd = -EBUSY;

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0) {
		fd = -errno;
		amfs_why_set(why, "/dev/loop-control can't be opened; is the kernel module loop there?");
		return fd;
	}
	for (tries = 0; tries < TRIES && fd == -EBUSY; tries++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0) {
			fd = -errno;
			break;
		}
		snprintf(path, AMFS_LOOPDEV_PATH, "/dev/loop%d", number);
		fd = configure(path, image);
	}
	close(control);
	if (fd < 0)
		amfs_why_set(why, "no loop device could be set up");
	return fd;
}

static int open_image(struct image *image, const char *path,
		      struct amfs_why *why)
{
	struct stat st;
	int error;

	image->fd = open(path, (image->read_only ? O_RDONLY : O_RDWR) |
			 O_CLOEXEC);
	if (image->fd < 0) {
		error = errno;
		amfs_why_set(why, "the image can't be opened for %s",
			     image->read_only ? "reading" :
			     "writing (-ro would do without)");
		return -error;
	}
	if (fstat(image->fd, &st)) {
		error = errno;
		close(image->fd);
		return -error;
	}
	image->dev = st.st_dev;
	image->ino = st.st_ino;
	return 0;
}

int amfs_loopdev_attach(const char *image_path,
			const struct amfs_mount_options *options,
			char path[AMFS_LOOPDEV_PATH], struct amfs_why *why)
{
	struct image image = {
		.offset = options->loop_offset,
		.size = options->loop_size,
		.read_only = options->read_only,
	};
	int fd;

	fd = open_image(&image, image_path, why);
	if (fd)
		return fd;
	pthread_mutex_lock(&lock);
	fd = find_shared(&image, path);
	if (fd == -EBUSY)
		amfs_why_set(why, "%s shows the image already, but read-only or another part of it",
			     path);
	if (fd == -ENOENT)
		fd = attach_new(&image, path, why);
	pthread_mutex_unlock(&lock);
	close(image.fd);
	return fd;
}
