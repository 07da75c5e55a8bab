// SPDX-License-Identifier: GPL-2.0
/*
 * amfs_linger.ko at=FUNCTION us=N: each call of that function begins N
 * microseconds late. A window between two steps of the kernel that is a few
 * instructions wide becomes one that a test in user space can look into. It goes
 * when the module does.
 *
 * How many calls have come there stands in the parameter begun. Those with a
 * number up to passed (1 is the first) go on at once, also when they linger
 * already: a test that waits for the one and writes the other needs no clock, and
 * N is what a lost test costs.
 *
 * A call doesn't linger in the probe, where there are neither interrupts nor a
 * scheduler: the timer of the very test that is to end the window may be that
 * processor's. It calls the function again and again, and between two calls it is
 * wherever its caller would have been interrupted.
 */
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
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
 * A call that lingers: @task's, who alone gives it back. The clock counts, udelay()
 * goes by what each processor was found to be worth when it came up, and on a busy
 * host that may be a thousandth.
 */
struct call {
	struct task_struct *task;
	unsigned int number;
	u64 end;
};

static struct call lingering[64];

static struct call *find_call(struct task_struct *task)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lingering); i++)
		if (READ_ONCE(lingering[i].task) == task)
			return &lingering[i];
	return NULL;
}

/* Return: NULL when there are too many at once. */
static struct call *begin_call(void)
{
	unsigned int number = atomic_inc_return(&calls);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lingering); i++) {
		if (cmpxchg(&lingering[i].task, NULL, current))
			continue;
		lingering[i].number = number;
		lingering[i].end = ktime_get_mono_fast_ns() + (u64)us * NSEC_PER_USEC;
		return &lingering[i];
	}
	return NULL;
}

static bool goes_on(const struct call *call)
{
	return call->number > READ_ONCE(passed) && ktime_get_mono_fast_ns() < call->end;
}

static int linger(struct kprobe *probe, struct pt_regs *regs)
{
	struct call *call = find_call(current) ?: begin_call();

	if (call && goes_on(call)) {
		instruction_pointer_set(regs, (unsigned long)probe->addr);
		return 1;
	}
	if (call)
		WRITE_ONCE(call->task, NULL);
	return 0;
}

/* A probe that has this too may change where its function goes on. */
static void pass(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = { .pre_handler = linger, .post_handler = pass };

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
