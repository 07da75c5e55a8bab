// SPDX-License-Identifier: GPL-2.0
#include "dueq_shape.h"

#include <linux/log2.h>

static u32 rank_of(const struct amfs_due *node)
{
	return node ? node->rank : 0;
}

/* What is wrong at @node, or "". */
static const char *fault_at(const struct amfs_due *node)
{
	const struct amfs_due *left = node->left, *right = node->right;

	if ((left && left->up != node) || (right && right->up != node))
		return "a child has another parent";
	if ((left && left->when < node->when) || (right && right->when < node->when))
		return "a child is due before its parent";
	if (rank_of(left) < rank_of(right))
		return "right outranks left";
	if (node->rank != rank_of(right) + 1)
		return "a rank is wrong";
	return "";
}

/* Preorder, without a stack: a leftist heap may be as deep as it has nodes. */
static const struct amfs_due *following(const struct amfs_due *node)
{
	if (node->left)
		return node->left;
	while (node->up && (!node->up->right || node->up->right == node))
		node = node->up;
	return node->up ? node->up->right : NULL;
}

/**
 * dueq_fault - check the shape of a whole queue
 * @queue: the queue
 * @count: nodes that it should have
 *
 * Return: what is wrong, "" for nothing.
 */
const char *dueq_fault(const struct amfs_dueq *queue, unsigned int count)
{
	const struct amfs_due *node = amfs_dueq_first(queue);
	unsigned int seen = 0;

	if (node && node->up)
		return "the top has a parent";
	if (node && node->rank > ilog2(count) + 1)
		return "the rank exceeds log2(n) + 1";
	for (; node; node = following(node)) {
		const char *fault = fault_at(node);

		if (*fault)
			return fault;
		if (++seen > count)
			return "too many nodes";
	}
	return seen == count ? "" : "too few nodes";
}

/**
 * dueq_drain - take all nodes and check the order in which they leave
 * @queue: the queue, empty afterwards
 * @count: nodes that it should have
 *
 * Return: what was wrong on the way, "" for nothing.
 */
const char *dueq_drain(struct amfs_dueq *queue, unsigned int count)
{
	u64 last = 0;

	while (count) {
		struct amfs_due *node = amfs_dueq_first(queue);
		const char *fault = dueq_fault(queue, count--);

		if (*fault)
			return fault;
		if (node->when < last)
			return "a later one left first";
		last = node->when;
		if (last && amfs_dueq_take(queue, last - 1))
			return "one left too early";
		if (amfs_dueq_take(queue, last) != node)
			return "not the first one left";
	}
	return amfs_dueq_first(queue) ? "not empty" : "";
}
