# SPDX-License-Identifier: GPL-2.0
"""Reads Documentation/coverage.rst: the lines that no test runs, each with its reason.

An entry is "* PATH, FUNCTION(): ``SOURCE LINE``" below a heading that has the reason. It is
for its line, for the branches in it, and for what stands under it, deeper indented.
"""

import os
import re

import tree

PAGE = 'Documentation/coverage.rst'

_ENTRY = re.compile(r'\* (src/kernel/\S+), (\w+)\(\): ``(.+)``')


def entries():
    """(line of the page, path, function, text) of each; path is None when it isn't one. An
    entry may be broken where it has a blank."""
    text = tree.read(PAGE)
    for item in re.finditer(r'^\* src/kernel/.*(?:\n  \S.*)*', text, re.MULTILINE):
        found = _ENTRY.fullmatch(' '.join(item[0].split()))
        yield text.count('\n', 0, item.start()) + 1, *(found.groups() if found else [None] * 3)


def _depth(line):
    return len(line) - len(line.lstrip('\t'))


def places(path, function, text):
    """The numbers of the lines that an entry is for; none when there is no such line."""
    if not os.path.exists(os.path.join(tree.TOP, path)):
        return set()
    source, numbers = tree.Source(path), set()
    for each in source.functions():
        if each.name != function:
            continue
        for at in range(each.first_line, each.last_line + 1):
            line = source.lines[at - 1]
            if ' '.join(line.split()) != text:
                continue
            numbers.add(at)
            below = at + 1
            while below < each.last_line and _depth(source.lines[below - 1]) > _depth(line):
                numbers.add(below)
                below += 1
    return numbers
