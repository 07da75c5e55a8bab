// SPDX-License-Identifier: GPL-2.0
/*
 * What the daemon does with a request: get the place to mount on, and answer.
 * It shows its own mount of the automount point each time; the kernel keeps
 * none, and looks there for itself whether it is as the daemon says. Or it hands
 * over a mount, and the kernel attaches copies of that wherever it is walked
 * into (source.c).
 */
#include "amfs.h"

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/namei.h>

#include "channel.h"
#include "trace.h"

/* The request's dentry with a reference, NULL when it has ended. */
static struct dentry *hold_dentry(struct amfs_request *req)
{
	struct dentry *dentry;

	spin_lock(&req->point->lock);
	dentry = req->core.pending ? dget(req->trigger->dentry) : NULL;
	spin_unlock(&req->point->lock);
	return dentry;
}

static bool is_root_of(const struct path *where, const struct amfs_point *point)
{
	return where->mnt->mnt_sb == point->sb && where->dentry == point->sb->s_root;
}

/*
 * The daemon's mount of the automount point, to be put. The root of a direct one can't
 * be opened when something is mounted on it, so the root of that will do.
 */
static int find_point(const struct path *where, const struct amfs_point *point,
		      struct path *found)
{
	bool is_top = where->dentry == where->mnt->mnt_root;

	*found = *where;
	path_get(found);
	if (is_root_of(found, point))
		return 0;
	if (amfs_point_direct(point) && is_top && follow_up(found) && is_root_of(found, point))
		return 0;
	path_put(found);
	return -EINVAL;
}

/* A success is looked at, not believed. */
static int check_success(struct amfs_request *req, struct dentry *dentry, const struct path *where)
{
	bool mounted;

	mounted = path_is_mountpoint(&(struct path){ .mnt = where->mnt, .dentry = dentry });
	if (req->core.key.kind == AMFS_REQ_MOUNT)
		return mounted ? 0 : -ENOENT;
	return mounted ? -EBUSY : 0;
}

/*
 * By this route there is no directory of the daemon's making, and its walks wait
 * here like any other's.
 */
static int take_fd_route(struct dentry *dentry, bool tree)
{
	struct amfs_trigger *trigger = amfs_trigger_of(dentry);
	bool pending;

	spin_lock(&amfs_trigger_point(trigger)->lock);
	pending = trigger->state == AMFS_PENDING;
	if (pending && !trigger->pinned)
		WRITE_ONCE(trigger->path_route, false);
	/* Also when the mount comes too late for the request. */
	if (pending)
		trigger->tree = tree;
	spin_unlock(&amfs_trigger_point(trigger)->lock);
	return pending ? amfs_trigger_make_positive(dentry) : -ESTALE;
}

static int take_path_route(struct dentry *dentry)
{
	int err = amfs_trigger_take_path_route(dentry);

	/* Nobody asks for the key any more. */
	return err == -EPERM ? -ESTALE : err;
}

static struct file *make_target(struct amfs_request *req, const struct path *target, u32 flags)
{
	bool by_path = flags & AMFS_TARGET_PATH;
	struct inode *root = d_inode(req->point->sb->s_root);
	int err;

	/* A direct automount point's root isn't the daemon's to make or remove. */
	if (by_path && amfs_point_direct(req->point))
		return ERR_PTR(-EINVAL);
	if (path_is_mountpoint(target))
		return ERR_PTR(-EEXIST);
	inode_lock_nested(root, I_MUTEX_PARENT);
	if (by_path)
		err = take_path_route(target->dentry);
	else
		err = take_fd_route(target->dentry, flags & AMFS_TARGET_TREE);
	inode_unlock(root);
	if (err)
		return ERR_PTR(err);
	return by_path ? NULL : dentry_open(target, O_PATH | O_CLOEXEC, current_cred());
}

static struct file *open_target(struct amfs_request *req, struct dentry *dentry,
				const struct path *where, u32 flags)
{
	struct path point;
	struct file *file;
	int err;

	err = find_point(where, req->point, &point);
	if (err)
		return ERR_PTR(err);
	file = make_target(req, &(struct path){ .mnt = point.mnt, .dentry = dentry }, flags);
	path_put(&point);
	return file;
}

/**
 * amfs_attach_target - the place to mount on, for move_mount(2)
 * @req: the request; the caller holds a reference and the point
 * @where: the root of the daemon's mount of the automount point, or if that is direct
 *	of what is mounted on it
 * @flags: AMFS_TARGET_PATH: the daemon goes on by the classic route, and needs no
 *	file; AMFS_TARGET_TREE: it is about to move a tree there, or for an EXPIRE to
 *	take one apart, see amfs_tree_begin(), and then @where is the tree's root
 *
 * Only now does the trigger become positive: a key that fails before never
 * is, and who walks in meanwhile waits for the same request.
 *
 * Context: may sleep; takes the root's i_rwsem.
 * Return: an O_PATH file, the caller's, or NULL with a flag; -EINVAL not such a
 * request, @where is something else, or AMFS_TARGET_PATH and direct; -ESTALE it
 * has ended; -EEXIST something is mounted there; -EBUSY the tree is in use;
 * -ENOMEM; -ENFILE.
 */
struct file *amfs_attach_target(struct amfs_request *req, const struct path *where, u32 flags)
{
	bool expire = req->core.key.kind == AMFS_REQ_EXPIRE;
	struct dentry *dentry;
	struct file *file;

