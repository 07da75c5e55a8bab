// SPDX-License-Identifier: GPL-2.0
/*
 * amfs_linger.ko at=FUNCTION us=N: each call of that function begins N
 * microseconds late, on its own CPU, with preemption off. A window between two
 * steps of the kernel that is a few instructions wide becomes one that a test in
 * user space can look into. It goes when the module does.
 *
 * How many calls have come there stands in the parameter begun. Those with a
 * number up to passed (1 is the first) go on at once, also when they linger
 * already: a test that waits for the one and writes the other needs no clock, and
 * N is what a lost test costs.
 */
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/timekeeping.h>

static char *at;
module_param(at, charp, 0400);
MODULE_PARM_DESC(at, "the function that begins late");

static unsigned int us = 1000;
module_param(us, uint, 0400);
MODULE_PARM_DESC(us, "by how many microseconds");

static unsigned int passed;
module_param(passed, uint, 0600);
MODULE_PARM_DESC(passed, "how many calls don't wait any more");

static atomic_t calls;

static int get_begun(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&calls));
}

static const struct kernel_param_ops begun_ops = { .get = get_begun };
module_param_cb(begun, &begun_ops, NULL, 0400);
MODULE_PARM_DESC(begun, "how many calls have come");

/*
 * By the clock: udelay() goes by what each processor was found to be worth when
 * it came up, and on a busy host that may be a thousandth.
 */
static int linger(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int number = atomic_inc_return(&calls);
	u64 end = ktime_get_mono_fast_ns() + (u64)us * NSEC_PER_USEC;

	while (number > READ_ONCE(passed) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
	return 0;
}

static struct kprobe probe = { .pre_handler = linger };

static int __init linger_init(void)
{
	if (!at)
		return -EINVAL;
	probe.symbol_name = at;
	return register_kprobe(&probe);
}

static void __exit linger_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(linger_init);
module_exit(linger_exit);
MODULE_DESCRIPTION("Make a function begin late, for tests");
MODULE_LICENSE("GPL");
