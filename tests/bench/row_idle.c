// SPDX-License-Identifier: GPL-2.0
/* N idle keys: a pass of the expiry for which nothing is due, and unmounting all. */
#include "bench.h"

#include <string.h>

/* One grace period for each, with a look at all others before it. */
#define AUTOFS_DRAINS 300

static void pass(const struct side *side, const char *name, unsigned int count)
{
	unsigned int i;
	uint64_t start;
	int err;

	for (i = 0; i < 5; i++) {
		settle();
		start = now_ns();
		err = side->expire_due();
		if (err)
			die("%s: a pass: %s", name, strerror(err));
		emit("pass", count, name, now_ns() - start);
	}
}

static int drain(const struct side *side, char kind, unsigned int count)
{
	char key[KEY_SIZE];
	unsigned int i;
	int err = 0;

	if (side->expire_all)
		return side->expire_all(count);
	for (i = 0; i < count && !err; i++) {
		put_key(key, kind, i);
		err = side->expire_key(key);
	}
	return err;
}

static void one(struct side *side, const char *name, char kind, unsigned int count)
{
	uint64_t start;
	int err;

	start_side(side);
	if (kind == KIND_KERNEL_BIND)
		load_keys(kind, 0, count);
	fill(side, kind, 0, count);
	if (side->expire_due)
		pass(side, name, count);
	if (side != &autofs_side || count <= AUTOFS_DRAINS) {
		settle();
		start = now_ns();
		err = drain(side, kind, count);
		if (err)
			die("%s: draining: %s", name, strerror(err));
		emit("drain", count, name, (double)(now_ns() - start) / count);
	}
	if (kind == KIND_KERNEL_BIND)
		forget_keys();
	stop_side(side);
	settle();
}

void row_idle(void)
{
	static const unsigned int counts[] = { 300, 3000, 30000, 100000 };
	unsigned int i;

	for (i = 0; i < (plan.quick ? 1 : 4); i++) {
		one(&floor_side, "floor", KIND_BIND, counts[i]);
		one(&autofs_side, "autofs", KIND_BIND, counts[i]);
		one(&amfs_side, "amfs", KIND_BIND, counts[i]);
		one(&amfs_side, "amfs-kernel", KIND_KERNEL_BIND, counts[i]);
	}
}
