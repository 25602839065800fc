"""Downsample and smooth long curves. Only NumPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NEGLIGIBLE = 1e-9


def decimate(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """The lowest and the highest value of each stretch of a curve, in their order: it looks as the whole would.

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
    whole = len(y) // size * size
    picked = _extremes(y[:whole].reshape(-1, size))
    if whole < len(y):
        picked = np.concatenate([picked, whole + _extremes(y[whole:].reshape(1, -1))])
    return x[picked], y[picked]


def averaged(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """The mean of each stretch, for curves that are smooth: a quiet line, quickly drawn. As `thinned` otherwise.

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
    """Flat places of the lowest and the highest value of each row, in their order."""
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
    """(N,) of sums[i] = values[i] + keep * sums[i - 1], by doubling."""
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
        self._seen = 0
        self._means = np.zeros(0)

    def grown(self, values: Floats) -> Floats:
        """(N,) means of `values` (N,), which begin with those of the last call."""
        new = values[self._seen :]
        if len(new):
            there = ~np.isnan(new)
            parts = np.where(there, new, 0.0), there.astype(np.float64)
            parts[0][0] += self._keep * self._sum
            parts[1][0] += self._keep * self._weight
            sums, weights = (_decayed_sums(part, self._keep) for part in parts)
            self._sum, self._weight, self._seen = float(sums[-1]), float(weights[-1]), len(values)
            means = np.where(there, sums / np.where(there, weights, 1.0), np.nan)
            self._means = np.concatenate([self._means, means])
        return self._means
