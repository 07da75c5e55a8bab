# SPDX-License-Identifier: GPL-2.0
"""Fault injection by number: the nth allocation, or copy to or from user space, that a call makes
fails, for every n until nothing does.

Nothing of such a case is a thread while something may fail: the C library ends a process whose
futexes fail.
"""

import contextlib
import errno
import os
import sys

import amfs
import settled

FAIL_NTH = "/proc/thread-self/fail-nth"
DEBUG = "/sys/kernel/debug"
MOST = 2000
# What a call may say for that reason.
EXPECTED = (errno.ENOMEM, errno.EFAULT)


class Injection:
    """The nth thing of this thread that can fail does."""

    def __init__(self):
        self.fd = os.open(FAIL_NTH, os.O_RDWR | os.O_CLOEXEC)

    def arm(self, number):
        os.pwrite(self.fd, b"%d" % number, 0)

    def disarm(self):
        """True when it has come to it."""
        # These two copy as well, and may be the ones that fail.
        left = b"1"
        with contextlib.suppress(OSError):
            left = os.pread(self.fd, 16, 0)
        while True:
            try:
                os.pwrite(self.fd, b"0", 0)
                return int(left) == 0
            except OSError as err:
                amfs.equal(err.errno, errno.EFAULT, "fail-nth")

    def close(self):
        os.close(self.fd)


def injected(number, call, *args):
    """(failed there at all, what it returned, its errno)"""
    injection = Injection()
    value, error = None, 0
    try:
        injection.arm(number)
        try:
            value = call(*args)
        except OSError as err:
            error = err.errno
        finally:
            there = injection.disarm()
    finally:
        injection.close()
    return there, value, error


def walker(path):
    return settled.Child(settled.errno_of, os.stat, path)


def walks(path):
    """Walkers one after the other; tell() begins a walk, its outcome is the errno."""
    return settled.Caller(lambda: settled.errno_of(os.stat, path))


def injections(call, *args):
    """As injected(), in a process of its own: tell() it the number."""
    return settled.Caller(lambda number: injected(number, call, *args))


def number_of_each():
    """1, 2, ...; the check returns when nothing failed any more."""
    yield from range(1, MOST)
    raise AssertionError("there is no end of it")


def allowed(error):
    assert error in (0, *EXPECTED), errno.errorcode.get(error, error)
    return error


def each_failure(call, *args, good=lambda value: None, bad=lambda error: None):
    """Until it isn't reached any more; good() undoes a success, bad() looks at a failure."""
    failures = 0
    for number in range(1, MOST):
        there, value, error = injected(number, call, *args)
        if error:
            assert error in EXPECTED, (
                f"{number}: expected ENOMEM or EFAULT, got {errno.errorcode.get(error, error)}")
            assert there, f"{number}: {errno.errorcode[error]} without a reason"
            failures += 1
            bad(error)
        else:
            good(value)
        if not there:
            assert failures, "nothing could fail"
            return
    raise AssertionError("there is no end of it")


def main(*checks):
    if not os.path.exists(FAIL_NTH):
        print("this kernel has no fault injection (CONFIG_FAULT_INJECTION)")
        sys.exit(77)
    if not os.path.ismount(DEBUG):
        amfs.mount("debugfs", DEBUG, "debugfs")
    for name, value in (("failslab/ignore-gfp-wait", "N"), ("failslab/verbose", "0"),
                        ("fail_page_alloc/ignore-gfp-wait", "N"),
                        ("fail_page_alloc/min-order", "0"), ("fail_page_alloc/verbose", "0"),
                        ("fail_usercopy/verbose", "0")):
        settled.put(f"{DEBUG}/{name}", value)
    settled.main(*checks)
