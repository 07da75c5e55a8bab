# SPDX-License-Identifier: GPL-2.0
"""What in a kernel log makes a run fail."""

import re

# Each of these starts a report of the kernel about itself.
_SPLAT = re.compile(
    r"""
      WARNING:\s                         # WARN, most of lockdep
    | \bBUG:\s | kernel\ BUG\ at         # BUG, KASAN, lockups, atomic sleep
    | \bOops\b | general\ protection\ fault
    | Kernel\ panic
    | \b(?:KASAN|KCSAN|UBSAN):\s
    | INFO:\ task\ .*\ blocked\ for\ more\ than
    | INFO:\ rcu_\w+\ .*stall | rcu:\ INFO:\ rcu_
    | INFO:\ trying\ to\ register\ non-static\ key
    | INFO:\ lockdep\ is\ turned\ off
    | lock\ held\ when\ returning\ to\ user\ space
    | refcount_t:\s
    | Dentry\ .*\ still\ in\ use
    | VFS:\ Busy\ inodes
    | \bODEBUG:\s
    | list_(?:add|del)\ corruption
    | BUG\ \S+\ \(.*\):\s               # a slab that was written over
    | Objects\ remaining\ in\ .*\ on\ __kmem_cache_shutdown
    | \d+\ new\ suspected\ memory\ leaks
    """,
    re.VERBOSE,
)

_TIMESTAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ?")

_LINES_BEFORE = 2
_LINES_AFTER = 24


def is_splat(line):
    """Whether this line of a kernel log starts a report."""
    return bool(_SPLAT.search(_TIMESTAMP.sub("", line)))


def find(text):
    """The reports in a kernel log, each as the lines of it and around it.

    Lines that start a report within the tail of an earlier one belong to it:
    one bug prints several.
    """
    lines = text.splitlines()
    found = []
    end = 0
    for number, line in enumerate(lines):
        if not is_splat(line):
            continue
        if number < end:
            end = number + _LINES_AFTER
            found[-1] = (found[-1][0], min(end, len(lines)))
        else:
            end = number + _LINES_AFTER
            found.append((max(0, number - _LINES_BEFORE), min(end, len(lines))))
    return ["\n".join(lines[first:last]) for first, last in found]


# 6.1's SLUB forgets the name of a cache's kobject that it couldn't add: what the case
# fault-mounts makes happen, while the module is loaded, is the kernel's own.
_OF_THE_KERNEL = "sysfs_slab_add+"


def amfs_leaks(text):
    """Splits the text of kmemleak: objects that amfs allocated, all others."""
    ours, others = [], []
    for leak in re.split(r"(?m)^(?=unreferenced object )", text):
        if leak.strip():
            is_ours = "amfs" in leak and _OF_THE_KERNEL not in leak
            (ours if is_ours else others).append(leak.rstrip())
    return ours, others
