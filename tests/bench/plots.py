# SPDX-License-Identifier: GPL-2.0
"""Plots of what grows, by gnuplot."""

import os
import subprocess

# name: title, axis, [(row, side)]
PLOTS = {
    "enqueue": ("Enqueue one of P pending names", "P",
                [("enqueue", "floor"), ("enqueue", "autofs"), ("enqueue", "amfs")]),
    "serve": ("Serve one of P pending names", "P",
              [("serve", "floor"), ("serve", "autofs"), ("serve", "amfs")]),
    "expire": ("Expire one idle key", "busy keys",
               [("expire-one", side) for side in ("floor", "autofs", "amfs", "amfs-kernel")]),
    "pass": ("An expiry pass with nothing due", "mounted keys",
             [("pass", side) for side in ("autofs", "amfs", "amfs-kernel")]),
    "drain": ("Unmount one of N idle keys", "N",
              [("drain", side) for side in ("floor", "autofs", "amfs", "amfs-kernel")]),
}


def _data(figures, row, side):
    return "".join(f"{max(arg, 1)} {figures.median(row, arg, side) / 1e3}\n"
                   for arg in figures.args(row, side))


def _one(figures, mode, folder, name):
    title, axis, curves = PLOTS[name]
    curves = [(row, side) for row, side in curves if len(figures.args(row, side)) > 1]
    if not curves:
        return
    path = os.path.join(folder, f"{name}-{mode}.svg")
    lines = ['set terminal svg size 720,480 background "white"', f'set output "{path}"',
             f'set title "{title} [{mode}]"', f'set xlabel "{axis}"',
             'set ylabel "microseconds"', "set logscale xy", "set key top left", "set grid"]
    drawn = ", ".join(f'"-" with linespoints title "{side}"' for _, side in curves)
    script = "\n".join(lines) + f"\nplot {drawn}\n"
    script += "".join(_data(figures, row, side) + "e\n" for row, side in curves)
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def draw(figures, mode, folder):
    for name in PLOTS:
        _one(figures, mode, folder, name)
