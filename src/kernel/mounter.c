// SPDX-License-Identifier: GPL-2.0
/*
 * Mounting an in-kernel key: through the filesystem context API, by a worker.
 *
 * Why not in the walker: he may be in a container, and the paths among a
 * filesystem's options (a device, an image's directory, the layers of an overlay)
 * must mean what they mean to the one who mounted the automount point; he may be
 * killed, and those who wait with him mustn't be; and the deadline is to hold for
 * him as well. The worker has the credentials of that one. It stands in the
 * initial root and network namespace, so the automount point must have been
 * mounted from there (point->at_home).
 *
 * A mount can't be broken off. While one goes on, a trigger has no second one:
 * who asks after the deadline of the first gets what becomes of it.
 */
#include "amfs.h"

#include <linux/cred.h>
#include <linux/fs_context.h>
#include <linux/fs_struct.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/ratelimit.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <uapi/linux/mount.h>

static struct workqueue_struct *mounters;

/**
 * amfs_mounter_at_home - can a worker find what the current task would?
 *
 * Context: takes the task's own locks; path_put() may sleep.
 * Return: true when the current task has the root and the network of the first
 * process.
 */
bool amfs_mounter_at_home(void)
{
	struct path root, ours;
	bool same;

	get_fs_root(current->fs, &ours);
	task_lock(&init_task);
	get_fs_root(init_task.fs, &root);
	task_unlock(&init_task);
	same = path_equal(&root, &ours);
	path_put(&root);
	path_put(&ours);
	return same && current->nsproxy->net_ns == &init_net;
}

static int set_string(struct fs_context *fc, const char *name, const char *value)
{
	struct fs_parameter param = {
		.key = name,
		.type = fs_value_is_string,
		.size = strlen(value),
		.string = kstrdup(value, GFP_KERNEL),
	};
	int err;

	if (!param.string)
		return -ENOMEM;
	err = vfs_parse_fs_param(fc, &param);
	/* A filesystem that keeps the string has taken it out of @param. */
	kfree(param.string);
	return err;
}

