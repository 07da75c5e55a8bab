# SPDX-License-Identifier: GPL-2.0
"""Reads what gcov counted: which lines of src/kernel ran, which branches were taken."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

from decisions import decisions

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIRROR = os.path.join(TOP, "build/mod/gcov")
SOURCES = "src/kernel"
STORE = os.path.join(TOP, "build/coverage/counts")

# Events are nothing but the kernel's macros.
MACROS = ("src/kernel/trace.h",)


def fingerprint():
    """Of the sources: counts of others can't be added."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(os.path.join(TOP, SOURCES)):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            digest.update(os.path.relpath(path, TOP).encode() + b"\0")
            with open(path, "rb") as f:
                digest.update(f.read())
    return digest.hexdigest()


def keep(folder, name):
    """Puts away what a guest left in folder, with the notes that it is read by."""
    target = os.path.join(STORE, name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(os.path.join(folder, "gcov", SOURCES), os.path.join(target, SOURCES))
    for path in _files(MIRROR, ".gcno"):
        if path.startswith(SOURCES):
            to = os.path.join(target, path)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(os.path.join(MIRROR, path), to)
    with open(os.path.join(target, "sources"), "w", encoding="ascii") as f:
        f.write(fingerprint())


def _files(top, suffix):
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            if name.endswith(suffix):
                yield os.path.relpath(os.path.join(folder, name), top)


class Counts:
    """Of all guests together: {path: {line: count}}, and in the same way the counts of a
    line's branches, by the function that they are in and how many it has there."""

    def __init__(self):
        self.lines = {}
        self.branches = {}
        self.function = {}      # (path, line): its name
        self._decisions = {}    # path: the numbers of lines that have branches of ours

    def read_all(self):
        """All that was put away; how many guests that was."""
        now, number = fingerprint(), 0
        for name in sorted(os.listdir(STORE)) if os.path.isdir(STORE) else []:
            folder = os.path.join(STORE, name)
            with open(os.path.join(folder, "sources"), encoding="ascii") as f:
                if f.read() != now:
                    sys.exit(f"{os.path.relpath(folder)}: counted in other sources than these; "
                             "begin anew, without --add")
            self._read(folder)
            number += 1
        return number

    def _read(self, folder):
        # Without a .gcda nothing of the file has run, which gcov knows as well.
        for notes in _files(folder, ".gcno"):
            done = subprocess.run(
                ["gcov", "--json-format", "--branch-probabilities", "--stdout",
                 os.path.basename(notes)],
                cwd=os.path.join(folder, os.path.dirname(notes)),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
            if "stamp mismatch" in done.stderr:
                sys.exit(f"{notes}: {done.stderr.strip()}")
            for each in json.loads(done.stdout)["files"]:
                # the mirror may be that of another checkout
                _, inside, path = each["file"].partition("/build/mod/gcov/")
                if inside and path.startswith(SOURCES + "/"):
                    self._add(path, each["lines"])

    def _add(self, path, lines):
        sums = self.lines.setdefault(path, {})
        branches = self.branches.setdefault(path, {})
        for line in lines:
            number, function = line["line_number"], line.get("function_name", "")
            sums[number] = sums.get(number, 0) + line["count"]
            self.function[path, number] = function
            taken = [branch["count"] for branch in line["branches"]]
            if taken:
                shapes = branches.setdefault(number, {})
                old = shapes.get((function, len(taken)), [0] * len(taken))
                shapes[function, len(taken)] = [a + b for a, b in zip(old, taken)]

    def is_ours(self, path, number):
        """Whether the branches of a line come of what is written there."""
        if path not in self._decisions:
            self._decisions[path] = set() if path in MACROS else decisions(path)
        return number in self._decisions[path]

    def branches_of(self, path, number):
        """The counts of a line's branches. An inline function that was compiled in several
        ways counts once, as it was best used."""
        best = {}
        for (function, _), taken in self.branches[path].get(number, {}).items():
            if function not in best or _share(taken) > _share(best[function]):
                best[function] = taken
        return [count for taken in best.values() for count in taken]

    def table(self):
        """{path: (lines run, lines, branches of ours taken, such branches, all branches taken,
        all branches)}"""
        rows = {}
        for path, lines in sorted(self.lines.items()):
            ours, others = [], []
            for number in self.branches[path]:
                here = ours if self.is_ours(path, number) else others
                here += self.branches_of(path, number)
            rows[path] = (_more_than_none(lines.values()), len(lines),
                          _more_than_none(ours), len(ours),
                          _more_than_none(ours + others), len(ours + others))
        return rows

    def missing(self):
        """[(path, line, function, runs, branches not taken, branches)], where one is missing."""
        found = []
        for path, lines in sorted(self.lines.items()):
            for number, count in sorted(lines.items()):
                branches = self.branches_of(path, number) if self.is_ours(path, number) else []
                untaken = len(branches) - _more_than_none(branches)
                if untaken or not count:
                    found.append((path, number, self.function[path, number], count, untaken,
                                  len(branches)))
        return found


def _more_than_none(counts):
    return sum(count > 0 for count in counts)


def _share(counts):
    return _more_than_none(counts) / len(counts)
