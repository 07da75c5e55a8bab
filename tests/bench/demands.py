# SPDX-License-Identifier: GPL-2.0
"""The rows of the table, and what is demanded of each."""

MICRO, MILLI = 1e3, 1e6


class Demand:
    """Something that holds or doesn't, in some modes; None: it wasn't measured."""

    def __init__(self, text, check, modes="IR"):
        self.text = text
        self.modes = modes
        self._check = check

    def met(self, figures, row, mode):
        if mode not in self.modes:
            return None
        try:
            return self._check(figures, row)
        except KeyError:
            return None


class Row:
    """One line: a measurement of the guest's, by its name and argument."""

    def __init__(self, name, arg, title, demands=(), side="amfs", unit="us", floor="floor"):
        self.name, self.arg, self.title = name, arg, title
        self.side, self.unit, self.floor = side, unit, floor
        self.demands = demands


def to_floor(limit, modes="IR"):
    return Demand(f"<= {limit:g} x floor",
                  lambda f, r: f.ratio(r.name, r.arg, r.side, r.floor)[0] <= limit, modes)


def rate_of_floor(share):
    """Of its rate: the time may be longer by as much, the rate that much lower."""
    return Demand(f"rate >= {share:g} of floor",
                  lambda f, r: f.ratio(r.name, r.arg, r.floor, r.side)[0] >= share)


def below_autofs(modes="IR"):
    return Demand("< autofs",
                  lambda f, r: f.ratio(r.name, r.arg, r.side, "autofs")[0] < 1, modes)


def at_most(limit, text, modes="IR"):
    return Demand(f"<= {text}", lambda f, r: f.median(r.name, r.arg, r.side) <= limit, modes)


def flat(within, modes="I"):
    """Against the cheapest of the row's arguments."""
    def check(figures, row):
        values = [figures.median(row.name, arg, row.side)
                  for arg in figures.args(row.name, row.side)]
        return figures.median(row.name, row.arg, row.side) <= within * min(values)
    return Demand(f"flat within {within:g}", check, modes)


FIRST = (to_floor(1.2, "I"), to_floor(3, "R"), below_autofs())
FIRST_KERNEL = (to_floor(0.9, "I"), to_floor(1.0, "R"))

ROWS = [
    Row("hot", 1, "stat under a mounted key, 1 thread", [rate_of_floor(0.99)]),
    Row("hot", 2, "the same, 2 threads", [rate_of_floor(0.99)]),
    Row("hot-manage", 1, "calls of d_manage for each", [at_most(0, "0")], unit=""),
    Row("first-bind", 0, "first walk, bind, trigger-fd route", FIRST),
    Row("first-tmpfs", 0, "first walk, tmpfs, trigger-fd route", FIRST),
    Row("first-bind", 0, "first walk, bind, in-kernel key", FIRST_KERNEL, side="amfs-kernel"),
    Row("first-tmpfs", 0, "first walk, tmpfs, in-kernel key", FIRST_KERNEL,
        side="amfs-kernel"),
    Row("missing", 0, "missing key again, within its TTL", [rate_of_floor(0.9)]),
    Row("missing-requests", 0, "requests for each", [at_most(0, "0")], unit=""),
]
