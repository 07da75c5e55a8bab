# SPDX-License-Identifier: GPL-2.0
"""A daemon in a test's hands: the protocol of /dev/amfs, call by call.

amfsd does what is right; the cases need one that lies, dawdles and dies.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import select
import struct
import subprocess
import sys
import threading
import time

VERSION = 1
NAME_SIZE = 256
MS_DEFAULT = 0xFFFFFFFF

MOUNT, EXPIRE, CANCEL, POINT_UP, POINT_GONE = 1, 2, 3, 4, 5
F_AGAIN, F_NOW, F_PATH, F_KERNEL, F_DIRECT, F_TREE = 1, 2, 4, 8, 16, 32
BIND_ADOPT = 1
TARGET_PATH, TARGET_TREE = 1, 2
DONE_ATTACH = 1
INFO_PATH, INFO_NSATTACH, INFO_KERNEL, INFO_DAEMON, INFO_DIRECT = 1, 2, 4, 8, 16
INFO_OFFSET, INFO_TREE = 32, 64
EXPIRE_DUE, EXPIRE_ALL, EXPIRE_KEY = 1, 2, 4
KEYS_ADD, KEYS_DEL, KEYS_CLEAR, KEYS_LIST, KEYS_MAPS = 1, 2, 3, 4, 5
KEYS_REPLACE = 1
TIMEOUT_DEFAULT = 0xFFFFFFFF
LIST_POINTS, LIST_KEYS, LIST_REQUESTS = 1, 2, 3
IDLE, PENDING, MOUNTED, EXPIRING, FAILED = 0, 1, 2, 3, 4

BIND_FMT = "=IIIII3I256s"
RELEASE_FMT = "=IIII"
TARGET_FMT = "=IIQIii5I"
DONE_FMT = "=IIQIIiIiIQ"
EXPIRE_FMT = "=IIIIIIII256s256s"
LIST_FMT = "=IIIIQQQI3I"
MSG_FMT = "=IHHQIIIIII16s3II"
MSG_SIZE = struct.calcsize(MSG_FMT)
POINT_FMT = "=12IQIIII256s"
KEY_FMT = "=6IQQII256s"
KEYS_FMT = "=IIIIQQIIII256s"
RECORD_FMT = "=IIIIIIII"
REQUEST_FMT = "=IIQIIIIQQIIIIII16s256s"


def _ioc(direction, number, size):
    return direction << 30 | size << 16 | 0xA7 << 8 | number


IOC_BIND = _ioc(3, 1, struct.calcsize(BIND_FMT))
IOC_RELEASE = _ioc(1, 2, struct.calcsize(RELEASE_FMT))
IOC_TARGET = _ioc(3, 3, struct.calcsize(TARGET_FMT))
IOC_DONE = _ioc(1, 4, struct.calcsize(DONE_FMT))
IOC_EXPIRE = _ioc(3, 5, struct.calcsize(EXPIRE_FMT))
IOC_LIST = _ioc(3, 6, struct.calcsize(LIST_FMT))
IOC_KEYS = _ioc(3, 7, struct.calcsize(KEYS_FMT))

_libc = ctypes.CDLL(None, use_errno=True)

SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_FSOPEN = 428, 429, 430
SYS_FSCONFIG, SYS_FSMOUNT, SYS_MOUNT_SETATTR = 431, 432, 442
AT_EMPTY_PATH, AT_RECURSIVE = 0x1000, 0x8000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC, ATTR_IDMAP = 1, 2, 4, 8, 0x100000
MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW = 1, 2, 4, 8
FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE = 1, 6
MOVE_F_EMPTY, MOVE_T_EMPTY = 0x4, 0x40
O_PATH = getattr(os, "O_PATH", 0o10000000)


def _check(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(number, *args):
    """A system call that libc has no name for; bytes are pointers."""
    words = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in args]
    return _check(_libc.syscall(ctypes.c_long(number), *words))


def umount(path, flags=0):
    _check(_libc.umount2(os.fsencode(path), flags))


def mount(source, target, fstype="", flags=0, options=""):
    _check(_libc.mount(os.fsencode(source), os.fsencode(target), fstype.encode(),
                       ctypes.c_ulong(flags), options.encode()))


def detached_tmpfs(marker="hello", attributes=0):
    """A detached mount with one file in it; attributes are MOUNT_ATTR_*."""
    fs = syscall(SYS_FSOPEN, b"tmpfs", 1)
    try:
        syscall(SYS_FSCONFIG, fs, FSCONFIG_CMD_CREATE, 0, 0, 0)
        mnt = syscall(SYS_FSMOUNT, fs, 1, 0)
    finally:
        os.close(fs)
    os.close(os.open(marker, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=mnt))
    if attributes:
        mount_setattr(mnt, attributes)
    return mnt


def mount_setattr(mnt, attributes, userns_fd=0):
    syscall(SYS_MOUNT_SETATTR, mnt, b"", AT_EMPTY_PATH,
            struct.pack("=QQQQ", attributes, 0, 0, userns_fd), 32)


def open_tree(path, flags=1):
    """A detached copy of a mount (OPEN_TREE_CLONE)."""
    return syscall(SYS_OPEN_TREE, -100, os.fsencode(path), flags | os.O_CLOEXEC)


class Msg:
    """One record that was read."""

    def __init__(self, data):
        (self.size, self.kind, self.flags, self.id, major, minor, self.pid, self.uid,
         self.gid, self.deadline_ms, comm, self.mnt_ns, self.user_ns, _, length) = struct.unpack_from(MSG_FMT, data)
        self.dev = os.makedev(major, minor)
        self.comm = os.fsdecode(comm.split(b"\0")[0])
        self.name = data[MSG_SIZE:MSG_SIZE + length]
        self.key = os.fsdecode(self.name)

    def __repr__(self):
        return f"<kind {self.kind} id {self.id} key {self.name!r} flags {self.flags}>"


class Daemon:
    """An open of /dev/amfs; bound to a map unless map is None."""

    def __init__(self, map_name=None, flags=0, own_group=False):
        self.fd = os.open("/dev/amfs", os.O_RDWR | os.O_CLOEXEC)
        self.waiting = []
        if own_group:
            os.setpgid(0, 0)
        if map_name is not None:
            self.points, self.again = self.bind(map_name, flags)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def bind(self, map_name, flags=0):
        out = fcntl.ioctl(self.fd, IOC_BIND, struct.pack(
            BIND_FMT, struct.calcsize(BIND_FMT), VERSION, flags, 0, 0, 0, 0, 0,
            os.fsencode(map_name)))
        fields = struct.unpack(BIND_FMT, out)
        return fields[3], fields[4]

    def release(self):
        fcntl.ioctl(self.fd, IOC_RELEASE, struct.pack(RELEASE_FMT, 16, VERSION, 0, 0))

    def read(self, timeout=10.0, size=65536):
        """All records that are there, after waiting for the first."""
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return []
        data, records = os.read(self.fd, size), []
        while data:
            records.append(Msg(data))
            data = data[records[-1].size:]
        return records

    def next(self, *kinds, timeout=30.0):
        """The next record of one of these kinds; others are dropped."""
        end = time.monotonic() + timeout
        while True:
            while self.waiting:
                msg = self.waiting.pop(0)
                if not kinds or msg.kind in kinds:
                    return msg
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no record of kind {kinds} within {timeout} s")
            self.waiting += self.read(left)

    def drop_all(self):
        """Forget every record that has come by now."""
        self.waiting.clear()
        while self.read(0):
            pass

    def none(self, *kinds, timeout=0.5):
        """Assert that no record of these kinds comes."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            self.waiting += self.read(left)
        found = [m for m in self.waiting if not kinds or m.kind in kinds]
        assert not found, f"unexpected records {found}"

    def target(self, number, mnt_fd, flags=0):
        out = fcntl.ioctl(self.fd, IOC_TARGET, struct.pack(
            TARGET_FMT, struct.calcsize(TARGET_FMT), VERSION, number, flags, mnt_fd, -1, 0, 0, 0, 0, 0))
        return struct.unpack(TARGET_FMT, out)[5]

    def done(self, number, error=0, mnt_fd=-1, ttl_ms=MS_DEFAULT, attach_fd=None, source=None):
        name = ctypes.create_string_buffer(os.fsencode(source)) if source is not None else None
        fcntl.ioctl(self.fd, IOC_DONE, struct.pack(
            DONE_FMT, struct.calcsize(DONE_FMT), VERSION, number,
            0 if attach_fd is None else DONE_ATTACH, error, mnt_fd, ttl_ms, attach_fd or 0, 0,
            ctypes.addressof(name) if name else 0))

    def hand_over(self, msg, point, mnt=None, source=None):
        """Give the kernel a mount (a new tmpfs) to attach, and answer."""
        mnt = detached_tmpfs() if mnt is None else mnt
        try:
            with opened(point) as root:
                self.done(msg.id, 0, root, attach_fd=mnt, source=source)
        finally:
            os.close(mnt)

    def attach(self, msg, point, mnt=None):
        """Mount by the trigger-fd route without answering."""
        mnt = detached_tmpfs() if mnt is None else mnt
        with opened(point) as root:
            target = self.target(msg.id, root)
            try:
                syscall(SYS_MOVE_MOUNT, mnt, b"", target, b"", MOVE_F_EMPTY | MOVE_T_EMPTY)
            finally:
                os.close(target)
                os.close(mnt)

    def serve(self, msg, point):
        """Mount a tmpfs and answer."""
        self.attach(msg, point)
        with opened(point) as root:
            self.done(msg.id, 0, root)

    def serve_path(self, msg, point):
        """The classic route: mkdir, mount on the path, answer."""
        path = os.path.join(point, msg.key)
        os.mkdir(path)
        mount("tmpfs", path, "tmpfs")
        os.close(os.open(os.path.join(path, "hello"), os.O_CREAT | os.O_WRONLY, 0o644))
        with opened(point) as root:
            self.done(msg.id, 0, root)

    def unmount(self, msg, point):
        """Expire: as amfsd does; 0 or the errno."""
        path = os.path.join(point, msg.key)
        for _ in range(2 if msg.flags & F_NOW else 1):
            try:
                umount(path, MNT_EXPIRE | UMOUNT_NOFOLLOW)
                return 0
            except OSError as err:
                number = err.errno
        return number

    def expired(self, msg, point):
        """Unmount and answer; the errno that was answered."""
        error = self.unmount(msg, point)
        if error:
            self.done(msg.id, error)
            return error
        with opened(point) as root:
            self.done(msg.id, 0, root)
        return 0


