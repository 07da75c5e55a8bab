# SPDX-License-Identifier: GPL-2.0
"""A file server in a test's hands, by /dev/fuse: it can fail, dawdle and die."""

import contextlib
import errno
import os
import stat
import struct
import subprocess
import threading

import amfs

(LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR,
 ACCESS, INTERRUPT, BATCH_FORGET) = (1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 34, 36, 42)
HEAD = "=IIQQIIII"
HEAD_SIZE = struct.calcsize(HEAD)
ROOT = 1


class Server:
    """The root has one directory "dir", with a file "hello", and the files that are given. What
    is in eio fails; what is in hang isn't answered until resume() or the end: opcodes, or names
    that are looked up."""

    def __init__(self, path="/tmp/fuse", **files):
        self.path = path
        self.eio, self.hang, self.waiting = set(), set(), []
        self.nodes = {ROOT: b"", 2: b"", 3: b"hello\n"}
        self.names = {(ROOT, b"dir"): 2, (2, b"hello"): 3}
        for name, data in files.items():
            number = len(self.nodes) + 1
            self.nodes[number], self.names[ROOT, name.encode()] = data, number
        os.makedirs(path, exist_ok=True)
        subprocess.run(["modprobe", "-q", "fuse"], check=False)
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        amfs.mount("fuse", path, "fuse", 0,
                   f"fd={self.fd},rootmode=40000,user_id=0,group_id=0,allow_other")
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.resume()
        with contextlib.suppress(OSError):
            amfs.umount(self.path, amfs.MNT_DETACH)
        self.thread.join(20)
        assert not self.thread.is_alive(), "somebody still has the file server's mount"
        os.close(self.fd)

    def die(self):
        """As if the process that serves were killed."""
        with open("/proc/self/mountinfo", encoding="utf-8") as info:
            number = next(words[2].split(":")[1] for words in map(str.split, info)
                          if words[4] == self.path)
        control = "/sys/fs/fuse/connections"
        amfs.mount("fusectl", control, "fusectl")
        with amfs.opened(f"{control}/{number}/abort", os.O_WRONLY) as fd:
            os.write(fd, b"1")
        amfs.umount(control)

    def resume(self):
        """Answer everything."""
        self.hang.clear()
        while self.waiting:
            self._answer(*self.waiting.pop(0))

    def _run(self):
        while True:
            try:
                data = os.read(self.fd, 1 << 18)
            except OSError as err:
                if err.errno in (errno.ENODEV, errno.ECONNABORTED):
                    return
                continue
            _, opcode, unique, node, *_ = struct.unpack_from(HEAD, data)
            self._take(opcode, unique, node, data[HEAD_SIZE:])

    def _take(self, opcode, unique, node, data):
        what = {opcode, data.rstrip(b"\0").decode() if opcode == LOOKUP else opcode}
        if opcode == INTERRUPT:
            self._interrupt(*struct.unpack("=Q", data))
        if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
            return
        if what & self.hang:
            self.waiting.append((opcode, unique, node, data))
        elif what & self.eio:
            self._send(unique, -errno.EIO)
        else:
            self._answer(opcode, unique, node, data)

    def _interrupt(self, unique):
        """Who asked is being killed; the kernel leaves it to the server to let him go."""
        if any(one[1] == unique for one in self.waiting):
            self.waiting = [one for one in self.waiting if one[1] != unique]
            self._send(unique, -errno.EINTR)

    def _send(self, unique, error=0, data=b""):
        # Who asked may have been killed meanwhile.
        with contextlib.suppress(OSError):
            os.write(self.fd, struct.pack("=IiQ", 16 + len(data), error, unique) + data)

    def _attributes(self, node):
        folder = node < 3
        mode = (stat.S_IFDIR if folder else stat.S_IFREG) | 0o755
        size = len(self.nodes[node])
        return struct.pack("=6Q10I", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0,
                           4096, 0)

    def _answer(self, opcode, unique, node, data):
        if opcode == INIT:
            self._send(unique, 0, struct.pack("=4IHHIIHHI7I", 7, 31, 1 << 17, 0, 12, 9, 1 << 16,
                                              1, 0, 0, 0, *[0] * 7))
        elif opcode == LOOKUP:
            found = self.names.get((node, data.rstrip(b"\0")))
            if found is None:
                self._send(unique, -errno.ENOENT)
            else:
                # Nothing is cached: the next walk asks again.
                self._send(unique, 0, struct.pack("=4Q2I", found, 0, 0, 0, 0, 0)
                           + self._attributes(found))
        elif opcode == GETATTR:
            self._send(unique, 0, struct.pack("=Q2I", 0, 0, 0) + self._attributes(node))
        elif opcode in (OPEN, OPENDIR):
            self._send(unique, 0, struct.pack("=Q2I", 0, 0, 0))
        elif opcode == READ:
            _, offset, size = struct.unpack_from("=QQI", data)
            self._send(unique, 0, self.nodes[node][offset:offset + size])
        elif opcode == STATFS:
            self._send(unique, 0, struct.pack("=5Q10I", 0, 0, 0, 0, 0, 4096, 255, *[0] * 8))
        elif opcode in (READDIR, RELEASE, RELEASEDIR, FLUSH, ACCESS):
            self._send(unique)
        else:
            self._send(unique, -errno.ENOSYS)
