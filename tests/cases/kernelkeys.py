# SPDX-License-Identifier: GPL-2.0
"""Automount points with in-kernel keys, for the cases about them."""

import collections
import contextlib
import os
import time

import amfs


@contextlib.contextmanager
def keys(*records, options="timeout=0", map_name="home"):
    """An automount point without a daemon, and these keys."""
    with amfs.automount_point(map_name, options + ",grace=0") as point:
        for record in records:
            amfs.add_key(*record, map_name=map_name)
        try:
            yield point
        finally:
            amfs.keys_call(amfs.KEYS_CLEAR, map_name)


def kind(path):
    return amfs.mounts(path).get(path, (None,))[0]


@contextlib.contextmanager
def lazy_point():
    """What the kernel's worker walks through on its way."""
    os.makedirs("/tmp/lazy", exist_ok=True)
    amfs.mount("lazy", "/tmp/lazy", "amfs")
    try:
        yield "/tmp/lazy"
    finally:
        # It may still be on its way when the request that it began with has ended.
        amfs.wait_until(lambda: unmounted("/tmp/lazy/it") and unmounted("/tmp/lazy"),
                        "the worker has left")


def unmounted(path):
    if path in amfs.mounts(path):
        with contextlib.suppress(OSError):
            amfs.umount(path)
    return path not in amfs.mounts(path)


@contextlib.contextmanager
def slow_key(options="timeout=0", name="slow"):
    """A key whose source leads through another key that a daemon serves when told."""
    with lazy_point() as lazy, amfs.Daemon("lazy") as daemon, \
            keys((name, "bind", "/tmp/lazy/it"), options=options) as point:
        yield point, lambda: daemon.serve(daemon.next(amfs.MOUNT), lazy)
        amfs.wait_until(lambda: not amfs.listing(amfs.LIST_REQUESTS), "no request is left")


def attempt(path):
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY))
    except OSError as err:
        return err.errno
    return 0


def walks(paths, least, served):
    """How often each errno came: so many walks by turns, and more until so many went well."""
    count = collections.Counter()
    end = time.monotonic() + 60
    while count.total() < least or count[0] < served:
        for path in paths:
            count[attempt(path)] += 1
        assert time.monotonic() < end, count
    return count
