/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Things that fall due: a leftist heap ordered by time. Adding, removing and
 * taking cost O(log n) in the worst case, so the due ones are found in O(due)
 * and a key is never scanned. Pure: the caller holds the lock, owns the nodes
 * and says what time it is.
 */
#ifndef AMFS_CORE_DUEQ_H
#define AMFS_CORE_DUEQ_H

#include <linux/types.h>

/**
 * struct amfs_due - a place in a queue, embedded in what falls due
 * @when: nanoseconds of the caller's clock; kept for ties as well: equal times
 *	leave in no particular order.
 * @left: heap child with the higher rank.
 * @right: heap child.
 * @up: heap parent, NULL at the top.
 * @rank: length of the right spine below, 0 while not queued.
 */
struct amfs_due {
	u64 when;
	struct amfs_due *left;
	struct amfs_due *right;
	struct amfs_due *up;
	u32 rank;
};

/**
 * struct amfs_dueq - the queue
 * @top: the node that is due first, NULL when empty.
 */
struct amfs_dueq {
	struct amfs_due *top;
};

static inline void amfs_due_init(struct amfs_due *node)
{
	*node = (struct amfs_due){};
}

static inline bool amfs_due_queued(const struct amfs_due *node)
{
	return node->rank;
}

static inline struct amfs_due *amfs_dueq_first(const struct amfs_dueq *queue)
{
	return queue->top;
}

void amfs_dueq_add(struct amfs_dueq *queue, struct amfs_due *node, u64 when);
void amfs_dueq_del(struct amfs_dueq *queue, struct amfs_due *node);
struct amfs_due *amfs_dueq_take(struct amfs_dueq *queue, u64 now);

#endif /* AMFS_CORE_DUEQ_H */
