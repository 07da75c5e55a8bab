// SPDX-License-Identifier: GPL-2.0
/*
 * Mount options: one table, read by the parser and by /proc/mounts. To add an
 * option, add a field to struct amfs_options (amfs.h), a line to the table, its
 * name to KNOWN below it, and a line to amfs_options_change().
 */
#include "amfs.h"

#include <linux/capability.h>
#include <linux/fs_context.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "core/proto.h"

#define DEFAULT_TIMEOUT		300
#define DEFAULT_DEADLINE	60
#define DEFAULT_GRACE		30
#define DEFAULT_NEGATIVE	60
#define DEFAULT_MODE		0755

/**
 * struct option - one mount option
 * @name: as in name=value.
 * @want: what a value has to be, for people.
 * @parse: take it; 0 or -EINVAL.
 * @show: print the value; NULL when it is shown only if it is set.
 */
struct option {
	const char *name;
	const char *want;
	int (*parse)(struct amfs_options *opt, const char *value);
	void (*show)(struct seq_file *m, const struct amfs_options *opt);
};

static int parse_seconds(u32 *seconds, const char *value)
{
	return kstrtou32(value, 10, seconds) ? -EINVAL : 0;
}

static int parse_timeout(struct amfs_options *opt, const char *value)
{
	return parse_seconds(&opt->timeout, value);
}

static void show_timeout(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", opt->timeout);
}

static int parse_deadline(struct amfs_options *opt, const char *value)
{
	return parse_seconds(&opt->deadline, value);
}

static void show_deadline(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", opt->deadline);
}

static int parse_grace(struct amfs_options *opt, const char *value)
{
	return parse_seconds(&opt->grace, value);
}

static void show_grace(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", opt->grace);
}

static int parse_negative(struct amfs_options *opt, const char *value)
{
	return parse_seconds(&opt->negative, value);
}

static void show_negative(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", opt->negative);
}

static int parse_uid(struct amfs_options *opt, const char *value)
{
	u32 id;

	if (kstrtou32(value, 10, &id))
		return -EINVAL;
	opt->uid = make_kuid(current_user_ns(), id);
	return uid_valid(opt->uid) ? 0 : -EINVAL;
}

static void show_uid(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", from_kuid_munged(&init_user_ns, opt->uid));
}

static int parse_gid(struct amfs_options *opt, const char *value)
{
	u32 id;

	if (kstrtou32(value, 10, &id))
		return -EINVAL;
	opt->gid = make_kgid(current_user_ns(), id);
	return gid_valid(opt->gid) ? 0 : -EINVAL;
}

static void show_gid(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%u", from_kgid_munged(&init_user_ns, opt->gid));
}

static int parse_mode(struct amfs_options *opt, const char *value)
{
	u16 mode;

	if (kstrtou16(value, 8, &mode) || mode & ~07777)
		return -EINVAL;
	opt->mode = mode;
	return 0;
}

static void show_mode(struct seq_file *m, const struct amfs_options *opt)
{
	seq_printf(m, "%04o", opt->mode);
}

static const char * const routes[AMFS_ROUTES] = {
	[AMFS_ROUTE_FD]		= "fd",
	[AMFS_ROUTE_PATH]	= "path",
	[AMFS_ROUTE_KERNEL]	= "kernel",
};

static int parse_route(struct amfs_options *opt, const char *value)
{
	int route = match_string(routes, AMFS_ROUTES, value);

	if (route < 0)
		return -EINVAL;
	opt->route = route;
	return 0;
}

static void show_route(struct seq_file *m, const struct amfs_options *opt)
{
	seq_puts(m, routes[opt->route]);
}

static int parse_nsattach(struct amfs_options *opt, const char *value)
{
	bool yes = !strcmp(value, "yes");

	if (!yes && strcmp(value, "no"))
		return -EINVAL;
	opt->nsattach = yes;
	return 0;
}

