# SPDX-License-Identifier: GPL-2.0
"""What the cases of hostile users and containers share: processes without rights."""

import ctypes
import errno
import os
import pickle
import select
import traceback

USER = 1234

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)


def tried(function, *args, **kwargs):
    """0, or the errno that a call failed with."""
    try:
        function(*args, **kwargs)
    except OSError as err:
        return err.errno
    return 0


def become_user():
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def unshare(flags):
    if _libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def become_container():
    """Root in a user and a mount namespace of his own: what any user can be."""
    become_user()
    # What setuid(2) leaves isn't to be ptraced, and so isn't his own in /proc.
    _libc.prctl(4, 1, 0, 0, 0)
    unshare(CLONE_NEWUSER | CLONE_NEWNS)
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {USER} 1")
    write("/proc/self/gid_map", f"0 {USER} 1")


class Other:
    """A call by a process of its own session that became somebody else before."""

    def __init__(self, become, function, *args):
        self.fd, out = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self._child(out, become, function, args)
        os.close(out)

    @staticmethod
    def _child(out, become, function, args):
        try:
            os.setsid()
            become()
            # A walk of its mustn't outlive a case that fails. (PR_SET_PDEATHSIG)
            _libc.prctl(1, 9, 0, 0, 0)
            answer = function(*args)
        except BaseException as err:
            traceback.print_exc()
            answer = err
        os.write(out, pickle.dumps(answer))
        os._exit(0)

    def result(self, timeout=60):
        """What the call returned; it has to be short."""
        ready, _, _ = select.select([self.fd], [], [], timeout)
        data = os.read(self.fd, 65536) if ready else b""
        os.close(self.fd)
        if not ready:
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        assert data, "it died" if ready else f"it still runs after {timeout} s"
        answer = pickle.loads(data)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def as_user(function, *args):
    return Other(become_user, function, *args).result()


def as_container(function, *args):
    return Other(become_container, function, *args).result()


def refused(outcomes, *allowed):
    """Each of the named errnos is one of these."""
    wrong = {name: errno.errorcode.get(number, number) for name, number in outcomes.items()
             if number not in allowed}
    assert not wrong, f"not refused as expected: {wrong}"


class KernelLog:
    """What is said from now on, with control characters as the kernel stored them."""

    def __enter__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self.fd, 0, os.SEEK_END)
        return self

    def __exit__(self, *unused):
        os.close(self.fd)

    def lines(self):
        found = []
        while True:
            try:
                found.append(os.read(self.fd, 8192).decode(errors="replace").split(";", 1)[1])
            except BlockingIOError:
                return found
