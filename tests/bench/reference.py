# SPDX-License-Identifier: GPL-2.0
"""The committed figures of the quick set in mode I, which repeat within 1 %."""

import json
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json")
TOLERANCE = 1.05


def _name(row):
    return f"{row.name}/{row.arg}/{row.side}"


def _figure(figures, row):
    """Against the floor where there is one: another compiler or kernel moves both."""
    if figures.has(row.name, row.arg, row.floor):
        found = figures.ratio(row.name, row.arg, row.side, row.floor)
        if found:
            return found[0]
    return figures.median(row.name, row.arg, row.side)


def _all(figures, rows):
    return {_name(row): round(_figure(figures, row), 4) for row in rows
            if figures.has(row.name, row.arg, row.side)}


def update(figures, rows):
    with open(PATH, "w", encoding="utf-8") as f:
        json.dump(_all(figures, rows), f, indent=1)
        f.write("\n")
    print(f"bench: wrote {os.path.relpath(PATH)}")
    return 0


def check(figures, rows):
    """Ends with "N passed, N failed", as the suites do."""
    with open(PATH, encoding="utf-8") as f:
        wanted = json.load(f)
    found, failed = _all(figures, rows), 0
    for name, limit in wanted.items():
        value = found.get(name)
        if value is None or value > limit * TOLERANCE:
            failed += 1
            print(f"FAIL {name}: {value}, the reference is {limit}")
    for name in sorted(set(found) - set(wanted)):
        failed += 1
        print(f"FAIL {name}: {found[name]}, and no reference: tests/bench/run --update")
    print(f"{len(wanted.keys() | found.keys()) - failed} passed, {failed} failed")
    return 1 if failed else 0
