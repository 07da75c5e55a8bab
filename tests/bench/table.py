# SPDX-License-Identifier: GPL-2.0
"""The table that is printed."""

HEAD = ("row", "floor", "autofs", "amfs", "amfs/floor", "amfs/autofs", "demand", "met")
SCALES = {"us": 1e3, "ms": 1e6, "ns": 1, "": 1, "bytes": 1}


def _value(figures, row, side):
    if not figures.has(row.name, row.arg, side):
        return "-"
    value = figures.median(row.name, row.arg, side) / SCALES[row.unit]
    return f"{value:.4g} {row.unit}".strip() if abs(value) < 9999 else f"{value:.0f} {row.unit}"


def _ratio(figures, row, base):
    if not figures.has(row.name, row.arg, base):
        return "-"
    found = figures.ratio(row.name, row.arg, row.side, base)
    return f"{found[0]:.3f} +-{found[1]:.3f}" if found else "-"


def _of_side(figures, row):
    """What is compared with the floor, where there is such a thing."""
    if row.side == row.floor:
        return ["-"] * 4
    return [_value(figures, row, "autofs"), _value(figures, row, row.side),
            _ratio(figures, row, row.floor), _ratio(figures, row, "autofs")]


def verdict(figures, row, mode):
    """(demands, whether they are met): "yes", "no", or "-" when there is none."""
    answers = [(demand, demand.met(figures, row, mode)) for demand in row.demands]
    answers = [(demand, met) for demand, met in answers if met is not None]
    if not answers:
        return "-", "-"
    return (", ".join(demand.text for demand, _ in answers),
            "yes" if all(met for _, met in answers) else "NO")


def cells(figures, rows, mode):
    """The table as lists of words; rows that weren't measured are left out."""
    lines = [HEAD]
    for row in rows:
        if figures.has(row.name, row.arg, row.side):
            lines.append((row.title, _value(figures, row, row.floor),
                          *_of_side(figures, row), *verdict(figures, row, mode)))
    return lines


def text(figures, rows, mode):
    lines = cells(figures, rows, mode)
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    rule = "  ".join("=" * width for width in widths)
    body = ["  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip()
            for line in lines]
    return "\n".join([rule, body[0], rule, *body[1:], rule])
