// SPDX-License-Identifier: GPL-2.0
/*
 * amfs_linger.ko at=FUNCTION us=N: each call of that function begins N
 * microseconds late, on its own CPU, with preemption off. A window between two
 * steps of the kernel that is a few instructions wide becomes one that a test in
 * user space can look into. It goes when the module does.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static char *at;
module_param(at, charp, 0400);
MODULE_PARM_DESC(at, "the function that begins late");

static unsigned int us = 1000;
module_param(us, uint, 0400);
MODULE_PARM_DESC(us, "by how many microseconds");

static int linger(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int left = us;

	/* udelay() takes so much and no more. */
	for (; left > 1000; left -= 1000)
		udelay(1000);
	udelay(left);
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
