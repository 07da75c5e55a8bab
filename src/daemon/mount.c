// SPDX-License-Identifier: GPL-2.0
/*
 * Three ways to a detached mount: a clone of a part of the tree (bind), a mount
 * helper's (nfs, cifs, FUSE), or a new one made in process, on a loop device
 * when the source is an image.
 */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "loopdev.h"
#include "map.h"
#include "mount_context.h"
#include "mount_options.h"
#include "stage.h"
#include "tree.h"

static int set_bind_attributes(int fd, const struct amfs_mount_options *options)
{
	struct mount_attr attr = {
		.attr_set = options->attr_set,
		.attr_clr = options->attr_clear,
		/*
		 * By default what is mounted below the source later stays
		 * there: here it would keep the key from ever being idle.
		 */
		.propagation = options->propagation ? options->propagation :
			       MS_PRIVATE,
	};

	return mount_setattr(fd, "", AT_EMPTY_PATH |
			     (options->recursive ? AT_RECURSIVE : 0), &attr,
			     sizeof(attr));
}

static int build_bind(const char *source,
		      const struct amfs_mount_options *options,
		      struct amfs_why *why)
{
	int error;
	int fd;

	if (options->count) {
		amfs_why_set(why, "a bind mount has no option %s",
			     options->list[0].name);
		return -EINVAL;
	}
	fd = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
		       (options->recursive ? AT_RECURSIVE : 0));
	if (fd < 0)
		return -errno;
	if (!set_bind_attributes(fd, options))
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* Types that the kernel lists as "nodev" aren't mounted from a device. */
static bool wants_device(const char *fstype)
{
	char line[256];
	char name[200];
	bool wants = true;
	FILE *file;

	file = fopen("/proc/filesystems", "re");
	if (!file)
		return true;
	while (wants && fgets(line, sizeof(line), file))
		if (sscanf(line, "nodev %199s", name) == 1 &&
		    !strcmp(name, fstype))
			wants = false;
	fclose(file);
	return wants;
}

static bool is_image(const char *fstype, const char *source)
{
	struct stat st;

	return *source == '/' && wants_device(fstype) && !stat(source, &st) &&
	       S_ISREG(st.st_mode);
}

/* The kernel only mounts these from what it may not write to. */
static bool is_read_only_type(const char *fstype)
{
	static const char *const types[] = {
		"squashfs", "iso9660", "erofs", "cramfs", "romfs",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(fstype, types[i]))
			return true;
	return false;
}

static int build_image(const struct amfs_mount_spec *spec,
		       const struct amfs_mount_options *options,
		       struct amfs_why *why)
{
	char device[AMFS_LOOPDEV_PATH];
	int loop;
	int fd;

	loop = amfs_loopdev_attach(spec->source, options, device, why);
	if (loop < 0)
		return loop;
	fd = amfs_mount_context(spec->fstype, device, options, why);
	close(loop);
	return fd;
}

/* In process nothing but "unknown option" would come of these. */
static bool needs_helper(const char *fstype)
{
	return !strcmp(fstype, "nfs") || !strcmp(fstype, "nfs4") ||
	       !strncmp(fstype, "fuse", 4);
}

static int build_new(const struct amfs_mount_spec *spec,
		     struct amfs_mount_options *options, struct amfs_why *why)
{
	if (needs_helper(spec->fstype)) {
		amfs_why_set(why, "there is no /sbin/mount.%s; install the package that has it",
			     spec->fstype);
		return -ENODEV;
	}
	if (is_read_only_type(spec->fstype)) {
		options->read_only = true;
		options->attr_set |= MOUNT_ATTR_RDONLY;
	}
	if (is_image(spec->fstype, spec->source))
		return build_image(spec, options, why);
	return amfs_mount_context(spec->fstype, spec->source, options, why);
}

static bool is_bind(const struct amfs_mount_spec *spec,
		    struct amfs_mount_options *options)
{
	if (!strcmp(spec->fstype, "rbind"))
		options->recursive = true;
	return options->bind || !strcmp(spec->fstype, "bind") ||
	       !strcmp(spec->fstype, "rbind");
}

static int build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		 struct amfs_mount_options *options, struct amfs_why *why)
{
	char program[AMFS_STAGE_PROGRAM];
	bool needs_type;

	if (is_bind(spec, options))
		return build_bind(spec->source, options, why);
	if (amfs_stage_find(spec->fstype, program, &needs_type))
		return amfs_stage_mount(job, program, needs_type, spec, NULL,
					why);
	return build_new(spec, options, why);
}

static bool is_folder(int fd)
{
	struct stat st;

	/* A FUSE filesystem may refuse to tell. */
	return fstatat(fd, "", &st, AT_EMPTY_PATH) || S_ISDIR(st.st_mode);
}

int amfs_mount_build(struct amfs_job *job, const struct amfs_mount_spec *spec,
		     struct amfs_why *why)
{
	struct amfs_mount_options options;
	int fd;

	fd = amfs_mount_options_parse(&options, spec->options, why);
	if (fd)
		return fd;
	fd = build(job, spec, &options, why);
	amfs_mount_options_clear(&options);
	if (fd < 0)
		return fd;
	if (is_folder(fd))
		return spec->nr_offsets ? amfs_tree_build(job, spec, fd, why) : fd;
	close(fd);
	amfs_why_set(why, "only a folder can be mounted here");
	return -ENOTDIR;
}
