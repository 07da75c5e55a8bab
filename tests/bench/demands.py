# SPDX-License-Identifier: GPL-2.0
"""The rows of the table, and what is demanded of each."""


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

NS_MS = 1e6


def no_more_than_autofs(modes="IR"):
    return Demand("<= autofs",
                  lambda f, r: f.ratio(r.name, r.arg, r.side, "autofs")[0] <= 1, modes)


def each(name, args, title, demands, **options):
    """A row for each argument."""
    return [Row(name, arg, title.format(arg), demands, **options) for arg in args]


PENDING = (64, 1024, 10240, 30720)
BUSY = (0, 1000, 10000, 30000, 100000)
IDLE = (300, 3000, 30000, 100000)
KERNEL = {"side": "amfs-kernel"}

ROWS = [
    Row("hot", 1, "stat under a mounted key, 1 thread", [rate_of_floor(0.99)]),
    Row("hot", 2, "the same, 2 threads", [rate_of_floor(0.99)]),
    Row("hot-manage", 1, "calls of d_manage for each", [at_most(0, "0")], unit=""),
    Row("switch", 0, "a byte to another process and back", side="floor"),
    Row("first-bind", 0, "first walk, bind, trigger-fd route", FIRST),
    Row("first-tmpfs", 0, "first walk, tmpfs, trigger-fd route", FIRST),
    Row("first-bind", 0, "first walk, bind, in-kernel key", FIRST_KERNEL, side="amfs-kernel"),
    Row("first-tmpfs", 0, "first walk, tmpfs, in-kernel key", FIRST_KERNEL,
        side="amfs-kernel"),
    Row("missing", 0, "missing key again, within its TTL", [rate_of_floor(0.9)]),
    Row("missing-requests", 0, "requests for each", [at_most(0, "0")], unit=""),
    *each("enqueue", PENDING, "{} names pending: enqueue each", [flat(1.25)]),
    *each("serve", PENDING, "{} names pending: serve each", [flat(1.25)]),
    Row("waiters-answer", 1024, "1024 waiters on a key: DONE returns after",
        [at_most(NS_MS, "1 ms", "R")], unit="ms"),
    Row("waiters", 1024, "1024 waiters: each", [no_more_than_autofs()]),
    *each("expire-one", BUSY, "expire one idle key of {} busy", [to_floor(2), flat(1.25)]),
    *each("expire-one", BUSY, "the same, in-kernel, {} busy", [to_floor(2), flat(1.25)],
          **KERNEL),
    *each("drain", IDLE[:3], "drain {} idle keys: each", [to_floor(2), flat(1.25)]),
    *each("drain", IDLE[:3], "the same, in-kernel, {}: each", [to_floor(2), flat(1.25)],
          **KERNEL),
    *each("pass", IDLE, "a pass with nothing due, {} mounted", [at_most(1e5, "100 us")]),
    *each("pass", IDLE, "the same, in-kernel, {} mounted", [at_most(1e5, "100 us")],
          **KERNEL),
    Row("others-pass", 3000, "other walkers during passes: time", [to_floor(1.03, "R")],
        floor="quiet"),
    Row("others-pass-p99", 3000, "the same: p99", [to_floor(1.2, "R")], floor="quiet"),
    Row("others-storm", 0, "other walkers during a storm: time", [to_floor(1.03, "R")],
        floor="quiet"),
    Row("others-storm-p99", 0, "the same: p99", [to_floor(1.2, "R")], floor="quiet"),
    Row("meet", 0, "a walk that meets its key's expire", [to_floor(3)]),
    Row("meet-slow", 0, "of these, over 50 ms (share)", [at_most(0, "0")], unit=""),
    Row("storm-duplicates", 0, "storm: requests for what is mounted (share)",
        [at_most(0, "0")], unit=""),
    Row("storm-bare", 0, "storm: stat shows the automount point (share)",
        [at_most(0, "0")], unit=""),
    Row("storm-errors", 0, "storm: walks that fail (share)", [at_most(0, "0")], unit=""),
    Row("memory-pending", 4096, "slab bytes for each pending name",
        [at_most(600, "600")], unit="bytes"),
    Row("memory-mounted", 4096, "slab bytes for each mounted key", [to_floor(1.05)],
        unit="bytes"),
    Row("memory-mounted", 4096, "the same, in-kernel", [to_floor(1.05)], unit="bytes",
        **KERNEL),
    Row("adopt", 10240, "adopt with 10240 pending, 30000 mounted",
        [at_most(1000 * NS_MS, "1 s", "R")], unit="ms"),
]