static void show_nsattach(struct seq_file *m, const struct amfs_options *opt)
{
	seq_puts(m, opt->nsattach ? "yes" : "no");
}

static int parse_direct(struct amfs_options *opt, const char *value)
{
	opt->offset = false;
	if (!*value || strscpy(opt->direct, value, sizeof(opt->direct)) < 0)
		return -EINVAL;
	return 0;
}

static int parse_offset(struct amfs_options *opt, const char *value)
{
	int err = parse_direct(opt, value);

	opt->offset = true;
	return err;
}

#define SECONDS_WANTED "whole seconds from 0 to 4294967295"

static const struct option options[] = {
	{ "timeout", SECONDS_WANTED " (0: never expire)", parse_timeout, show_timeout },
	{ "deadline", SECONDS_WANTED " (0: wait for ever)", parse_deadline, show_deadline },
	{ "grace", SECONDS_WANTED " (0: don't wait for a daemon)", parse_grace, show_grace },
	{ "negative", SECONDS_WANTED " (0: ask each time)", parse_negative, show_negative },
	{ "uid", "a user id", parse_uid, show_uid },
	{ "gid", "a group id", parse_gid, show_gid },
	{ "mode", "an octal mode from 0 to 7777", parse_mode, show_mode },
	{ "route", "fd, path or kernel", parse_route, show_route },
	{ "nsattach", "yes or no", parse_nsattach, show_nsattach },
	{ "direct", "a key of 1 to 255 bytes", parse_direct, NULL },
	{ "offset", "a key and a path below it, up to 255 bytes", parse_offset, NULL },
};

#define KNOWN "timeout, deadline, grace, negative, uid, gid, mode, route, nsattach, " \
	"direct, offset"

/*
 * Tell the one who mounts why not. The context's log reaches programs that use
 * fsopen(2); without one it goes to the kernel log, where an administrator
 * looks in both cases. But the VFS has options parsed before it asks who mounts,
 * and anybody gets that far in a user namespace of his own: the kernel log is
 * not for him to fill.
 */
static __printf(2, 3) int refuse(struct fs_context *fc, const char *fmt, ...)
{
	bool may_mount = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	struct va_format vaf;
	va_list args;

	if (fc->log.log) {
		va_start(args, fmt);
		vaf = (struct va_format){ .fmt = fmt, .va = &args };
		errorf(fc, "amfs: %pV", &vaf);
		va_end(args);
	}
	if (!may_mount)
		return -EINVAL;
	va_start(args, fmt);
	vaf = (struct va_format){ .fmt = fmt, .va = &args };
	pr_err("amfs: %pV\n", &vaf);
	va_end(args);
	return -EINVAL;
}

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	const struct option *option;
	int err;

	err = vfs_parse_fs_param_source(fc, param);
	if (err != -ENOPARAM)
		return err;
	for (option = options; option < options + ARRAY_SIZE(options); option++) {
		if (strcmp(param->key, option->name))
			continue;
		if (param->type != fs_value_is_string)
			return refuse(fc, "option %s needs a value: %s", option->name,
				      option->want);
		if (option->parse(fc->fs_private, param->string))
			return refuse(fc, "option %s=%*pE: expected %s", option->name,
				      (int)param->size, param->string, option->want);
		return 0;
	}
	return refuse(fc, "unknown option '%*pE' (there are: " KNOWN ")",
		      (int)strlen(param->key), param->key);
}

static int check_together(struct fs_context *fc)
{
	const struct amfs_options *opt = fc->fs_private;

	if (opt->direct[0] && opt->route == AMFS_ROUTE_PATH)
		return refuse(fc, "route=path excludes direct and offset: no directory is made");
	return 0;
}

