// SPDX-License-Identifier: GPL-2.0
/*
 * A walker meets a trigger: ->d_automount, ->d_manage, and what they share.
 *
 * The walk holds the dentry and its vfsmount and no lock. It looks at the
 * state, asks for what is missing, sleeps (killably), and looks again, until
 * the key is mounted where the walker is or an errno says why not. Going round
 * is not polling: each round but the last waits for a request to end.
 *
 *   state     mounted here?   what the walker does
 *   IDLE      no              makes a MOUNT request, waits
 *   PENDING   no              waits for the request
 *   FAILED    no              gets the errno
 *   MOUNTED   no, a source    attaches a copy of the source
 *   MOUNTED   no, no source   asks: the mount went (umount(8)), or it is in
 *                             another mount namespace; the daemon will see
 *   EXPIRING  yes or no       waits for the expire to end, then looks again
 *   MOUNTED   yes             walks on; usually ->d_manage isn't even called
 *   MOUNTED   yes, torn       has the EXPIRE done again, waits (tree.c)
 *   PENDING   yes             walks on: another namespace's walker asked
 *   IDLE, FAILED  yes         notes that it is mounted, walks on
 */
#include "amfs.h"

#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/ratelimit.h>

#include "channel.h"

/* What a look at a trigger came to. */
enum verdict {
	HERE,		/* mounted where the walker is */
	ATTACH,		/* may be attached where the walker is */
	FAILED,		/* the errno is known */
	WAIT,		/* a request has to end first */
	NEED_REQUEST,	/* ask; a request has to be allocated before */
};

/**
 * struct look - one walker's dealings with one trigger
 * @path: where it walks.
 * @trigger: the trigger there.
 * @kind: what to ask for.
 * @fresh: a request of this kind that is not used yet, or NULL.
 * @req: for WAIT: what to wait for, a reference.
 * @source: for ATTACH: of what; @trigger->attaching counts it.
 * @error: for FAILED.
 * @pin: the trigger's pin is to be dropped.
 * @unreached: @error means that what is mounted can't be had here.
 */
struct look {
	const struct path *path;
	struct amfs_trigger *trigger;
	enum amfs_req_kind kind;
	struct amfs_request *fresh;
	struct amfs_request *req;
	struct amfs_source *source;
	int error;
	bool pin;
	bool unreached;
};

static enum verdict fail(struct look *look, int error)
{
	look->error = error;
	return FAILED;
}

static enum verdict unreached_locked(struct look *look, int error)
{
	look->unreached = true;
	amfs_trigger_point(look->trigger)->unreached++;
	return fail(look, error);
}

static enum verdict wait_locked(struct look *look)
{
	struct amfs_request *req = look->trigger->req;

	if (!req->own && req->mount != look->path->mnt)
		req->elsewhere = true;
	look->req = amfs_request_get(req);
	return WAIT;
}

static enum verdict ask_locked(struct look *look, enum amfs_req_kind kind)
{
	struct amfs_trigger *trigger = look->trigger;
	bool added;
	int err;

	/*
	 * Unhashed and not tracked: the name has another dentry by now. ESTALE
	 * makes the VFS walk again and find that one.
	 */
	if (d_unhashed(trigger->dentry) && hlist_unhashed(&trigger->tracked) &&
	    !IS_ROOT(trigger->dentry))
		return fail(look, -ESTALE);
	if (kind == AMFS_REQ_MOUNT && amfs_trigger_outdated(trigger) &&
	    amfs_trigger_make_way_locked(trigger, &look->pin))
		return fail(look, -ESTALE);
	if (!look->fresh || look->kind != kind) {
		look->kind = kind;
		return NEED_REQUEST;
	}
	/* The daemon knows nothing of what lies in folders. */
	if (kind == AMFS_REQ_MOUNT && trigger->path_len && !look->fresh->own)
		return fail(look, -ENOENT);
	look->fresh->tree = trigger->tree;
	if (!look->fresh->own)
		look->fresh->mount = look->path->mnt;
	look->req = look->fresh;
	err = amfs_request_start_locked(&look->req, &added);
	if (err)
		return fail(look, err);
	if (added)
		look->fresh = NULL;
	return WAIT;
}

/*
 * What the daemon had mounted itself, and can't be attached, it can mount again: where
 * it mounts, or when that is mounted nowhere.
 */
static bool may_be_mounted_locked(const struct look *look)
{
	const struct amfs_trigger *trigger = look->trigger;

	return trigger->source->lent &&
	       (look->path->mnt == trigger->where || !amfs_trigger_mounted(trigger));
}

/* It is mounted somewhere, but not where the walker is. */
static enum verdict reach_locked(struct look *look)
{
	struct amfs_trigger *trigger = look->trigger;
	int err;

