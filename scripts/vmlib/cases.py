#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs test cases inside a guest and writes down what came of each.

Called by tests/run, through scripts/vm, as: cases.py FACTOR CASE... where a
case is the path of an executable. Events go, one JSON object per line, to
/mnt/share/events; each case's output to /mnt/share/NAME.log. An event is on
the host before the next thing happens, so that a panic finds its case.

A case finds in its environment TMPDIR, a folder of its own, and AMFS_FACTOR,
by how much longer than usual it may have to wait for things here.
"""

import contextlib
import ctypes
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import gcov  # noqa: E402
import splat  # noqa: E402

SHARE = "/mnt/share"
DEFAULT_LIMIT = 120
SKIP_STATUS = 77

LIBC = ctypes.CDLL(None)
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8

# A daemon that was told to end may need so long until it is gone.
SETTLE_SECONDS = 3


class KernelLog:
    """Reads /dev/kmsg from where it was last left."""

    def __init__(self):
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)

    def news(self):
        """Everything logged since the last call."""
        lines = []
        while True:
            try:
                record = os.read(self._fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return "\n".join(lines)
            except OSError as error:
                # EPIPE: records were overwritten before they were read
                if error.errno != errno.EPIPE:
                    raise
                lines.append("(some of the kernel log is lost)")
                continue
            head, _, text = record.partition(";")
            usec = int(head.split(",")[2])
            lines.append(f"[{usec / 1e6:12.6f}] {text.splitlines()[0] if text else ''}")

    @staticmethod
    def mark(text):
        """Puts a line of our own into the log."""
        with open("/dev/kmsg", "w", encoding="utf-8") as f:
            f.write(f"amfs-test: {text}\n")


def event(**fields):
    """Tells the host; on its disk when this returns."""
    fd = os.open(f"{SHARE}/events", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(fd, (json.dumps(fields) + "\n").encode())
    os.fsync(fd)
    os.close(fd)


# ---- what a case may leave behind -------------------------------------------

def processes():
    """(pid, comm, session) of every process with a memory of its own."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as f:
                stat = f.read()
            comm = stat[stat.index("(") + 1:stat.rindex(")")]
            fields = stat[stat.rindex(")") + 2:].split()
            if fields[0] not in "ZX":
                yield int(entry), comm, int(fields[3])


def daemons():
    return [pid for pid, comm, _ in processes() if comm == "amfsd"]