@contextlib.contextmanager
def opened(path, flags=O_PATH | os.O_DIRECTORY | os.O_CLOEXEC):
    fd = os.open(path, flags)
    try:
        yield fd
    finally:
        os.close(fd)


def expire(map_name, flags, key=b""):
    """AMFS_IOC_EXPIRE: (chosen, expired, busy, failed)."""
    key = os.fsencode(key)
    with opened("/dev/amfs", os.O_RDWR | os.O_CLOEXEC) as fd:
        out = fcntl.ioctl(fd, IOC_EXPIRE, struct.pack(
            EXPIRE_FMT, struct.calcsize(EXPIRE_FMT), VERSION, flags, len(key), 0, 0, 0, 0,
            os.fsencode(map_name), key))
    return struct.unpack(EXPIRE_FMT, out)[4:8]


def key_record(key, fstype="", source="", options=(), attr=0, timeout=TIMEOUT_DEFAULT):
    """An in-kernel key, as bytes."""
    words = [os.fsencode(word) for word in (key, fstype, source)]
    tail = b"".join(os.fsencode(option) + b"\0" for option in options)
    data = b"".join(word + b"\0" for word in words) + tail
    size = (struct.calcsize(RECORD_FMT) + len(data) + 7) & ~7
    head = struct.pack(RECORD_FMT, size, timeout, attr, *map(len, words), len(tail), 0)
    return (head + data).ljust(size, b"\0")


