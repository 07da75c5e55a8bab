// SPDX-License-Identifier: GPL-2.0
/*
 * Copies that outlive their trigger: a list that the VFS still writes to mustn't be
 * freed with it.
 *
 * What the kernel has attached to a direct root covers the automount point. When that
 * is unmounted somewhere, and the umount comes by propagation to a mount namespace
 * where only the copy is mounted on it, the VFS takes the automount point away from
 * below, and puts the copy in its place. There it stays for as long as somebody uses
 * it, on the list that it was put on; and the superblock may be gone by then.
 *
 * Such a trigger is kept, as memory alone, until its list is empty. Nobody tells us
 * when that is. So it is looked at now and then, which also expires what is idle, and
 * the module stays as long.
 */
#include "amfs.h"

#include <linux/list.h>
#include <linux/mount.h>
#include <linux/module.h>
#include <linux/slab.h>

#define INTERVAL HZ

static DEFINE_SPINLOCK(lock);
static HLIST_HEAD(orphans);	/* triggers, by @tracked (protected by @lock) */

static void look_at_all(struct work_struct *work);
static DECLARE_DELAYED_WORK(looks, look_at_all);

static void keep(struct amfs_trigger *trigger)
{
	spin_lock(&lock);
	hlist_add_head(&trigger->tracked, &orphans);
	spin_unlock(&lock);
	schedule_delayed_work(&looks, INTERVAL);
}

/* The VFS adds to a list next to what is on it; so one that was empty stays so. */
static bool deserted(const struct amfs_trigger *trigger)
{
	return list_empty_careful(&trigger->copies);
}

static void look_at_all(struct work_struct *work)
{
	struct amfs_trigger *trigger;
	struct hlist_node *next;
	HLIST_HEAD(taken);

	spin_lock(&lock);
	hlist_move_list(&orphans, &taken);
	spin_unlock(&lock);
	hlist_for_each_entry_safe(trigger, next, &taken, tracked) {
		mark_mounts_for_expiry(&trigger->copies);
		if (!deserted(trigger)) {
			keep(trigger);
			continue;
		}
		amfs_trigger_free(trigger);
		module_put(THIS_MODULE);
	}
}

/**
 * amfs_trigger_abandon - a trigger's dentry is released
 * @trigger: nobody finds it any more, but RCU walks
 *
 * Context: takes a spinlock; doesn't sleep. The module is held by whatever releases
 * the dentry.
 */
void amfs_trigger_abandon(struct amfs_trigger *trigger)
{
	if (deserted(trigger)) {
		amfs_trigger_free(trigger);
		return;
	}
	__module_get(THIS_MODULE);
	keep(trigger);
}

/**
 * amfs_orphans_exit - the module goes; there are none any more
 *
 * Context: sleeps.
 */
void amfs_orphans_exit(void)
{
	cancel_delayed_work_sync(&looks);
}
