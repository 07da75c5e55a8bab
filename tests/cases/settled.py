# SPDX-License-Identifier: GPL-2.0
"""What has to hold after a fault: nothing is left of it, nobody sleeps, all works.

kmemleak looks when the last case of a boot has ended; a scan takes a debug kernel long.
"""

import contextlib
import json
import os
import select
import signal
import threading

import amfs

# A mount or an inode more for each fault would be more than that, what else goes on isn't.
SLACK = 16


def put(path, text):
    """At once, and with its errno."""
    with amfs.opened(path, os.O_WRONLY | os.O_CLOEXEC) as fd:
        os.write(fd, text.encode())


def get(path):
    """By few system calls, of which any may be made to fail."""
    with amfs.opened(path, os.O_RDONLY | os.O_CLOEXEC) as fd:
        data = b"".join(iter(lambda: os.read(fd, 65536), b""))
    return data.decode("ascii").strip()


def errno_of(call, *args):
    try:
        call(*args)
    except OSError as err:
        return err.errno
    return 0


class Child:
    """A call in a process of its own, of the same group unless told."""

    def __init__(self, call, *args, own_group=False):
        self.end, end = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                if own_group:
                    os.setpgid(0, 0)
                os.write(end, json.dumps(call(*args)).encode())
            finally:
                os._exit(0)
        os.close(end)

    def running(self):
        return not select.select([self.end], [], [], 0)[0]

    def outcome(self):
        """What the call returned, None of a process that was killed."""
        data = os.read(self.end, 4096)
        os.close(self.end)
        _, status = os.waitpid(self.pid, 0)
        assert data or os.WIFSIGNALED(status), "it failed"
        return json.loads(data) if data else None


class Caller:
    """A process of its own, of the same group unless told, that makes a call each time it is told
    to; a new one for each time would be most of the work."""

    def __init__(self, call, own_group=False):
        orders, self.orders = os.pipe()
        self.answers, answers = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                if own_group:
                    os.setpgid(0, 0)
                while True:
                    args = json.loads(os.read(orders, 4096))
                    os.write(answers, json.dumps(call(*args)).encode())
            finally:
                os._exit(1)
        os.close(orders)
        os.close(answers)

    def tell(self, *args):
        os.write(self.orders, json.dumps(args).encode())

    def running(self):
        return not select.select([self.answers], [], [], 0)[0]

    def outcome(self):
        data = os.read(self.answers, 4096)
        assert data, "it failed"
        return json.loads(data)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.orders)
        os.close(self.answers)


def inside(text, pids=("self",)):
    """The threads whose stack says so: a function's name, or "[amfs]". Some end meanwhile."""
    # Not there at all is no reason to find nobody.
    get("/proc/self/stack")
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            for tid in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    if text in get(f"/proc/{pid}/task/{tid}/stack"):
                        found.append(get(f"/proc/{pid}/task/{tid}/comm"))
    return found


def held():
    """The tasks that are somewhere in the module."""
    return inside("[amfs]", filter(str.isdigit, os.listdir("/proc")))


def mount_table():
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as info:
        return sorted((line.split()[4], line.split(" - ")[1].split()[0]) for line in info)


def snapshot():
    return {
        "asleep": held(),
        "mounts": mount_table(),
        "references": get("/sys/module/amfs/refcnt"),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "points": len(amfs.listing(amfs.LIST_POINTS)),
        "requests": len(amfs.listing(amfs.LIST_REQUESTS)),
        "maps with keys": amfs.loaded(amfs.KEYS_MAPS, ""),
    }


def slabs():
    """How many mounts and inodes there are, of filesystems without a cache of their own."""
    put("/proc/sys/vm/drop_caches", "2")
    counts = {}
    for name in ("mnt_cache", "inode_cache"):
        folder = f"/sys/kernel/slab/{name}"
        if os.path.exists(f"{folder}/shrink"):
            # Else what each processor keeps counts as used.
            put(f"{folder}/shrink", "1")
            counts[name] = int(get(f"{folder}/objects").split()[0])
    return counts


def works():
    """A whole cycle, by a daemon and without."""
    with amfs.automount_point(path="/tmp/amfs-cycle", options="timeout=0") as point:
        with amfs.Daemon("home") as daemon:
            walker = amfs.Quick(f"{point}/cycle/hello")
            daemon.serve(daemon.next(amfs.MOUNT), point)
            amfs.equal(walker.errno(), 0, "walk")
            expiring = amfs.in_background(amfs.expire, "home", amfs.EXPIRE_KEY, "cycle")
            amfs.equal(daemon.expired(daemon.next(amfs.EXPIRE), point), 0, "expire")
            amfs.equal(expiring(), (1, 1, 0, 0), "counters")
        amfs.add_key("mem", "tmpfs", "none")
        os.listdir(f"{point}/mem")
        amfs.equal(amfs.expire("home", amfs.EXPIRE_KEY, "mem"), (1, 1, 0, 0), "counters")
        amfs.keys_call(amfs.KEYS_CLEAR)


def settled(function):
    """A check after which all is as before, and an automount point works."""
    def check():
        before = snapshot()
        function()
        after = {}

        def same():
            after.update(snapshot())
            return after == before
        try:
            amfs.wait_until(same, "it settles")
        except AssertionError as err:
            raise AssertionError({k: (before[k], after[k]) for k in after
                                  if after[k] != before[k]}) from err
        works()
    check.__name__ = function.__name__
    return check


def main(*checks):
    """As amfs.main(), each check settled, and all together leave no memory in use. What is made
    once, modules and devices, the first check has made."""
    first = settled(lambda: None)
    first.__name__ = "before"

    def nothing_is_left():
        def grown():
            return {name: (before[name], count) for name, count in slabs().items()
                    if count > before[name] + SLACK}
        # Some are freed when all processors have looked away.
        try:
            amfs.wait_until(lambda: not grown(), "mounts and inodes are freed")
        except AssertionError as err:
            raise AssertionError(grown()) from err
    amfs.main(first, settled(checks[0]))
    before = slabs()
    amfs.main(*map(settled, checks[1:]), nothing_is_left)
    print(f"  {before} {slabs()}", flush=True)