def keys_call(operation, map_name="home", data=b"", flags=0, cursor=0, room=0):
    """AMFS_IOC_KEYS: (records done, cursor, what was written); OSError.done tells as well."""
    buf = ctypes.create_string_buffer(data, max(len(data), room, 1))
    length = len(data) or room
    arg = bytearray(struct.pack(
        KEYS_FMT, struct.calcsize(KEYS_FMT), VERSION, operation, flags,
        ctypes.addressof(buf) if length else 0, cursor, length, 0, 0, 0, os.fsencode(map_name)))
    with opened("/dev/amfs", os.O_RDWR | os.O_CLOEXEC) as fd:
        try:
            fcntl.ioctl(fd, IOC_KEYS, arg)
        except OSError as err:
            err.done = struct.unpack(KEYS_FMT, arg)[7]
            raise
    fields = struct.unpack(KEYS_FMT, arg)
    return fields[7], fields[5], buf.raw[:fields[6]] if room else b""


def add_key(key, fstype, source, *options, map_name="home", flags=0, **fields):
    keys_call(KEYS_ADD, map_name, key_record(key, fstype, source, options, **fields), flags)


def loaded(operation=KEYS_LIST, map_name="home", room=65536):
    """What is loaded: (key, fstype, source, options, attr, timeout) of each."""
    found, cursor = [], 0
    while True:
        _, cursor, data = keys_call(operation, map_name, cursor=cursor, room=room)
        if not data:
            return found
        while data:
            size, timeout, attr, *lengths, tail, _ = struct.unpack_from(RECORD_FMT, data)
            pos, words = struct.calcsize(RECORD_FMT), []
            for length in lengths:
                words.append(os.fsdecode(data[pos:pos + length]))
                pos += length + 1
            options = data[pos:pos + tail].split(b"\0")[:-1]
            found.append((*words, [os.fsdecode(o) for o in options], attr, timeout))
            data = data[size:]


