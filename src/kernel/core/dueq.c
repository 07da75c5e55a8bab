// SPDX-License-Identifier: GPL-2.0
#include "dueq.h"

static u32 rank_of(const struct amfs_due *node)
{
	return node ? node->rank : 0;
}

/* Restore "left outranks right" and @node's rank; true when it changed. */
static bool settle_rank(struct amfs_due *node)
{
	u32 old = node->rank;

	if (rank_of(node->left) < rank_of(node->right)) {
		struct amfs_due *left = node->left;

		node->left = node->right;
		node->right = left;
	}
	node->rank = rank_of(node->right) + 1;
	return node->rank != old;
}

/*
 * Merge two heaps along their right spines, which are at most log2(n) long:
 * down, hanging the later heap below the earlier one, then up again mending
 * ranks. No recursion, so the stack doesn't depend on n.
 */
static struct amfs_due *merge(struct amfs_due *a, struct amfs_due *b)
{
	struct amfs_due *top = NULL, *last = NULL;

	while (a && b) {
		struct amfs_due *early = a->when <= b->when ? a : b;
		struct amfs_due *late = early == a ? b : a;

		early->up = last;
		if (last)
			last->right = early;
		else
			top = early;
		last = early;
		a = early->right;
		b = late;
	}
	if (!a)
		a = b;
	if (!last)
		return a;
	/* The later one of the last two is left. */
	last->right = a;
	a->up = last;
	for (; last; last = last->up)
		settle_rank(last);
	return top;
}

/**
 * amfs_dueq_add - queue a node
 * @queue: the queue
 * @node: a node that isn't queued
 * @when: when it falls due
 *
 * Context: the caller's lock protects @queue. O(log n).
 */
void amfs_dueq_add(struct amfs_dueq *queue, struct amfs_due *node, u64 when)
{
	*node = (struct amfs_due){ .when = when, .rank = 1 };
	queue->top = merge(queue->top, node);
	queue->top->up = NULL;
}

/**
 * amfs_dueq_del - take a node out, wherever it is
 * @queue: the queue
 * @node: a node of @queue, or one that isn't queued (then nothing happens)
 *
 * Context: the caller's lock protects @queue. O(log n).
 */
void amfs_dueq_del(struct amfs_dueq *queue, struct amfs_due *node)
{
	struct amfs_due *up = node->up, *rest;

	if (!amfs_due_queued(node))
		return;
	rest = merge(node->left, node->right);
	if (rest)
		rest->up = up;
	if (!up)
		queue->top = rest;
	else if (up->left == node)
		up->left = rest;
	else
		up->right = rest;
	while (up && settle_rank(up))
		up = up->up;
	amfs_due_init(node);
}

/**
 * amfs_dueq_take - take the first node that is due
 * @queue: the queue
 * @now: the time
 *
 * A node is due at its very time: @now == when is due.
 *
 * Context: the caller's lock protects @queue. O(log n).
 * Return: the node, no longer queued, or NULL when none is due.
 */
struct amfs_due *amfs_dueq_take(struct amfs_dueq *queue, u64 now)
{
	struct amfs_due *node = queue->top;

	if (!node || node->when > now)
		return NULL;
	amfs_dueq_del(queue, node);
	return node;
}
