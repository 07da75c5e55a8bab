# SPDX-License-Identifier: GPL-2.0
"""One QEMU: its command line, its life, the frames that its init reports."""

import os
import select
import signal
import socket
import struct
import subprocess
import time

from vmlib.stutter import Stutter

# Options for every kernel. A panic ends the machine at once (-no-reboot), so
# that nobody waits for a guest that is dead.
_CMDLINE = ("console=ttyS0 loglevel=7 panic=-1 oops=panic mitigations=off nokaslr "
            "random.trust_cpu=on tsc=reliable no_timer_check nmi_watchdog=0 "
            "rcupdate.rcu_cpu_stall_timeout=60 workqueue.watchdog_thresh=60 "
            "watchdog_thresh=30 kasan_multi_shot printk.time=1 log_buf_len=4M "
            # see Machine.interrupt(): 64 shows what each processor is at
            "unknown_nmi_panic panic_print=64")

# A processor that comes up on a busy host may be taken for a slow one, and then
# udelay() is over too soon: with this, by a thousand.
_BUSY = " lpj=10000"


class Machine:
    """A running guest. Frames come out of frames(); stop() is always safe."""

    def __init__(self, spec):
        """spec: image, initrds, console, memory, smp, share, accel, stutter, top."""
        self._host, guest = socket.socketpair()
        self._monitor, monitored = socket.socketpair()
        self._buffer = bytearray()
        fds = [guest.fileno(), monitored.fileno()]
        try:
            # a group of its own: Ctrl-C at the terminal is ours to handle
            self._process = subprocess.Popen(
                _command(spec, *fds), pass_fds=fds,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, start_new_session=True)
        finally:
            guest.close()
            monitored.close()
        self._stutter = Stutter(self._process, spec["stutter"]) if spec["stutter"] else None

    def frames(self, deadline):
        """Yields (type, bytes) until the guest is gone; None each time it is
        past the deadline() and when a signal came in."""
        while True:
            frame = self._next_frame()
            if frame:
                yield frame
                continue
            wait = max(0.0, deadline() - time.monotonic())
            ready, _, _ = select.select([self._host], [], [], min(wait, 1.0))
            if not ready:
                if time.monotonic() >= deadline():
                    yield None
                continue
            try:
                data = self._host.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                return
            self._buffer += data

    def _next_frame(self):
        if len(self._buffer) < 5:
            return None
        size = struct.unpack_from("<I", self._buffer, 1)[0]
        if len(self._buffer) < 5 + size:
            return None
        frame = chr(self._buffer[0]), bytes(self._buffer[5:5 + size])
        del self._buffer[:5 + size]
        return frame

    def tell(self, byte):
        """Sends the guest's init one byte; a guest that is gone is no error."""
        try:
            self._host.sendall(byte)
        except OSError:
            pass

    def interrupt(self):
        """A guest that answers nothing any more panics where it is, and says so on
        its console; one that takes no NMI either isn't run by QEMU any more."""
        try:
            self._monitor.sendall(b'{"execute": "qmp_capabilities"}\n'
                                  b'{"execute": "inject-nmi"}\n')
        except OSError:
            pass

    def wait(self, seconds):
        """Waits for QEMU to end; whether it did."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def complaint(self):
        """What QEMU said on its standard error, once it has ended."""
        return self._process.stderr.read().decode(errors="replace").strip()

    def stop(self):
        """Ends QEMU, by its own pid."""
        if self._stutter:
            self._stutter.end()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._host.close()
        self._monitor.close()


def _shared_folder(tag, path, readonly):
    # mapped would spoil what the guest sees; passthrough needs root to chown
    security = "passthrough" if os.geteuid() == 0 else "none"
    option = ",readonly=on" if readonly else ""
    path = path.replace(",", ",,")
    return ["-fsdev", f"local,id={tag},path={path},security_model={security},"
            f"multidevs=remap{option}",
            "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]


def _command(spec, report, monitor):
    accel = {"kvm": ["-accel", "kvm", "-cpu", "host"],
             # five-level page tables make each TLB miss dearer
             "tcg": ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max,la57=off"],
             # an instruction is a nanosecond, and idle time passes at once
             "icount": ["-accel", "tcg,thread=single,tb-size=512", "-cpu", "max,la57=off",
                        "-icount", "shift=0,align=off,sleep=off"]}
    # q35: on the older pc, a debug kernel spends 20 s on each ACPI interrupt link
    command = ["qemu-system-x86_64", "-machine", "q35,usb=off,vmport=off",
               *accel[spec["accel"]],
               "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
               "-m", spec["memory"], "-smp", str(spec["smp"]),
               "-kernel", spec["image"], "-initrd", spec["initrd"],
               "-append", _CMDLINE + (_BUSY if spec["stutter"] else ""),
               "-chardev", f"file,id=console,path={spec['console'].replace(',', ',,')}",
               "-serial", "chardev:console",
               "-chardev", f"socket,id=report,fd={report}",
               "-chardev", f"socket,id=monitor,fd={monitor}",
               "-mon", "chardev=monitor,mode=control",
               "-device", "virtio-serial-pci,max_ports=2",
               "-device", "virtserialport,chardev=report,name=amfs.report",
               "-device", "virtio-rng-pci",
               *_shared_folder("root", "/", True),
               # a 9p device takes one mount: this is for the cases'
               *_shared_folder("spare", "/", True)]
    if spec["share"]:
        command += _shared_folder("share", spec["share"], False)
    return command
