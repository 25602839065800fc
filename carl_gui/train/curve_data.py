"""Points of curves, thinned and smoothed."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from carl_gui.models.runs import RunCurves, figure_names

Floats = NDArray[np.float64]
_NEGLIGIBLE = 1e-9


def decimate(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """Return the lowest and highest value of each stretch of a curve, in order: it looks as the whole would.

    Stretches are of a power of two and count from the start, so that a growing curve does not flicker.

    Args:
        x: (N,)
        y: (N,), NaN where nothing was measured; a stretch of nothing else stays a gap.
        buckets: stretches at most; a curve of up to twice as many values is left whole.

    Returns:
        (M,), (M,) with M up to 2 * buckets + 2.
    """
    if len(y) <= 2 * buckets:
        return x, y
    size = stretch(len(y), buckets)
    num_full = len(y) // size * size
    indices = _extremes(y[:num_full].reshape(-1, size))
    if num_full < len(y):
        indices = np.concatenate([indices, num_full + _extremes(y[num_full:].reshape(1, -1))])
    return x[indices], y[indices]


def average(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """Return the mean of each stretch, for curves that are smooth: a quiet line, quickly drawn. Else as `decimate`.

    The last value is kept as it is, so that the line ends where the curve does.
    """
    if len(y) <= 2 * buckets:
        return x, y
    size = stretch(len(y), buckets)
    starts = np.arange(0, len(y), size)
    there = ~np.isnan(y)
    counts = np.add.reduceat(there.astype(np.float64), starts)
    sums = np.add.reduceat(np.where(there, y, 0.0), starts)
    means = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
    middles = x[np.minimum(starts + size // 2, len(x) - 1)]
    middles[-1], means[-1] = x[-1], y[-1]
    return middles, means


def stretch(length: int, buckets: int) -> int:
    """Return how many values a stretch has: the power of two that makes so many stretches, or fewer."""
    return 1 << max(0, math.ceil(math.log2(length / buckets)))


def _extremes(rows: Floats) -> NDArray[np.int64]:
    """Return flat indices of the lowest and the highest value of each row, in their order."""
    lowest, highest = rows.argmin(1), rows.argmax(1)
    starts = np.arange(len(rows)) * rows.shape[1]
    holed = np.isnan(rows.reshape(-1)[starts + lowest])  # numpy finds a NaN before any number
    if holed.any():
        some = rows[holed]
        lowest[holed] = np.where(np.isnan(some), np.inf, some).argmin(1)
        highest[holed] = np.where(np.isnan(some), -np.inf, some).argmax(1)
    pair = np.stack([np.minimum(lowest, highest), np.maximum(lowest, highest)], 1)
    places: NDArray[np.int64] = (starts[:, None] + pair).reshape(-1)
    return places


def _decayed_sums(values: Floats, keep: float) -> Floats:
    """Return (N,) of sums[i] = values[i] + keep * sums[i - 1], by doubling."""
    sums = values.copy()
    reach, weight = 1, keep
    while reach < len(sums) and weight > _NEGLIGIBLE:
        sums[reach:] += weight * sums[:-reach].copy()
        reach, weight = 2 * reach, weight * weight
    return sums


class Smoothed:
    """The exponential moving average of a growing curve, computed incrementally.

    Each value is the mean of all up to it, weighted by `smoothing` to the power of how long ago they were; values that
    are not there (NaN) weigh nothing and leave a gap.
    """

    def __init__(self, smoothing: float) -> None:
        self._keep = smoothing
        self._sum = self._weight = 0.0
        self._cache = 0
        self._means = np.zeros(0)

    def extend(self, values: Floats) -> Floats:
        """Return (N,) means of `values` (N,), which begin with those of the last call."""
        new = values[self._cache :]
        if len(new):
            there = ~np.isnan(new)
            parts = np.where(there, new, 0.0), there.astype(np.float64)
            parts[0][0] += self._keep * self._sum
            parts[1][0] += self._keep * self._weight
            sums, weights = (_decayed_sums(part, self._keep) for part in parts)
            self._sum, self._weight, self._cache = float(sums[-1]), float(weights[-1]), len(values)
            means = np.where(there, sums / np.where(there, weights, 1.0), np.nan)
            self._means = np.concatenate([self._means, means])
        return self._means


Kind = Literal["loss", "smooth", "learning_rate"]
_Key = tuple[Floats, int, int, int]
_NONE = np.zeros(0)


class CurveLine:
    """Follows the curves of one run incrementally."""

    def __init__(self) -> None:
        self._curves: RunCurves | None = None
        self._smoothing = 0.0
        self._smoother = Smoothed(0.0)
        self.steps = self.loss = self.smooth = self.learning_rate = _NONE
        """(N,), (N,), (N,), (N,): not finite values are NaN; `smooth` is `loss` where nothing is smoothed."""
        self._cache: dict[Kind, tuple[_Key, tuple[Floats, Floats]]] = {}
        self._figures: dict[str, tuple[Floats, Floats]] = {}

    def update(self, curves: RunCurves, smoothing: float) -> bool:
        """Follow these curves from now on; return whether they differ from the last ones."""
        if curves is self._curves and smoothing == self._smoothing:
            return False
        if curves is not self._curves:
            loss = _with_gaps(curves.loss)
            if not _begins_with(loss, self.loss):
                self._smoother = Smoothed(smoothing)
            self.steps, self.loss = curves.steps.astype(np.float64), loss
            self.learning_rate = _with_gaps(curves.learning_rate)
            self._curves, self._figures = curves, {}
        if smoothing != self._smoothing:
            self._smoother, self._smoothing = Smoothed(smoothing), smoothing
        self.smooth = self._smoother.extend(self.loss) if smoothing > 0 else self.loss
        return True

    @property
    def figures(self) -> list[str]:
        """Names of the figures of the evaluations, in order of appearance."""
        return [] if self._curves is None else figure_names(values for _, values in self._curves.evaluations)

    def index_of(self, step: float) -> int | None:
        """Return the index of the nearest step; None where the run has none or ends before."""
        if not len(self.steps) or not self.steps[0] - 0.5 <= step <= self.steps[-1] + 0.5:
            return None
        index = int(np.searchsorted(self.steps, step))
        if index and (index == len(self.steps) or step - self.steps[index - 1] < self.steps[index] - step):
            index -= 1
        return index

    def visible(self, kind: Kind, low: float, high: float, buckets: int) -> tuple[Floats, Floats]:
        """Return steps and values from step `low` to `high`, and one beyond each, in so many stretches at most.

        The same arrays again where nothing of it changed.
        """
        values: Floats = getattr(self, kind)
        first = max(int(np.searchsorted(self.steps, low)) - 1, 0)
        end = min(int(np.searchsorted(self.steps, high, "right")) + 1, len(self.steps))
        if end - first > 2 * buckets:  # stretches start at the same indices whatever range is shown
            size = stretch(end - first, buckets)
            first = first // size * size
        key = (values, first, end, buckets)
        cached = self._cache.get(kind)
        if cached is None or cached[0][0] is not values or cached[0][1:] != key[1:]:
            shorten = average if kind == "smooth" and values is not self.loss else decimate
            cached = self._cache[kind] = (key, shorten(self.steps[first:end], values[first:end], buckets))
        return cached[1]

    def figure(self, name: str) -> tuple[Floats, Floats]:
        """Return steps and values of one figure of the evaluations, finite ones alone."""
        if name not in self._figures:
            evaluations = () if self._curves is None else self._curves.evaluations
            found = [(step, values[name]) for step, values in evaluations if math.isfinite(values.get(name, math.nan))]
            steps, values = np.array(found, np.float64).reshape(-1, 2).T
            self._figures[name] = steps, values
        return self._figures[name]


def _with_gaps(values: Floats) -> Floats:
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)


def _begins_with(values: Floats, start: Floats) -> bool:
    """Compare bit by bit, so that a gap equals a gap."""
    head = np.ascontiguousarray(values[: len(start)])
    return len(head) == len(start) and np.array_equal(head.view(np.int64), np.ascontiguousarray(start).view(np.int64))
