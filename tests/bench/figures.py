# SPDX-License-Identifier: GPL-2.0
"""What the guest's lines of JSON add up to: medians of paired runs."""

import statistics


class Figures:
    """All measurements of one mode: values by row, argument and side, in order."""

    def __init__(self, lines):
        self.values = {}
        for line in lines:
            key = (line["row"], line["arg"])
            self.values.setdefault(key, {}).setdefault(line["side"], []).append(line["value"])

    def has(self, row, arg, side):
        return side in self.values.get((row, arg), {})

    def args(self, row, side):
        return sorted(arg for name, arg in self.values
                      if name == row and side in self.values[(name, arg)])

    def median(self, row, arg, side):
        return statistics.median(self.values[(row, arg)][side])

    def ratio(self, row, arg, side, base, base_row=None):
        """The median over the pairs of runs, and half the distance of the quartiles."""
        above = self.values[(row, arg)][side]
        below = self.values[(base_row or row, arg)][base]
        ratios = [a / b for a, b in zip(above, below) if b]
        if not ratios:
            return None
        if len(ratios) < 3:
            return statistics.median(ratios), (max(ratios) - min(ratios)) / 2
        low, middle, high = statistics.quantiles(ratios, n=4)
        return middle, (high - low) / 2
