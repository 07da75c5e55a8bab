# SPDX-License-Identifier: GPL-2.0
"""A window between two steps of the kernel, opened by tests/linger."""

import contextlib
import os
import subprocess

import amfs

PARAMETERS = "/sys/module/amfs_linger/parameters"
ALL = 0xffffffff


class Window:
    """The calls of that function are numbered from 1."""

    @staticmethod
    def begun():
        with open(f"{PARAMETERS}/begun", encoding="ascii") as file:
            return int(file.read())

    def wait(self, number=1):
        """Until that many calls have come to the function."""
        amfs.wait_until(lambda: self.begun() >= number, f"call {number} begins")

    @staticmethod
    def let(number=ALL):
        """The calls up to that one go on, or have no need to wait."""
        with open(f"{PARAMETERS}/passed", "w", encoding="ascii") as file:
            file.write(str(number))


@contextlib.contextmanager
def lingering(function, us):
    """Each call of a kernel function begins that many microseconds late, or when it is let."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    module = os.path.join(top, "build", "mod", os.environ["AMFS_KERNEL"], "amfs_linger.ko")
    subprocess.run(["insmod", module, f"at={function}", f"us={us}"], check=True)
    window = Window()
    try:
        yield window
    finally:
        window.let()
        subprocess.run(["rmmod", "amfs_linger"], check=True)
