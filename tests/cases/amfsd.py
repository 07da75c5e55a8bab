# SPDX-License-Identifier: GPL-2.0
"""amfsd in a test: start it, stop it, kill it, read its log.

On 6.1 it is the ASan and UBSan build, on debug, where the kernel is what is
watched, the plain one; AMFS_SANITIZED=1 or 0 chooses.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import time

import amfs

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SANITIZED = os.environ.get("AMFS_SANITIZED", str(int(os.environ.get("AMFS_KERNEL") == "6.1")))
BUILD = os.path.join(TOP, "build", "asan" if SANITIZED == "1" else "")
AMFSD = os.path.join(BUILD, "amfsd")
AMFSCTL = os.path.join(BUILD, "amfsctl")


class Amfsd:
    """An amfsd in the foreground, that serves the map "home" from a text."""

    def __init__(self, text, *options, map_name="home", wait=True):
        self.folder = tempfile.mkdtemp()
        self.file = os.path.join(self.folder, "map")
        self.log_file = os.path.join(self.folder, "log")
        self.map_name = map_name
        self.options = options
        self.write(text)
        self.process = None
        self.start(wait)

    def write(self, text):
        with open(self.file, "wb") as file:
            file.write(os.fsencode(text))

    def start(self, wait=True, options=()):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [AMFSD, "-f", *self.options, *options, f"{self.map_name}={self.file}"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            amfs.wait_until(self.bound, "amfsd binds the map")

    def bound(self):
        assert self.process.poll() is None, f"amfsd ended:\n{self.log()}"
        return any(p["daemon_pid"] == self.process.pid for p in amfs.listing(amfs.LIST_POINTS))

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as log:
            return log.read()

    def reload(self, text):
        """SIGHUP, and wait until it says so."""
        before = len(self.log())
        self.write(text)
        self.process.send_signal(signal.SIGHUP)
        amfs.wait_until(lambda: len(self.log()) > before, "amfsd logs that it re-read the map")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.kill()
        log = self.log()
        if kind or "Sanitizer" in log or "runtime error" in log:
            print(f"amfsd's log:\n{log}", flush=True)
        assert "Sanitizer" not in log and "runtime error" not in log, "a sanitizer complains"


class dead_helper:
    """A mount.amfstest that says that it runs, and never comes back."""

    FILE = "/sbin/mount.amfstest"
    STARTED = "/run/amfstest"

    def __enter__(self):
        with open(self.FILE, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n: >{self.STARTED}\nexec sleep 1000\n")
        os.chmod(self.FILE, 0o755)
        return self.STARTED

    def __exit__(self, *unused):
        os.unlink(self.FILE)
        if os.path.exists(self.STARTED):
            os.unlink(self.STARTED)


def ctl(*words, status=0):
    """amfsctl's output; its exit status is checked."""
    done = subprocess.run([AMFSCTL, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (
        f"amfsctl {words}: status {done.returncode}, not {status}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def fstype(path):
    """The type of what is mounted on a path, without a walk that triggers."""
    found = None
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as info:
        for line in info:
            words = line.split()
            if words[4] == path:
                found = words[words.index("-") + 1]
    return found


@contextlib.contextmanager
def images():
    """A folder with an ext4 and a squashfs image and a directory to bind."""
    folder = tempfile.mkdtemp()
    os.mkdir(f"{folder}/dir")
    with open(f"{folder}/dir/hello", "w", encoding="ascii") as file:
        file.write("hello\n")
    subprocess.run(["mksquashfs", f"{folder}/dir", f"{folder}/squash.img", "-quiet",
                    "-no-progress"], check=True, stdout=subprocess.DEVNULL)
    with open(f"{folder}/ext4.img", "wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-d", f"{folder}/dir", f"{folder}/ext4.img"], check=True)
    with open(f"{folder}/garbage.img", "wb") as file:
        file.write(b"garbage " * (1 << 17))
    yield folder


def timed(function, *args):
    started = time.monotonic()
    result = function(*args)
    return result, time.monotonic() - started