static int set_option(struct fs_context *fc, const char *option)
{
	struct fs_parameter flag = { .key = option, .type = fs_value_is_flag };
	const char *value = strchr(option, '=');
	char *name;
	int err;

	if (!value)
		return vfs_parse_fs_param(fc, &flag);
	name = kstrndup(option, value - option, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	err = set_string(fc, name, value + 1);
	kfree(name);
	return err;
}

static int set_options(struct fs_context *fc, const struct amfs_key *key)
{
	const char *option = key->options, *end = option + key->options_len;
	int err = set_string(fc, "source", key->source);

	for (; !err && option < end; option += strlen(option) + 1)
		err = set_option(fc, option);
	return err;
}

/* A superblock without a mount: those are made where it is attached. */
static struct amfs_source *source_of(struct fs_context *fc, const struct amfs_point *point,
				     struct amfs_key *key)
{
	int err = set_options(fc, key);

	if (!err)
		err = vfs_get_tree(fc);
	if (err)
		return ERR_PTR(err);
	up_write(&fc->root->d_sb->s_umount);
	return amfs_source_new(fc->root, point, key);
}

static struct amfs_source *mount_type(struct file_system_type *type,
				      const struct amfs_point *point, struct amfs_key *key)
{
	struct amfs_source *source;
	struct fs_context *fc;

	fc = fs_context_for_mount(type, key->attr & MOUNT_ATTR_RDONLY ? SB_RDONLY : 0);
	if (IS_ERR(fc))
		return ERR_CAST(fc);
	source = source_of(fc, point, key);
	put_fs_context(fc);
	return source;
}

static struct amfs_source *mount_new(const struct amfs_point *point, struct amfs_key *key)
{
	struct file_system_type *type = get_fs_type(key->fstype);
	struct amfs_source *source;

	if (!type)
		return ERR_PTR(-ENODEV);
	source = mount_type(type, point, key);
	module_put(type->owner);
	return source;
}

static struct amfs_source *mount_bind(const struct amfs_point *point, struct amfs_key *key)
{
	struct amfs_source *source;
	struct path path;
	int err;

	/* As mount(8) has it, a bind has no options of a filesystem. */
	if (key->options_len)
		return ERR_PTR(-EINVAL);
	err = kern_path(key->source, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT, &path);
	if (err)
		return ERR_PTR(err);
	source = amfs_source_bind(&path, point, key);
	path_put(&path);
	return source;
}

static struct amfs_source *mount_key(const struct amfs_point *point, struct amfs_key *key)
{
	if (!point->at_home)
		return ERR_PTR(-EOPNOTSUPP);
	return strcmp(key->fstype, "bind") ? mount_new(point, key) : mount_bind(point, key);
}

static void tell(const struct amfs_point *point, const struct amfs_key *key, int err)
{
	const char *why = "";

	if (err == -EOPNOTSUPP && !point->at_home)
		why = ": the automount point wasn't mounted from the initial root and network";
	pr_notice_ratelimited("amfs: %s: %*pE: the kernel can't mount %s of %*pE: %pe%s\n",
			      point->map, (int)key->name_len, key->name, key->fstype,
			      (int)strlen(key->source), key->source, ERR_PTR(err), why);
}

/*
 * The request that is to have the result: the one that began this, or a later one
 * for the same key; one for another version of the key is begun anew. Returns it
 * with a reference; NULL when nobody asks any more.
 */
static struct amfs_request *claim(struct amfs_job *job)
{
	struct amfs_trigger *trigger = job->req->trigger;
	struct amfs_point *point = job->req->point;
	struct amfs_request *req;

	spin_lock(&point->lock);
	req = trigger->req;
	if (req && req->own)
		amfs_request_get(req);
	else
		req = NULL;
	trigger->mounting = false;
	if (req && req->job->key != job->key) {
		amfs_mounter_start_locked(req);
		amfs_request_put(req);
		req = NULL;
	}
	spin_unlock(&point->lock);
	return req;
}

static int make_positive(struct dentry *dentry)
{
	struct inode *folder = d_inode(dentry->d_parent);
	int err;

	inode_lock_nested(folder, I_MUTEX_PARENT);
	err = amfs_trigger_make_positive(dentry);
	inode_unlock(folder);
	return err;
}

static void finish(struct amfs_job *job, struct amfs_source *source)
{
	struct dentry *at = job->req->trigger->dentry;
	int err = IS_ERR(source) ? PTR_ERR(source) : make_positive(at);
	struct amfs_answer answer = {
		.error = err,
		.ttl_ms = AMFS_MS_DEFAULT,
		.by_daemon = true,
		.source = err ? NULL : source,
		.attach = true,
	};
	struct amfs_request *req = claim(job);
	bool taken;

	if (err)
		tell(job->req->point, job->key, err);
	taken = req && amfs_request_end(req, &answer) && !err;
	if (!taken && !IS_ERR(source))
		amfs_source_put(source);
	amfs_request_put(req);
}

static void mount_work(struct work_struct *work)
{
	struct amfs_job *job = container_of(work, struct amfs_job, work);
	struct amfs_request *req = job->req;
	struct amfs_point *point = req->point;
	struct dentry *at = req->trigger->dentry;
	const struct cred *saved = override_creds(point->cred);
	struct amfs_source *source = mount_key(point, job->key);

	revert_creds(saved);
	finish(job, source);
	dput(at);
	amfs_request_put(req);
	amfs_point_drop(point);
}

/**
 * amfs_mounter_start_locked - have the kernel mount what a request asks for
 * @req: a pending MOUNT request of the kernel's own
 *
 * Nothing happens while an earlier mount for the same trigger goes on.
 *
 * Context: point->lock is held; the point is held by the walker's path or the job
 * that went before.
 */
void amfs_mounter_start_locked(struct amfs_request *req)
{
	struct amfs_trigger *trigger = req->trigger;

	lockdep_assert_held(&req->point->lock);
	if (trigger->mounting)
		return;
	trigger->mounting = true;
	amfs_request_get(req);
	dget(trigger->dentry);
	atomic_inc(&req->point->sb->s_active);
	INIT_WORK(&req->job->work, mount_work);
	queue_work(mounters, &req->job->work);
}

/**
 * amfs_mounter_init - make the workers
 *
 * They work on the processor that the walker is on, who has nothing else to do
 * there: to wake another one costs more than to mount. They are scheduled as any
 * task, so that one who computes for long holds up no other work of that processor.
 *
 * Return: 0 or -ENOMEM.
 */
int amfs_mounter_init(void)
{
	mounters = alloc_workqueue("amfs", AMFS_WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	return mounters ? 0 : -ENOMEM;
}

/**
 * amfs_mounter_exit - let the workers go; nothing is being mounted any more
 */
void amfs_mounter_exit(void)
{
	destroy_workqueue(mounters);
}
