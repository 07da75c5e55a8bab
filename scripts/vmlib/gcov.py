#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Copies out of a guest how often each line of amfs has run, to /mnt/share/gcov.

The kernel counts for as long as it lives, over modules that are unloaded and
loaded again. On a kernel without gcov, or with nothing counted, nothing is done.
"""

import os
import sys

ROOT = "/sys/kernel/debug/gcov"
SHARE = "/mnt/share/gcov"
MIRROR = "/build/mod/gcov/"


def copy(source, target):
    with open(source, "rb") as f:
        counts = f.read()
    os.makedirs(os.path.dirname(target), exist_ok=True)
    # a guest that dies just now leaves the counts before these
    with open(target + ".new", "wb") as f:
        f.write(counts)
    os.rename(target + ".new", target)


def collect():
    """What has been counted so far, in place of what was collected before."""
    if not os.path.isdir(os.path.dirname(SHARE)):
        return
    for folder, _, names in os.walk(ROOT):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".gcda") and MIRROR in path:
                copy(path, os.path.join(SHARE, path.split(MIRROR, 1)[1]))


if __name__ == "__main__":
    collect()
    sys.exit(0 if os.path.isdir(SHARE) else f"gcov.py: nothing to collect in {ROOT}")