	/* It was mounted here by the daemon, and is not: umount(8). */
	if (look->path->mnt == trigger->where)
		trigger->daemon_mount = false;
	if (!trigger->source)
		return ask_locked(look, AMFS_REQ_MOUNT);
	if (trigger->daemon_mount && !amfs_trigger_point(trigger)->opt.nsattach)
		return unreached_locked(look, -EREMOTE);
	err = amfs_source_allowed(trigger->source, look->path->mnt);
	if (err)
		return may_be_mounted_locked(look) ? ask_locked(look, AMFS_REQ_MOUNT) :
						     unreached_locked(look, err);
	trigger->attaching++;
	look->source = amfs_source_get(trigger->source);
	return ATTACH;
}

static enum verdict look_locked(struct look *look)
{
	struct amfs_trigger *trigger = look->trigger;
	bool here = path_is_mountpoint(look->path);

	lockdep_assert_held(&amfs_trigger_point(trigger)->lock);
	switch (trigger->state) {
	case AMFS_EXPIRING:
		return wait_locked(look);
	case AMFS_PENDING:
		return here ? HERE : wait_locked(look);
	case AMFS_MOUNTED:
		if (trigger->torn)
			return ask_locked(look, AMFS_REQ_EXPIRE);
		return here ? HERE : reach_locked(look);
	default:
		if (!here)
			return trigger->state == AMFS_FAILED ? fail(look, trigger->error) :
							       ask_locked(look, AMFS_REQ_MOUNT);
		amfs_trigger_found_locked(trigger);
		return HERE;
	}
}

/*
 * The request ended well, and still nothing is mounted here, nor to be attached.
 * Either it was unmounted again before we woke, or we came too late to be thought
 * of (then the walker asks again); or what the daemon mounted can't be had in the
 * walker's mount namespace (then asking again won't help).
 */
static enum verdict out_of_reach_locked(struct look *look)
{
	struct amfs_trigger *trigger = look->trigger;
	int error = look->req->remote_error;

	if (look->req->mount == look->path->mnt || path_is_mountpoint(look->path))
		return WAIT;
	if (trigger->state != AMFS_MOUNTED || trigger->source || !amfs_trigger_mounted(trigger))
		return WAIT;
	return unreached_locked(look, error);
}

/* The one who can change it reads the log, not the walker's errno. */
static void tell_unreached(struct look *look)
{
	const struct qstr name = amfs_trigger_name(look->trigger);
	const char *why = "make the automount point shared or slave there, or use nsattach=yes";

	if (look->error == -EPERM && !READ_ONCE(look->trigger->tree))
		why = "give the automount point the key's nosuid, nodev, ... (see security.rst)";
	pr_notice_ratelimited("amfs: %s: %*pE is mounted, but can't be had in the mount namespace of %*pE[%d]: %s\n",
			      amfs_trigger_point(look->trigger)->map, (int)name.len, name.name,
			      (int)strnlen(current->comm, TASK_COMM_LEN), current->comm,
			      task_tgid_nr(current), why);
}

/*
 * The daemon has shown it mounted where the walker is, and nothing was heard of it
 * since. The VFS looks next; a thousand waiters needn't queue for the lock before.
 */
static bool arrived(const struct look *look)
{
	const struct amfs_trigger *trigger = look->trigger;
	const struct amfs_request *req = look->req;

	return !req->own && req->mount == look->path->mnt &&
	       READ_ONCE(trigger->state) == AMFS_MOUNTED && !READ_ONCE(trigger->torn) &&
	       amfs_trigger_mounted(trigger);
}

static enum verdict mount_over(struct look *look)
{
	const struct amfs_request *req = look->req;
	enum verdict verdict;

	if (req->core.error)
		return fail(look, req->core.error);
	if (arrived(look))
		return HERE;
	if (!req->remote_error)
		return WAIT;
	spin_lock(&req->point->lock);
	verdict = out_of_reach_locked(look);
	spin_unlock(&req->point->lock);
	return verdict;
}

/* Wait for look->req: WAIT when the walker is to look again, HERE or FAILED. */
static enum verdict wait_over(struct look *look)
{
	struct amfs_request *req = look->req;
	enum verdict verdict = WAIT;
	int err = amfs_request_wait(req);

	if (!err && req->core.key.kind == AMFS_REQ_EXPIRE && READ_ONCE(look->trigger->torn))
		err = req->core.error ?: -EIO;
	if (err)
		verdict = fail(look, err);
	else if (req->core.key.kind == AMFS_REQ_MOUNT)
		verdict = mount_over(look);
	amfs_request_put(req);
	look->req = NULL;
	return verdict;
}

/**
 * amfs_walk_follow - have a key mounted where a walker stands
 * @path: the trigger, and the mount of the automount point that leads to it
 * @source: out: NULL, or what may be attached to @path now; to be given back by
 *	amfs_trigger_let_go()
 *
 * Context: sleeps, killably; no locks held.
 * Return: 0 when something is mounted on @path or there is a @source; the
 * daemon's errno; -EINTR for a killed task; -ENOLINK without a daemon;
 * -ETIMEDOUT when the deadline passed; -EREMOTE when it was mounted where this
 * walker can't see it; -EPERM when attaching it here would lose restrictions;
 * -ENOMEM; -ESTALE when the name has another dentry by now.
 */