	if (expire && !(flags & AMFS_TARGET_TREE))
		return ERR_PTR(-EINVAL);
	dentry = hold_dentry(req);
	if (!dentry)
		return ERR_PTR(-ESTALE);
	if (expire)
		file = ERR_PTR(amfs_tree_begin(req, dentry, where));
	else
		file = open_target(req, dentry, where, flags);
	dput(dentry);
	return file;
}

static struct amfs_source *whole(const struct path *root, const struct amfs_request *req,
				 const char *name)
{
	int err = amfs_source_whole(root);

	return err ? ERR_PTR(err) : amfs_source_make(root, req->point, name ?: req->name);
}

/* What the daemon hands over, as a source; its errors are the daemon's. */
static struct amfs_source *handed_over(struct amfs_request *req, const struct amfs_verdict *verdict)
{
	struct amfs_source *source;
	int err;

	if (req->core.key.kind != AMFS_REQ_MOUNT)
		return ERR_PTR(-EINVAL);
	source = whole(verdict->attach, req, verdict->source);
	if (IS_ERR(source))
		return source;
	err = amfs_source_allowed(source, verdict->where->mnt);
	if (err) {
		amfs_source_put(source);
		return ERR_PTR(err);
	}
	return source;
}

/*
 * What the daemon mounted itself, for walkers on other mounts of the automount
 * point, whom it may not have reached.
 */
static struct amfs_source *mounted_source(struct amfs_request *req, struct dentry *dentry,
					  const struct amfs_verdict *verdict)
{
	struct path top = { .mnt = verdict->where->mnt, .dentry = dentry };
	struct amfs_source *source;

	path_get(&top);
	while (follow_down_one(&top))
		;
	source = whole(&top, req, verdict->source);
	path_put(&top);
	if (!IS_ERR(source))
		source->lent = true;
	return source;
}

static bool asked_elsewhere(struct amfs_request *req, const struct path *where)
{
	bool elsewhere;

	spin_lock(&req->point->lock);
	elsewhere = req->elsewhere || req->mount != where->mnt;
	spin_unlock(&req->point->lock);
	return elsewhere;
}

/* The key as a whole: mounted by the daemon, and for the kernel to attach. */
static void reach_elsewhere(struct amfs_request *req, struct dentry *dentry,
			    const struct amfs_verdict *verdict, struct amfs_answer *answer)
{
	struct amfs_source *source;

	if (!asked_elsewhere(req, verdict->where))
		return;
	answer->remote_error = -EREMOTE;
	if (!READ_ONCE(req->point->opt.nsattach))
		return;
	source = mounted_source(req, dentry, verdict);
	if (!IS_ERR(source))
		answer->source = source;
	else if (PTR_ERR(source) == -EPERM || PTR_ERR(source) == -ENOMEM)
		answer->remote_error = PTR_ERR(source);
}

static int prepare(struct amfs_request *req, struct dentry *dentry,
		   const struct amfs_verdict *verdict, struct amfs_answer *answer)
{
	struct inode *root = d_inode(req->point->sb->s_root);
	struct amfs_source *source;
	int err;

	if (!verdict->attach) {
		err = check_success(req, dentry, verdict->where);
		if (!err && req->core.key.kind == AMFS_REQ_MOUNT)
			reach_elsewhere(req, dentry, verdict, answer);
		return err;
	}
	source = handed_over(req, verdict);
	if (IS_ERR(source))
		return PTR_ERR(source);
	inode_lock_nested(root, I_MUTEX_PARENT);
	err = take_fd_route(dentry, false);
	inode_unlock(root);
	if (err) {
		amfs_source_put(source);
		return err;
	}
	answer->source = source;
	answer->attach = true;
	return 0;
}

static int answer(struct amfs_request *req, struct dentry *dentry,
		  const struct amfs_verdict *verdict)
{
	struct amfs_answer answer = {
		.error = -(int)verdict->error,
		.ttl_ms = verdict->ttl_ms,
		.by_daemon = true,
		.where = verdict->where ? verdict->where->mnt : NULL,
	};
	int err = 0;

	if (!verdict->error)
		err = prepare(req, dentry, verdict, &answer);
	if (!err && !amfs_request_end(req, &answer)) {
		amfs_source_put(answer.source);
		err = -ESTALE;
	}
	return err;
}

static int answer_success(struct amfs_request *req, struct dentry *dentry,
			  struct amfs_verdict verdict)
{
	struct path point;
	int err;

	err = find_point(verdict.where, req->point, &point);
	if (err)
		return err;
	verdict.where = &point;
	err = answer(req, dentry, &verdict);
	path_put(&point);
	return err;
}

/**
 * amfs_attach_answer - the daemon's answer to a request
 * @req: the request; the caller holds a reference and the point
 * @verdict: what it says
 *
 * Context: may sleep; takes the root's i_rwsem.
 * Return: 0; -ESTALE it has ended; -EINVAL a path in @verdict is something else;
 * -ENOENT nothing is mounted there; -EBUSY it is still mounted; -ENOTDIR, -EPERM
 * as amfs_source_make() and amfs_source_allowed() say of what is to be attached;
 * -ENOMEM. After all but the first the request is still pending.
 */
int amfs_attach_answer(struct amfs_request *req, const struct amfs_verdict *verdict)
{
	struct dentry *dentry = hold_dentry(req);
	int err;

	if (!dentry)
		return -ESTALE;
	err = verdict->error ? answer(req, dentry, verdict) :
			       answer_success(req, dentry, *verdict);
	dput(dentry);
	return err;
}
