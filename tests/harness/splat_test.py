#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which lines of a kernel log fail a run, and how they are cut out of it."""

import os
import sys
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))
sys.dont_write_bytecode = True

from vmlib import splat  # noqa: E402

BAD = [
    "[    1.0] WARNING: CPU: 0 PID: 1 at fs/x.c:1 f+0x1/0x2 [amfs]",
    "WARNING: possible circular locking dependency detected",
    "WARNING: suspicious RCU usage",
    "[    1.0][  T12] WARNING: inconsistent lock state",
    "BUG: kernel NULL pointer dereference, address: 0000000000000000",
    "BUG: KASAN: use-after-free in f+0x1/0x2 [amfs]",
    "BUG: KCSAN: data-race in f / g",
    "BUG: sleeping function called from invalid context at kernel/x.c:1",
    "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [sh:1]",
    "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 60s!",
    "kernel BUG at fs/x.c:1!",
    "Oops: 0002 [#1] PREEMPT SMP KASAN NOPTI",
    "general protection fault, probably for non-canonical address 0xdead: 0000 [#1]",
    "UBSAN: array-index-out-of-bounds in src/kernel/x.c:1:2",
    "INFO: task sh:12 blocked for more than 60 seconds.",
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "INFO: trying to register non-static key.",
    "Kernel panic - not syncing: Fatal exception",
    "refcount_t: underflow; use-after-free.",
    "BUG: Dentry 00000000c0ffee{i=1,n=x}  still in use (1) [unmount of amfs amfs]",
    "VFS: Busy inodes after unmount of amfs. Self-destruct in 5 seconds.",
    "ODEBUG: free active (active state 0) object: 0 object type: work_struct",
    "BUG kmalloc-64 (Tainted: G           OE      ): Right Redzone overwritten",
    "list_del corruption. prev->next should be 0, but was 1",
    "kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
]

GOOD = [
    "amfs: loading out-of-tree module taints kernel.",
    "DEBUG: nothing to see",
    "kmemleak: Kernel memory leak detector initialized (mem pool available: 30670)",
    "FAULT_INJECTION: forcing a failure.",
    "sysrq: Show Blocked State",
    "EXT4-fs (loop0): mounted filesystem with ordered data mode.",
    "NFSD: starting 90-second grace period (net f0000000)",
    "Running RCU-tasks wait API self tests",
    "calibrate_delay_direct() failed to get a good estimate for loops_per_jiffy.",
]


class Lines(unittest.TestCase):
    """One line at a time."""

    def test_bad_lines_fail_a_run(self):
        for line in BAD:
            with self.subTest(line=line):
                self.assertTrue(splat.is_splat(line))

    def test_good_lines_pass(self):
        for line in GOOD:
            with self.subTest(line=line):
                self.assertFalse(splat.is_splat(line))


class Reports(unittest.TestCase):
    """Whole logs."""

    def test_a_clean_log_has_none(self):
        self.assertEqual(splat.find("\n".join(GOOD)), [])

    def test_lines_of_one_bug_are_one_report(self):
        log = "\n".join(["quiet"] * 50 + BAD[:2] + ["quiet"] * 50)
        self.assertEqual(len(splat.find(log)), 1)

    def test_two_bugs_far_apart_are_two_reports(self):
        log = "\n".join([BAD[0]] + ["quiet"] * 50 + [BAD[1]])
        self.assertEqual(len(splat.find(log)), 2)

    def test_leaks_are_told_apart(self):
        ours = "unreferenced object 0x1 (size 8):\n  backtrace:\n    [<1>] f+0x1 [amfs]\n"
        other = "unreferenced object 0x2 (size 8):\n  backtrace:\n    [<1>] tty_write+0x1\n"
        slub = ("unreferenced object 0x3 (size 16):\n  backtrace:\n"
                "    [<1>] sysfs_slab_add+0x1\n    [<2>] amfs_trigger_init+0x1 [amfs]\n")
        self.assertEqual(splat.amfs_leaks(ours + other + slub),
                         ([ours.rstrip()], [other.rstrip(), slub.rstrip()]))


unittest.main()