def listing(what, page=65536):
    """AMFS_IOC_LIST: the records as dictionaries."""
    fmt = {LIST_POINTS: POINT_FMT, LIST_KEYS: KEY_FMT, LIST_REQUESTS: REQUEST_FMT}[what]
    names = {
        LIST_POINTS: "size major minor daemon_pid timeout deadline grace negative mounted pending "
                     "failed requests orphan_ms flags map_len unreached s2 map",
        LIST_KEYS: "size state major minor error flags idle_ms due_ms name_len spare name",
        LIST_REQUESTS: "size kind id major minor delivered waiters age_ms left_ms pid uid gid "
                       "mnt_ns user_ns name_len comm name",
    }[what].split()
    records, cursor, buf = [], (0, 0), ctypes.create_string_buffer(page)
    with opened("/dev/amfs", os.O_RDWR | os.O_CLOEXEC) as fd:
        while True:
            out = struct.unpack(LIST_FMT, fcntl.ioctl(fd, IOC_LIST, struct.pack(
                LIST_FMT, struct.calcsize(LIST_FMT), VERSION, what, page,
                ctypes.addressof(buf), *cursor, 0, 0, 0, 0)))
            cursor, used, pos = out[5:7], out[7], 0
            if not used:
                return records
            while pos < used:
                record = dict(zip(names, struct.unpack_from(fmt, buf.raw, pos)))
                if "name" in record:
                    record["name"] = record["name"][:record["name_len"]]
                records.append(record)
                pos += record["size"]


def state(key):
    """The state of a key in any automount point, IDLE when it isn't listed."""
    for record in listing(LIST_KEYS):
        if record["name"] == os.fsencode(key):
            return record["state"]
    return IDLE


