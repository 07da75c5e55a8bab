# SPDX-License-Identifier: GPL-2.0
"""Whether guests run under KVM, found out by booting one.

/dev/kvm may exist, be writable and still not run a guest, so the device file
proves nothing. The answer is kept until the machine is booted again.
"""

import os
import tempfile
import time

from . import initramfs
from .machine import Machine

# A guest under KVM reports after 2 s; one that hangs never does.
_TRIAL_SECONDS = 20


def _answer_path():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
        boot = f.read().strip()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "amfs", f"accel-{boot}")


def _kvm_boots(spec):
    with tempfile.TemporaryDirectory(prefix="amfs-kvm-") as work:
        initrd = os.path.join(work, "initrd")
        with open(spec["initrd"], "rb") as f:
            everything = f.read()
        with open(initrd, "wb") as f:
            # orders without a command override the run's own: just boot
            f.write(everything + initramfs.orders([], {}, {}, None))
        trial = dict(spec, initrd=initrd, accel="kvm", share=None, stutter=None,
                     console=os.path.join(work, "console"))
        machine = Machine(trial)
        end = time.monotonic() + _TRIAL_SECONDS
        try:
            for frame in machine.frames(lambda: end):
                if frame is None:
                    return False
                if frame[0] == "S":
                    return True
            return False
        finally:
            machine.stop()


def pick_accel(spec):
    """"kvm" or "tcg"."""
    path = _answer_path()
    try:
        with open(path, encoding="ascii") as f:
            return f.read().strip()
    except OSError:
        pass
    usable = os.access("/dev/kvm", os.R_OK | os.W_OK)
    answer = "kvm" if usable and _kvm_boots(spec) else "tcg"
    fd, new = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(fd, "w") as f:
        f.write(answer + "\n")
    os.rename(new, path)
    return answer