int amfs_walk_follow(const struct path *path, struct amfs_source **source)
{
	struct look look = { .path = path, .trigger = amfs_trigger_of(path->dentry) };
	struct amfs_point *point = amfs_trigger_point(look.trigger);
	enum verdict verdict;

	do {
		spin_lock(&point->lock);
		verdict = look_locked(&look);
		spin_unlock(&point->lock);
		if (verdict == NEED_REQUEST) {
			amfs_request_put(look.fresh);
			look.fresh = amfs_request_alloc(look.trigger, look.kind);
			if (!look.fresh)
				verdict = fail(&look, -ENOMEM);
		} else if (verdict == WAIT) {
			verdict = wait_over(&look);
		}
	} while (verdict == WAIT || verdict == NEED_REQUEST);
	amfs_request_put(look.fresh);
	/* Not the last one: @path has another. */
	if (look.pin)
		dput(path->dentry);
	*source = look.source;
	if (verdict != FAILED)
		return 0;
	if (look.unreached)
		tell_unreached(&look);
	/* To the VFS EISDIR means that there is nothing to mount here. */
	return look.error == -EISDIR ? -EIO : look.error;
}

/*
 * A PENDING key that the daemon has to go through: its own directory by the
 * classic route; the root of a direct automount point, to have a descriptor.
 */
static bool way_of_daemon(const struct amfs_trigger *trigger)
{
	return READ_ONCE(trigger->path_route) || amfs_point_direct(amfs_trigger_point(trigger));
}

/**
 * amfs_walk_exempt - is this the daemon at work on this very key?
 * @trigger: the trigger
 *
 * The daemon's process group goes through a trigger that it expires (or that another
 * one did, and hasn't finished), and through one that it made by mkdir and is about to
 * mount on. Everywhere else it is a walker: a map may well lead through another key.
 *
 * Context: any; takes no locks. An answer that is out of date at once (the
 * request ended) makes the daemon wait for, or pass, one walk.
 * Return: true when it must not wait.
 */
bool amfs_walk_exempt(struct amfs_trigger *trigger)
{
	enum amfs_state state = READ_ONCE(trigger->state);

	if (state != AMFS_EXPIRING && !READ_ONCE(trigger->torn) &&
	    !(state == AMFS_PENDING && way_of_daemon(trigger)))
		return false;
	return amfs_channel_exempt(amfs_trigger_point(trigger)->link);
}

/**
 * amfs_d_automount - ->d_automount: nothing is mounted here, the walk wants in
 * @path: the trigger
 *
 * Where the daemon does the mounting there is no vfsmount to return: the VFS
 * looks again and crosses.
 *
 * Context: sleeps, killably; no locks held.
 * Return: a mount to be attached here; NULL; or ERR_PTR of what
 * amfs_walk_follow() says; -EISDIR ("it is a plain directory") for the daemon
 * itself.
 */
struct vfsmount *amfs_d_automount(struct path *path)
{
	struct amfs_trigger *trigger = amfs_trigger_of(path->dentry);
	struct vfsmount *copy = NULL;
	struct amfs_source *source;
	int err;

	if (way_of_daemon(trigger) && amfs_walk_exempt(trigger))
		return ERR_PTR(-EISDIR);
	err = amfs_walk_follow(path, &source);
	if (err)
		return ERR_PTR(err);
	if (source)
		copy = amfs_source_copy(source, &trigger->copies);
	amfs_trigger_let_go(trigger, source);
	return copy;
}

/**
 * amfs_d_manage - ->d_manage: may the walk go through this trigger?
 * @path: the trigger
 * @rcu_walk: it must not sleep
 *
 * Called while DCACHE_MANAGE_TRANSIT is set only, see amfs_trigger_flags_locked().
 *
 * Context: RCU walk: RCU read side; else no locks held, sleeps killably.
 * Return: 0 to go on, -ECHILD to come back without RCU, or what
 * amfs_walk_follow() says.
 */
int amfs_d_manage(const struct path *path, bool rcu_walk)
{
	struct amfs_trigger *trigger = amfs_trigger_of(path->dentry);
	enum amfs_state state = READ_ONCE(trigger->state);
	struct amfs_source *source;
	int err;

	if (READ_ONCE(trigger->marked))
		amfs_tree_touch(trigger);
	if (state == AMFS_MOUNTED && !READ_ONCE(trigger->torn))
		return 0;
	if (rcu_walk)
		return state == AMFS_PENDING && path_is_mountpoint(path) ? 0 : -ECHILD;
	if (amfs_walk_exempt(trigger))
		return 0;
	/* On a negative trigger ->d_automount comes next, for every kind of walk. */
	if (amfs_trigger_negative(trigger))
		return 0;
	/* What may be attached ->d_automount attaches, or ->getattr looks at. */
	err = amfs_walk_follow(path, &source);
	amfs_trigger_let_go(trigger, source);
	return err;
}
