// SPDX-License-Identifier: GPL-2.0
/*
 * In-kernel keys come and go: what that means for failures that are remembered. All
 * else is found out when it is walked to (amfs_trigger_outdated()).
 */
#include "amfs.h"

/* Failures that the loaded keys have an answer to by now are over; false at the end. */
static bool reconsider_stretch(struct amfs_point *point, unsigned long *id)
{
	struct amfs_trigger *trigger;
	int left = AMFS_STRETCH;

	spin_lock(&point->lock);
	xa_for_each_start(&point->triggers, *id, trigger, *id) {
		const struct qstr name = amfs_trigger_name(trigger);

		if (!left--)
			break;
		if (trigger->state == AMFS_FAILED &&
		    (amfs_key_known(point->loaded, &name) || amfs_trigger_outdated(trigger)))
			amfs_trigger_due_locked(trigger, 0);
	}
	spin_unlock(&point->lock);
	return trigger;
}

/* With the lock: settle_failure_locked() sees the new keys, or we its failure. */
static bool has_failures(struct amfs_point *point)
{
	bool any;

	spin_lock(&point->lock);
	any = point->count[AMFS_FAILED];
	spin_unlock(&point->lock);
	return any;
}

/**
 * amfs_point_reconsider - in-kernel keys have changed: forget failures
 * @map: the map's name
 *
 * Context: may sleep.
 */
void amfs_point_reconsider(const char *map)
{
	struct amfs_point *point;
	u64 from = 0;

	while ((point = amfs_point_next(from))) {
		unsigned long id = 0;

		from = point->id + 1;
		if (!strcmp(point->map, map) && has_failures(point)) {
			while (reconsider_stretch(point, &id))
				cond_resched();
			amfs_expire_due(point, NULL);
		}
		amfs_point_drop(point);
	}
}
