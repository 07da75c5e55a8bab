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

/* If the kernel can mount it without the daemon; false: no memory. */
static bool make_own(struct amfs_request *req, const struct qstr *name)
{
	struct amfs_key *key = amfs_key_find(req->point->loaded, name);

	if (!key)
		return true;
	req->job = kzalloc(sizeof(*req->job), GFP_KERNEL_ACCOUNT);
	if (!req->job) {
		amfs_key_put(key);
		return false;
	}
	req->job->req = req;
	req->job->key = key;
	req->own = true;
	return true;
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
	struct amfs_request *req;

	/* Walkers are charged for what they ask; an expiry isn't anybody's. */
	req = kzalloc(struct_size(req, name, name.len + 1),
		      kind == AMFS_REQ_MOUNT ? GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!req)
		return NULL;
	memcpy(req->name, name.name, name.len);
	amfs_req_init(&req->core, &(struct amfs_req_key){
		.name = req->name,
		.hash = full_name_hash(NULL, req->name, name.len),
		.len = name.len,
		.kind = kind,
	});
	refcount_set(&req->refs, 1);
	req->trigger = trigger;
	req->point = amfs_trigger_point(trigger);
	req->dev = req->point->sb->s_dev;
	req->path_route = READ_ONCE(trigger->path_route);
	req->direct = amfs_point_direct(req->point);
	req->kernel_route = READ_ONCE(req->point->opt.route) == AMFS_ROUTE_KERNEL;
	init_waitqueue_head(&req->wait);
	ask_as(&req->asker);
	if (kind == AMFS_REQ_EXPIRE || make_own(req, &name))
		return req;
	amfs_request_put(req);
	return NULL;
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
	if (req->own) {
		amfs_key_put(req->job->key);
		kfree(req->job);
	}
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
	if (!fresh->own && !amfs_channel_hopeful(point->link, now, grace)) {
		amfs_reqtab_end(amfs_request_table(fresh), core, -ENOLINK);
		amfs_request_put(fresh);
		*req = NULL;
		*added = false;
		return -ENOLINK;
	}
	fresh->lifetime = point->opt.deadline;
	dget(fresh->trigger->dentry);
	fresh->trigger->req = fresh;
	amfs_trigger_event_locked(fresh->trigger, mount ? AMFS_EV_ASK : AMFS_EV_EXPIRE);
	/*
	 * Last: the daemon looks at the trigger's state without the lock, and must
	 * find it let through. One that goes away meanwhile leaves the request to
	 * its grace, which the clock ends.
	 */
	if (fresh->own)
		amfs_mounter_start_locked(fresh);
	else
		amfs_channel_submit(point->link, fresh);
	trace_amfs_request_new(fresh);
	amfs_clock_arm_locked(point);
	return 0;
}

/**
 * struct crowd - the waiters of a request, to be woken by a worker
 * @req: the request, a reference.
 * @work: the worker's.
 */
struct crowd {
	struct amfs_request *req;
	struct work_struct work;
};

static void wake_work(struct work_struct *work)
{
	struct crowd *crowd = container_of(work, struct crowd, work);

	wake_up_all(&crowd->req->wait);
	amfs_request_put(crowd->req);
	kfree(crowd);
}

/* Without memory, and without waiting for any, they are woken from here. */
static struct crowd *crowd_of(struct amfs_request *req)
{
	if (req->own || atomic_read(&req->waiters) <= CROWD)
		return NULL;
	return kmalloc(sizeof(struct crowd), GFP_NOWAIT | __GFP_NOWARN);
}

/*
 * The daemon has others to serve; it doesn't wake a thousand itself. Nor do they
 * wake one another: one whose cgroup is out of time would hold up those behind it.
 */
static void wake_waiters(struct amfs_request *req)
{
	struct crowd *crowd = crowd_of(req);

	if (!crowd) {
		wake_up_all(&req->wait);
		return;
	}
	crowd->req = amfs_request_get(req);
	INIT_WORK(&crowd->work, wake_work);
	queue_work(wakers, &crowd->work);
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
	dentry = req->trigger->dentry;
	if (!req->own)
		req->mount = answer->attach ? NULL : answer->where;
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
 * Context: sleeps, killably and freezably. None of our locks held.
 * Return: 0 when it has ended, whatever its outcome; -EINTR when the task is
 * being killed.
 */
int amfs_request_wait(struct amfs_request *req)
{
	int err;

	might_sleep();
	atomic_inc(&req->waiters);
	/*
	 * Freezably: who is to answer is frozen too, so the freezer would wait for a
	 * walker in vain, and the machine not be suspended. As with nfs, his system
	 * call may hold locks (execve(2) has a mutex of the task's).
	 *
	 * Pairs with the release in amfs_request_end().
	 */
	err = wait_event_state(req->wait, smp_load_acquire(&req->ended),
			       (TASK_KILLABLE | TASK_FREEZABLE_UNSAFE));
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
