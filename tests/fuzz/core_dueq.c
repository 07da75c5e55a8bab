// SPDX-License-Identifier: GPL-2.0
/*
 * The due queue beside a model that searches an array.
 */
#include "core.h"

#include "dueq_shape.h"

#include <string.h>

#define NODES	48

static struct {
	struct amfs_dueq queue;
	struct amfs_due node[NODES];
	bool queued[NODES];
	u64 when[NODES];
	unsigned int count;
} due;

static void due_add(struct input *in)
{
	unsigned int i = below(in, NODES);
	u64 when = some_time(in);

	if (due.queued[i])
		return;
	amfs_dueq_add(&due.queue, &due.node[i], when);
	due.queued[i] = true;
	due.when[i] = when;
	due.count++;
}

static void due_del(struct input *in)
{
	unsigned int i = below(in, NODES);

	amfs_dueq_del(&due.queue, &due.node[i]);
	due.count -= due.queued[i];
	due.queued[i] = false;
}

static void due_take(struct input *in)
{
	u64 now = some_time(in);
	struct amfs_due *node = amfs_dueq_take(&due.queue, now);
	size_t i, taken = node ? (size_t)(node - due.node) : NODES;

	require(!node || (due.queued[taken] && due.when[taken] <= now));
	for (i = 0; i < NODES; i++)
		if (due.queued[i])
			require(node ? due.when[taken] <= due.when[i] :
				       due.when[i] > now);
	if (!node)
		return;
	due.queued[taken] = false;
	due.count--;
}

void fuzz_dueq(struct input *in)
{
	size_t i;

	memset(&due, 0, sizeof(due));
	while (more(in)) {
		switch (below(in, 4)) {
		case 0:
		case 1:
			due_add(in);
			break;
		case 2:
			due_del(in);
			break;
		case 3:
			due_take(in);
			break;
		}
		require(!*dueq_fault(&due.queue, due.count));
		for (i = 0; i < NODES; i++)
			require(amfs_due_queued(&due.node[i]) == due.queued[i]);
	}
	require(!*dueq_drain(&due.queue, due.count));
}
