// SPDX-License-Identifier: GPL-2.0
/*
 * A request from its making to its end. The core decides who joins and who
 * ends; this file adds memory, sleep and the trigger's part.
 */
#include "amfs.h"

#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <linux/user_namespace.h>

#include "channel.h"
#include "trace.h"

/* So many are woken by who ends the request. */
#define CROWD	32

static struct workqueue_struct *wakers;

static void ask_as(struct amfs_asker *asker)
{
	/* The clock's worker asks on nobody's behalf. */
	if (current->flags & PF_KTHREAD)
		return;
	asker->pid = get_pid(task_tgid(current));
	asker->mnt_ns = amfs_compat_mnt_ns();
	asker->user_ns = current_user_ns()->ns.inum;
	asker->uid = from_kuid_munged(&init_user_ns, current_uid());
	asker->gid = from_kgid_munged(&init_user_ns, current_gid());
	get_task_comm(asker->comm, current);
}

/**
 * amfs_request_alloc - make a request that nobody knows of yet
 * @trigger: what it is about; its dentry is held by the caller
 * @kind: what it asks
 *
 * Made before any lock is taken and before any state changes, so that nothing
 * has to be undone when memory is short.
 *
 * Context: may sleep.
 * Return: the request with one reference, or NULL.
 */
struct amfs_request *amfs_request_alloc(struct amfs_trigger *trigger, enum amfs_req_kind kind)
{
	const struct qstr name = amfs_trigger_name(trigger);
	const void *parent = trigger->dentry->d_parent;
	struct amfs_request *req;

	/* Walkers are charged for what they ask; an expiry isn't anybody's. */
	req = kzalloc(struct_size(req, name, name.len + 1),
		      kind == AMFS_REQ_MOUNT ? GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!req)
		return NULL;
	memcpy(req->name, name.name, name.len);
	amfs_req_init(&req->core, &(struct amfs_req_key){
		.parent = parent,
		.name = req->name,
		.len = name.len,
		.hash = full_name_hash(parent, req->name, name.len),
		.kind = kind,
	});
	refcount_set(&req->refs, 1);
	req->trigger = trigger;
	req->point = trigger->point;
	req->dev = req->point->sb->s_dev;
	req->path_route = READ_ONCE(trigger->path_route);
	req->direct = amfs_point_direct(req->point);
	req->kernel_route = READ_ONCE(req->point->opt.route) == AMFS_ROUTE_KERNEL;
	init_waitqueue_head(&req->wait);
	ask_as(&req->asker);
	if (kind == AMFS_REQ_MOUNT)
		req->loaded = amfs_key_find(req->point->loaded, &name);
	return req;
}

/**
 * amfs_request_get - take another reference
 * @req: the request
 *
 * Context: any.
 * Return: @req.
 */
struct amfs_request *amfs_request_get(struct amfs_request *req)
{
	refcount_inc(&req->refs);
	return req;
}

/**
 * amfs_request_put - drop a reference
 * @req: the request, or NULL
 *
 * Context: any; frees memory only, the dentry went when the request ended.
 */
void amfs_request_put(struct amfs_request *req)
{
	if (!req || !refcount_dec_and_test(&req->refs))
		return;
	put_pid(req->asker.pid);
	amfs_key_put(req->loaded);
	kfree(req);
}

/**
 * amfs_request_start_locked - join the pending request for a key or start this
 * @req: in: a fresh request; out: the one that is pending now, with a
 *	reference for the caller; NULL after an error
 * @added: out: the fresh one is pending and the caller's first reference to it
 *	is the table's now; else the caller still owns the fresh one
 *
 * Context: point->lock is held; takes channel->lock.
 * Return: 0; -ENOLINK when the map has no daemon and its grace is over (for an
 * EXPIRE: when it has no daemon), and then nothing has changed.
 */