class Walker:
    """A process of its own group that does one thing to a path and says how it went."""

    def __init__(self, what, path, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, "amfs-walk", what, os.fsencode(path)], stdout=subprocess.PIPE,
            start_new_session=True, text=True, errors="surrogateescape")

    @property
    def pid(self):
        return self.process.pid

    def errno(self, timeout=60):
        """0 or the errno, negative a signal, when it has come back."""
        self.output = self.process.communicate(timeout=timeout)[0].strip()
        return self.process.returncode

    def running(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        return self.errno()


def walk(what, path):
    return Walker(what, path).errno()


class Namespace:
    """A mount namespace of its own, as unshare(1) makes it, while the object lives."""

    def __init__(self, propagation="private", user=False):
        self.holder = subprocess.Popen(
            ["unshare", *(["-U", "-r"] if user else []), "-m", "--propagation", propagation,
             "sh", "-c", "echo; exec sleep 1000"], stdout=subprocess.PIPE, start_new_session=True)
        self.holder.stdout.readline()
        self.enter = ["nsenter", "-t", str(self.holder.pid),
                      *(["-U", "--preserve-credentials"] if user else []), "-m", "--"]

    def walker(self, what, path):
        return Walker(what, path, self.enter)

    def walk(self, what, path):
        return self.walker(what, path).errno()

    def run(self, *words):
        """Its exit status, and what it printed."""
        done = subprocess.run([*self.enter, *words], capture_output=True, text=True,
                              start_new_session=True)
        return done.returncode, done.stdout + done.stderr

    @contextlib.contextmanager
    def inside(self, path):
        """A process in the namespace whose current folder that is."""
        process = subprocess.Popen(
            [*self.enter, "sh", "-c", f"cd {path} && echo && exec sleep 1000"],
            stdout=subprocess.PIPE, start_new_session=True)
        try:
            assert process.stdout.readline(), f"can't enter {path}"
            yield
        finally:
            os.killpg(process.pid, 9)
            process.wait()
            process.stdout.close()

    def mounts(self, path="/"):
        """(fs type, device, options) of each mount at or below a path, by mount point."""
        return mounts(path, self.holder.pid)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


def mounts(path="/", pid="self"):
    """The topmost at each mount point; the table may be in any order."""
    found = {}
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="surrogateescape") as info:
        lines = [line.split() for line in info]
    covered = {(words[1], words[4]) for words in lines}
    for words in lines:
        where = words[4]
        if where != path and not where.startswith(path.rstrip("/") + "/"):
            continue
        if (words[0], where) not in covered:
            kind, device = words[words.index("-") + 1:][:2]
            found[where] = (kind, device, words[5].split(","))
    return found


def served(daemon, point, path, what="open", route="fd"):
    """A walk that the daemon serves with a tmpfs; its errno."""
    walker = Walker(what, path)
    msg = daemon.next(MOUNT)
    (daemon.serve if route == "fd" else daemon.serve_path)(msg, point)
    return walker.errno()


def wait_until(condition, why, timeout=30.0):
    """For what has no event to wait for: another process's progress."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s: {why}; {listing(LIST_KEYS)}, "
                                 f"{listing(LIST_REQUESTS)}")
        time.sleep(0.02)


def asleep(count=1, key=None):
    """That many tasks wait for the request(s)."""
    def enough():
        return sum(r["waiters"] for r in listing(LIST_REQUESTS)
                   if key is None or r["name"] == os.fsencode(key)) >= count
    wait_until(enough, f"{count} waiters")


@contextlib.contextmanager
def automount_point(map_name="home", options="", path="/tmp/amfs"):
    """An automount point, taken down with all that is mounted below."""
    os.makedirs(path, exist_ok=True)
    mount(map_name, path, "amfs", 0, options)
    try:
        yield path
    finally:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as info:
            below = [line.split()[4] for line in info if line.split()[4].startswith(path + "/")]
        for target in reversed(below):
            with contextlib.suppress(OSError):
                umount(os.fsencode(target).decode("unicode_escape").encode("latin-1"), MNT_DETACH)
        umount(path)


def in_background(function, *args, **kwargs):
    """Call it in a thread; what is returned waits for its outcome and passes that on."""
    outcome = []

    def run():
        try:
            outcome.append((function(*args, **kwargs), None))
        except Exception as err:
            outcome.append((None, err))
    thread = threading.Thread(target=run)
    thread.start()

    def join(timeout=30):
        thread.join(timeout)
        assert outcome, f"{function} still runs after {timeout} s"
        value, err = outcome[0]
        if err:
            raise err
        return value
    join.running = thread.is_alive
    return join


class Quick:
    """A walk in a thread, for those who can't wait for a process to start. By the
    classic route it would be the daemon's own."""

    def __init__(self, path, flags=os.O_RDONLY):
        self._join = in_background(self._open, path, flags)

    @staticmethod
    def _open(path, flags):
        os.close(os.open(path, flags | os.O_CLOEXEC))

    def running(self):
        return self._join.running()

    def errno(self, timeout=60):
        try:
            self._join(timeout)
        except OSError as err:
            return err.errno
        return 0