def mounts():
    """(mount point, type) of every mount here, the newest last."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as f:
        for line in f:
            before, _, after = line.partition(" - ")
            where = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), before.split()[4])
            yield where, after.split()[0]


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def left_behind(session, mounts_before):
    """What the case should have cleaned up itself, in words; and does it."""
    end = time.monotonic() + SETTLE_SECONDS
    while daemons() and time.monotonic() < end:
        time.sleep(0.05)
    left = []
    pids = daemons()
    if pids:
        left.append(f"{len(pids)} amfsd still running")
        kill(pids)
    kill(pid for pid, _, its in processes() if its == session)
    extra = list(mounts())[len(mounts_before):]
    points = [where for where, kind in extra if kind == "amfs"]
    if points:
        left.append("amfs still mounted at " + ", ".join(points))
    # An automount point before what is below it: to get there may be a walk that nobody
    # serves. umount(8) walks there by itself, too.
    for where, _ in extra + extra[::-1]:
        LIBC.umount2(os.fsencode(where), MNT_DETACH | UMOUNT_NOFOLLOW)
    return left


def ensure_module():
    """Loads the module again when a case has left it unloaded."""
    ko = os.environ.get("AMFS_KO", "")
    if os.path.exists(ko) and not os.path.exists("/sys/module/amfs"):
        subprocess.run(["insmod", ko], check=False)


# ---- one case ---------------------------------------------------------------

def declared_limit(path):
    """Seconds from a "timeout: S" in the head lines of a script."""
    with open(path, "rb") as f:
        head = f.read(2048)
    if not head.startswith(b"#!"):
        return DEFAULT_LIMIT
    found = re.search(rb"(?m)^# *timeout: *(\d+)", head)
    return int(found[1]) if found else DEFAULT_LIMIT


def run_case(path, log_path, limit, factor):
    """Runs it in a session of its own: (status or None when its time was up,
    session, its temporary folder)."""
    work = tempfile.mkdtemp(prefix="case-", dir="/tmp")
    name = os.path.basename(path)
    environment = dict(os.environ, AMFS_CASE=name, AMFS_FACTOR=f"{factor:g}", TMPDIR=work)
    with open(log_path, "wb") as log:
        child = subprocess.Popen([path], stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT, env=environment,
                                 start_new_session=True)
        try:
            status = child.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
            with open("/proc/sysrq-trigger", "w", encoding="ascii") as f:
                f.write("w")
    if status is None:
        kill(pid for pid, _, session in processes() if session == child.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
    return status, child.pid, work


def last_line(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        lines = [line.strip() for line in f if line.strip()]
    return lines[-1] if lines else ""


def judge(status, limit, splats, left, log_path):
    """(result, why)"""
    why = []
    if status is None:
        why.append(f"took more than {limit:g} s")
    elif status < 0:
        why.append(f"killed by signal {-status}")
    elif status not in (0, SKIP_STATUS):
        why.append(f"exit status {status}")
    if splats:
        why.append("the kernel log has a warning")
    why += left
    if why:
        return "FAIL", "; ".join(why)
    if status == SKIP_STATUS:
        return "skip", last_line(log_path) or "no reason given"
    return "ok", ""


def one(path, factor, kernel_log):
    name = os.path.basename(path)
    limit = declared_limit(path) * factor
    log_path = f"{SHARE}/{name}.log"
    ensure_module()
    mounts_before = list(mounts())
    event(event="start", name=name, limit=limit)
    kernel_log.mark(f"start {name}")
    start = time.monotonic()
    status, session, work = run_case(path, log_path, limit, factor)
    seconds = time.monotonic() - start
    left = left_behind(session, mounts_before)
    news = kernel_log.news()
    splats = splat.find(news)
    result, why = judge(status, limit, splats, left, log_path)
    detail = "\n\n".join(splats)
    if status is None:
        detail += "\n" + "\n".join(news.splitlines()[-60:])
    event(event="end", name=name, result=result, why=why, seconds=seconds, detail=detail)
    shutil.rmtree(work, ignore_errors=True)


# ---- checks around them -----------------------------------------------------

def check(name, kernel_log, work=None):
    """One more entry in the list: work() returns why it failed and details."""
    event(event="start", name=name, limit=120)
    start = time.monotonic()
    why, detail = work() if work else ("", "")
    splats = splat.find(kernel_log.news())
    if name == "kmemleak":
        # judged by the objects, not by the announcement of any
        splats = [s for s in splats if "new suspected memory leaks" not in s]
    if splats and not why:
        why = "the kernel log has a warning"
    event(event="end", name=name, result="FAIL" if why else "ok", why=why,
          seconds=time.monotonic() - start, detail="\n\n".join([detail, *splats]).strip())


def leaks():
    path = "/sys/kernel/debug/kmemleak"
    for _ in range(2):
        with open(path, "w", encoding="ascii") as f:
            f.write("scan")
    with open(path, encoding="utf-8", errors="replace") as f:
        ours, _ = splat.amfs_leaks(f.read())
    return (f"amfs leaked {len(ours)} objects" if ours else ""), "\n".join(ours[:10])


def unload():
    done = subprocess.run(["rmmod", "amfs"], capture_output=True, text=True, check=False)
    return done.stderr.strip(), ""


def main():
    factor = float(sys.argv[1])
    kernel_log = KernelLog()
    check("boot", kernel_log)
    for path in sys.argv[2:]:
        one(path, factor, kernel_log)
        gcov.collect()
    if os.path.exists("/sys/kernel/debug/kmemleak"):
        check("kmemleak", kernel_log, leaks)
    if os.path.exists("/sys/module/amfs"):
        check("unload", kernel_log, unload)
    gcov.collect()
    event(event="done")


main()
