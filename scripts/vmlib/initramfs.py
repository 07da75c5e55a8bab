# SPDX-License-Identifier: GPL-2.0
"""The guest's initramfs: one static init, the modules its root needs, its orders.

Two archives are put behind each other. The first depends only on the kernel
and on guest/ and is kept; the second is made for each run.
"""

import hashlib
import lzma
import os
import stat
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# Whatever of these is a module in this kernel gets loaded, in that order.
BOOT_MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"]


class SetUpError(Exception):
    """The guest can't even be started; the text says why and what to do."""


def archive(files):
    """A cpio archive (newc) of {path: bytes}; the first folder level is made."""
    out = bytearray()
    seen = set()
    for number, (path, data) in enumerate(sorted(files.items())):
        folder = os.path.dirname(path)
        if folder and folder not in seen:
            seen.add(folder)
            out += _member(1000 + number, folder, stat.S_IFDIR | 0o755, b"")
        mode = stat.S_IFREG | (0o755 if path == "init" else 0o644)
        out += _member(number, path, mode, data)
    out += _member(0, "TRAILER!!!", 0, b"")
    return bytes(out) + bytes(-len(out) % 512)


def _member(inode, path, mode, data):
    name = path.encode() + b"\0"
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def _init_sources():
    folder = os.path.join(HERE, "guest")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))
            if name.endswith((".c", ".h"))]


def _build_init(path):
    sources = [source for source in _init_sources() if source.endswith(".c")]
    command = ["gcc", "-std=c11", "-static", "-O2", "-Wall", "-Wextra", "-o", path, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError("cannot build the guest's init (is libc6-dev there? run "
                         "scripts/setup):\n" + done.stderr)


def _module_files(root, release):
    """The files to load for BOOT_MODULES, each once, what it needs before it."""
    files = []
    for module in BOOT_MODULES:
        shown = subprocess.run(
            ["/sbin/modprobe", "-d", root, "-S", release, "--show-depends", module],
            capture_output=True, text=True, check=False)
        if shown.returncode:
            raise SetUpError(f"kernel {release} has no {module}: {shown.stderr.strip()}")
        for line in shown.stdout.splitlines():
            words = line.split()
            if words[0] == "insmod" and words[1] not in files:
                files.append(words[1])
    return files


def _base_files(kernel_dir, release):
    files = {}
    with tempfile.TemporaryDirectory() as work:
        init = os.path.join(work, "init")
        _build_init(init)
        with open(init, "rb") as f:
            files["init"] = f.read()
    order = []
    for path in _module_files(os.path.join(kernel_dir, "root"), release):
        with (lzma.open(path) if path.endswith(".xz") else open(path, "rb")) as f:
            name = "modules/" + os.path.basename(path).removesuffix(".xz")
            files[name] = f.read()
            order.append("/" + name)
    files["modules/order"] = b"".join(path.encode() + b"\0" for path in order)
    return files


def base(kernel_dir, release):
    """The path of this kernel's base archive, made when it isn't there yet."""
    digest = hashlib.sha256()
    for source in [*_init_sources(), os.path.abspath(__file__)]:
        with open(source, "rb") as f:
            digest.update(f.read())
    path = os.path.join(kernel_dir, f"initramfs-{digest.hexdigest()[:12]}.cpio")
    if not os.path.exists(path):
        # renamed into place: a second caller sees all of it or nothing
        fd, new = tempfile.mkstemp(dir=kernel_dir)
        with os.fdopen(fd, "wb") as f:
            f.write(archive(_base_files(kernel_dir, release)))
        os.rename(new, path)
    return path


def _words(words):
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def orders(argv, env, settings, module):
    """The archive of one run: what to run, in which environment, and amfs.ko."""
    files = {
        "vm/argv": _words(argv),
        "vm/env": _words(f"{name}={value}" for name, value in env.items()),
        "vm/settings": _words(f"{name}={value}" for name, value in settings.items()),
    }
    if module:
        with open(module, "rb") as f:
            files["vm/amfs.ko"] = f.read()
    return archive(files)