def kernel_log():
    return subprocess.run(["dmesg"], check=True, capture_output=True, text=True).stdout


def key_flags(key):
    """INFO_* of a key that is listed."""
    return next(r["flags"] for r in listing(LIST_KEYS) if r["name"] == os.fsencode(key))


def kernel_ioctl(fd, command, address):
    """ioctl(2) with an address of any kind, good or bad."""
    return _check(_libc.ioctl(fd, ctypes.c_ulong(command), ctypes.c_void_p(address)))


def kernel_read(fd, address, size):
    """read(2) to an address of any kind, not repeated after a signal."""
    return _check(_libc.read(fd, ctypes.c_void_p(address), ctypes.c_size_t(size)))


class Fence:
    """A writable page and one that isn't mapped behind it."""

    PAGE = 4096

    def __init__(self):
        _libc.mmap.restype = ctypes.c_void_p
        self.start = _libc.mmap(None, ctypes.c_size_t(2 * self.PAGE), 3, 0x22, -1,
                                ctypes.c_long(0))
        self.end = self.start + self.PAGE
        _check(_libc.munmap(ctypes.c_void_p(self.end), ctypes.c_size_t(self.PAGE)))

    def put(self, data, inside=None):
        """Store data so that the first bytes (all, unless told) end at the hole."""
        address = self.end - (len(data) if inside is None else inside)
        ctypes.memmove(address, data, self.end - address if inside is not None else len(data))
        return address

    def get(self, address, size):
        return ctypes.string_at(address, size)

    def read_only(self, yes=True):
        _check(_libc.mprotect(ctypes.c_void_p(self.start), ctypes.c_size_t(self.PAGE),
                              1 if yes else 3))

    def close(self):
        _check(_libc.munmap(ctypes.c_void_p(self.start), ctypes.c_size_t(self.PAGE)))


def expect(numbers, function, *args, **kwargs):
    """The call fails with this errno, or one of these."""
    numbers = numbers if isinstance(numbers, tuple) else (numbers,)
    names = " or ".join(errno.errorcode[number] for number in numbers)
    try:
        function(*args, **kwargs)
    except OSError as err:
        assert err.errno in numbers, f"expected {names}, got {errno.errorcode[err.errno]}"
        return
    raise AssertionError(f"expected {names}, it succeeded")


def equal(got, wanted, what=""):
    def word(value):
        return errno.errorcode.get(value, value) if isinstance(value, int) and value > 0 else value
    assert got == wanted, f"{what}: expected {word(wanted)}, got {word(got)}"


def main(*checks):
    """Run the checks of a case in order, each named."""
    for check in checks:
        started = time.monotonic()
        try:
            check()
        except BaseException:
            print(f"not ok {check.__name__}", flush=True)
            raise
        print(f"ok {check.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
    for thread in threading.enumerate():
        assert thread is threading.current_thread(), f"{thread} still runs"
    sys.stdout.flush()