static int get_tree(struct fs_context *fc)
{
	int err = check_together(fc);

	if (err)
		return err;
	if (fc->source)
		amfs_proto_map_name((char *)fc->source);
	if (!fc->source || !*fc->source)
		return refuse(fc, "no map: mount -t amfs MAP DIRECTORY");
	if (strlen(fc->source) > AMFS_NAME_LEN)
		return refuse(fc, "the map's name is longer than %d bytes", AMFS_NAME_LEN);
	return get_tree_nodev(fc, amfs_fill_super);
}

/**
 * amfs_options_change - mount -o remount
 * @point: the automount point
 * @from: the options that are in force from now on
 *
 * Each word by itself: walkers read some without a lock. Those that never change they
 * read like that too, so these aren't written.
 *
 * Context: point->lock is held.
 */
void amfs_options_change(struct amfs_point *point, const struct amfs_options *from)
{
	struct amfs_options *to = &point->opt;

	lockdep_assert_held(&point->lock);
	WRITE_ONCE(to->timeout, from->timeout);
	WRITE_ONCE(to->deadline, from->deadline);
	WRITE_ONCE(to->grace, from->grace);
	WRITE_ONCE(to->negative, from->negative);
	WRITE_ONCE(to->uid, from->uid);
	WRITE_ONCE(to->gid, from->gid);
	WRITE_ONCE(to->mode, from->mode);
	WRITE_ONCE(to->route, from->route);
	WRITE_ONCE(to->nsattach, from->nsattach);
}

static int reconfigure(struct fs_context *fc)
{
	struct amfs_point *point = amfs_point_of(fc->root->d_sb);
	const struct amfs_options *opt = fc->fs_private;
	int err = check_together(fc);

	if (err)
		return err;
	if (strcmp(opt->direct, point->opt.direct) || opt->offset != point->opt.offset)
		return refuse(fc, "direct and offset can't be changed; unmount and mount again");
	amfs_point_reconfigure(point, opt);
	return 0;
}

static void free_context(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations context_ops = {
	.free		= free_context,
	.parse_param	= parse_param,
	.get_tree	= get_tree,
	.reconfigure	= reconfigure,
};

/**
 * amfs_init_fs_context - begin a mount or a remount
 * @fc: the context
 *
 * A remount starts from the options in force, a mount from the defaults.
 *
 * Context: may sleep; for a remount the superblock is held by fc->root.
 * Return: 0 or -ENOMEM.
 */
int amfs_init_fs_context(struct fs_context *fc)
{
	struct amfs_options *opt = kzalloc(sizeof(*opt), GFP_KERNEL);
	struct amfs_point *point;

	if (!opt)
		return -ENOMEM;
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE) {
		point = amfs_point_of(fc->root->d_sb);
		spin_lock(&point->lock);
		*opt = point->opt;
		spin_unlock(&point->lock);
	} else {
		opt->timeout = DEFAULT_TIMEOUT;
		opt->deadline = DEFAULT_DEADLINE;
		opt->grace = DEFAULT_GRACE;
		opt->negative = DEFAULT_NEGATIVE;
		opt->mode = DEFAULT_MODE;
		opt->nsattach = true;
	}
	fc->fs_private = opt;
	fc->ops = &context_ops;
	return 0;
}

/**
 * amfs_show_options - the options in /proc/mounts
 * @m: where they go
 * @root: the root dentry
 *
 * Context: may sleep.
 * Return: 0.
 */
int amfs_show_options(struct seq_file *m, struct dentry *root)
{
	struct amfs_point *point = amfs_point_of(root->d_sb);
	const struct option *option;
	struct amfs_options opt;

	spin_lock(&point->lock);
	opt = point->opt;
	spin_unlock(&point->lock);
	for (option = options; option < options + ARRAY_SIZE(options); option++) {
		if (!option->show)
			continue;
		seq_printf(m, ",%s=", option->name);
		option->show(m, &opt);
	}
	if (opt.direct[0])
		seq_show_option(m, opt.offset ? "offset" : "direct", opt.direct);
	return 0;
}
