"""Axes with few round numbers, also on a logarithmic scale, because Qt takes longer for a grid than for the curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg

from carl_gui.numbers import count

_PIXELS_A_TICK = {"left": 32, "bottom": 90}
_PARTS = (1.0, 2.0, 5.0)
_Level = tuple[float | None, list[float]]


def plain_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`: up to `most`, but two where that is fewer."""
    power = math.ceil(math.log10(max(high - low, 1e-300)))
    steps = [part * 10.0**exponent for exponent in range(power, power - 4, -1) for part in reversed(_PARTS)]
    found: list[float] = []
    for step in steps:
        finer = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(finer) > most and len(found) >= 2:
            break
        found = finer
    return found


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between 10^low and 10^high, as logarithms: decades, 1-2-5, or multiples as on a plain scale."""
    decades = [float(power) for power in range(math.ceil(low), math.floor(high) + 1)]
    if len(decades) > most:
        return decades[:: math.ceil(len(decades) / most)]
    parts = [power + math.log10(part) for power in range(math.floor(low), math.ceil(high) + 1) for part in _PARTS]
    seen = [tick for tick in parts if low <= tick <= high]
    if len(seen) > most + 1:
        return decades
    if len(seen) > 2:
        return seen
    return [math.log10(value) for value in plain_ticks(10**low, 10**high, most) if value > 0]


class ValueAxis(pg.AxisItem):
    """Like pyqtgraph's, with one kind of tick, and without overlapping numbers."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[_Level]:  # noqa: N802, N803
        most = max(2, int(size / _PIXELS_A_TICK[self.orientation]))
        low, high = sorted((minVal, maxVal))
        return [(None, log_ticks(low, high, most) if self.logMode else plain_ticks(low, high, most))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        if self.orientation == "bottom":
            return [count(value) if value == round(value) else "" for value in values]
        numbers = [10.0**value if self.logMode else value for value in values]
        return [f"{number:.5g}".replace("-", "−", number < 0) for number in numbers]
