# SPDX-License-Identifier: GPL-2.0
"""Which uncovered places Documentation/coverage.rst explains."""

import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts/check.d"))

import coverage_page  # noqa: E402


class Reasons:
    def __init__(self):
        self._entry_of = {}     # (path, line): the entry's (path, function, text)
        for _, path, function, text in coverage_page.entries():
            for number in coverage_page.places(path, function, text) if path else ():
                self._entry_of[path, number] = path, function, text

    def explain(self, path, number):
        return (path, number) in self._entry_of

    def unneeded(self, missing):
        """Entries whose lines have all been run, in all ways."""
        needed = {self._entry_of.get((path, number)) for path, number, *_ in missing}
        return sorted(set(self._entry_of.values()) - needed)
