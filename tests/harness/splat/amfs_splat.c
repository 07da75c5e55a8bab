// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a kernel complain, so that the harness can show that it notices:
 *
 *	insmod amfs_splat.ko what=warn
 *
 * It loads when the kernel survives. Never load it on a machine of yours.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *what = "nothing";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "nothing, warn, oops, bug, kasan, lockdep, atomic, leak, race or deaf");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

static void splat_warn(void)
{
	WARN(1, "amfs_splat was asked to warn\n");
}

static void splat_oops(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

static void splat_bug(void)
{
	BUG();
}

static void splat_kasan(void)
{
	char *freed = kmalloc(32, GFP_KERNEL);

	if (!freed)
		return;
	kfree(freed);
	OPTIMIZER_HIDE_VAR(freed);
	WRITE_ONCE(freed[3], 1);
}

/* One order, then the other: a deadlock that waits for a second task. */
static void splat_lockdep(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void splat_atomic(void)
{
	spin_lock(&spin);
	msleep(20);
	spin_unlock(&spin);
}

static void splat_leak(void)
{
	static int dummy;
	int i;

	/* several: a stale copy of one pointer on a stack hides that one only */
	for (i = 0; i < 10; i++)
		if (!kmalloc(96, GFP_KERNEL))
			dummy++;
}

static unsigned long counted;

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		counted++;
		barrier();
		cond_resched();
	}
	return 0;
}

/* Two threads write one variable, for a second; only KCSAN minds. */
static void splat_race(void)
{
	struct task_struct *counter = kthread_run(count, NULL, "splat_race");
	unsigned long end = jiffies + HZ;

	if (IS_ERR(counter))
		return;
	while (time_before(jiffies, end)) {
		counted++;
		barrier();
		cond_resched();
	}
	kthread_stop(counter);
}

/* This processor, and by the other one's wait for it soon the whole guest. */
static void splat_deaf(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "warn", splat_warn },
	{ "oops", splat_oops },
	{ "bug", splat_bug },
	{ "kasan", splat_kasan },
	{ "lockdep", splat_lockdep },
	{ "atomic", splat_atomic },
	{ "leak", splat_leak },
	{ "race", splat_race },
	{ "deaf", splat_deaf },
};

static int __init splat_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, what))
			kinds[i].run();
	return 0;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);
MODULE_DESCRIPTION("complaints of the kernel, on request, for the tests of the test harness");
MODULE_LICENSE("GPL");
