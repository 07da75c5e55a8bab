# SPDX-License-Identifier: GPL-2.0
"""Finds the statements of a C file that decide something by what is written in them.

gcov counts a macro's branches in the line that uses it. In a statement without an "if", a
loop, a switch, "?", "&&" or "||" there are no others: they are the kernel's, of
lockdep_assert_held(), memcpy(), WARN_ON() and so on, and most can't be taken at all.
"""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts/check.d"))

import tree  # noqa: E402

_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_DECIDES = re.compile(r"\b(?:if|for|while|switch|case|\w*for_each\w*)\b|\?|&&|\|\|")


def _statements(code):
    """(first line, last line, text) of each; a brace ends one as a semicolon does."""
    depth, line, first, words = 0, 1, 1, ""
    for char in code:
        depth += (char == "(") - (char == ")")
        if char in "{};" and not depth:
            yield first, line, words
            first, words = line, ""
        elif words or not char.isspace():
            words += char
        else:
            first = line + (char == "\n")
        line += char == "\n"


def decisions(path):
    """The numbers of all lines that such a statement has."""
    code = _DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), tree.Source(path).code)
    return {number for first, last, words in _statements(code) if _DECIDES.search(words)
            for number in range(first, last + 1)}