int amfs_request_start_locked(struct amfs_request **req, bool *added)
{
	struct amfs_request *fresh = *req;
	struct amfs_point *point = fresh->point;
	bool mount = fresh->core.key.kind == AMFS_REQ_MOUNT;
	u64 lifetime = amfs_seconds(point->opt.deadline);
	u64 grace = mount ? amfs_seconds(point->opt.grace) : 0;
	u64 now = amfs_now();
	struct amfs_req *core;

	lockdep_assert_held(&point->lock);
	core = amfs_reqtab_join(amfs_request_table(fresh), &fresh->core, now, lifetime);
	*req = amfs_request_get(container_of(core, struct amfs_request, core));
	*added = *req == fresh;
	if (!*added)
		return 0;
	if (!fresh->loaded && !amfs_channel_hopeful(point->link, now, grace)) {
		amfs_reqtab_end(amfs_request_table(fresh), core, -ENOLINK);
		amfs_request_put(fresh);
		*req = NULL;
		*added = false;
		return -ENOLINK;
	}
	fresh->until = lifetime ? now + lifetime : 0;
	fresh->dentry = dget(fresh->trigger->dentry);
	fresh->trigger->req = fresh;
	amfs_trigger_event_locked(fresh->trigger, mount ? AMFS_EV_ASK : AMFS_EV_EXPIRE);
	/*
	 * Last: the daemon looks at the trigger's state without the lock, and must
	 * find it let through. One that goes away meanwhile leaves the request to
	 * its grace, which the clock ends.
	 */
	if (fresh->loaded)
		amfs_mounter_start_locked(fresh);
	else
		amfs_channel_submit(point->link, fresh);
	trace_amfs_request_new(fresh);
	amfs_clock_arm_locked(point);
	return 0;
}

static void wake_work(struct work_struct *work)
{
	struct amfs_request *req = container_of(work, struct amfs_request, work);

	wake_up_all(&req->wait);
	amfs_request_put(req);
}

/*
 * The daemon has others to serve; it doesn't wake a thousand itself. Nor do they
 * wake one another: one whose cgroup is out of time would hold up those behind it.
 */
static void wake_waiters(struct amfs_request *req)
{
	if (req->loaded || atomic_read(&req->waiters) <= CROWD) {
		wake_up_all(&req->wait);
		return;
	}
	INIT_WORK(&req->work, wake_work);
	queue_work(wakers, &amfs_request_get(req)->work);
}

/**
 * amfs_request_end - end a request, for all its waiters, once
 * @req: the request; the caller holds a reference and, unless it is the
 *	superblock's own end, keeps the point
 * @answer: how it ends
 *
 * Context: may sleep (the last reference of a dentry may go here).
 * Return: true when this call ended it, false when it had ended before.
 */
bool amfs_request_end(struct amfs_request *req, const struct amfs_answer *answer)
{
	struct amfs_point *point = req->point;
	struct amfs_source *old;
	struct dentry *dentry;
	bool keep;

	spin_lock(&point->lock);
	if (!amfs_reqtab_end(amfs_request_table(req), &req->core, answer->error)) {
		spin_unlock(&point->lock);
		return false;
	}
	dentry = req->dentry;
	req->dentry = NULL;
	req->where = answer->where;
	req->remote_error = answer->remote_error;
	req->trigger->req = NULL;
	keep = amfs_trigger_settle_locked(req, answer, &old);
	spin_unlock(&point->lock);

	amfs_source_put(old);
	trace_amfs_request_end(req);
	amfs_channel_withdraw(point->link, req, !answer->by_daemon);
	/* Pairs with the waiters' smp_load_acquire(): error and where are set. */
	smp_store_release(&req->ended, true);
	wake_waiters(req);
	if (!keep)
		dput(dentry);
	amfs_request_put(req);
	return true;
}

/**
 * amfs_request_wait - sleep until a request has ended
 * @req: the request; the caller holds a reference
 *
 * A killed waiter leaves alone: the request goes on for the others, and for
 * whoever comes next.
 *
 * Context: sleeps, killably. No locks held.
 * Return: 0 when it has ended, whatever its outcome; -EINTR when the task is
 * being killed.
 */
int amfs_request_wait(struct amfs_request *req)
{
	int err;

	might_sleep();
	atomic_inc(&req->waiters);
	/* Pairs with the release in amfs_request_end(). */
	err = wait_event_killable(req->wait, smp_load_acquire(&req->ended));
	atomic_dec(&req->waiters);
	trace_amfs_waiter_wake(req, err);
	return err ? -EINTR : 0;
}

/**
 * amfs_request_init - make the workers that wake
 *
 * Return: 0 or -ENOMEM.
 */
int amfs_request_init(void)
{
	wakers = alloc_workqueue("amfs-wake", WQ_UNBOUND | WQ_HIGHPRI, 0);
	return wakers ? 0 : -ENOMEM;
}

/**
 * amfs_request_exit - let the workers go; there are no requests any more
 */
void amfs_request_exit(void)
{
	destroy_workqueue(wakers);
}
