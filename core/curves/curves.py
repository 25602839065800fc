"""What sensors measured while a video was recorded: several channels over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Curves:
    """Values of several channels at the same times."""

    seconds: NDArray[np.float64]
    """(N,) strictly rising."""
    channels: Mapping[str, NDArray[np.float64]]
    """(N,) by name, in the order of the file; NaN where nothing was measured."""

    def __post_init__(self) -> None:
        if self.seconds.ndim != 1 or not np.all(np.diff(self.seconds) > 0) or not np.isfinite(self.seconds).all():
            raise ValueError("times must be finite, and rise strictly")
        if any(values.shape != self.seconds.shape for values in self.channels.values()):
            raise ValueError("each channel must have a value for each time")

    def shifted(self, offset_seconds: float) -> Curves:
        """Return the curves that many seconds later."""
        return Curves(self.seconds + offset_seconds, self.channels)

    def value_at(self, channel: str, seconds: float) -> float:
        """Return the value there, on the line between the two measurements around it; NaN in a gap and outside."""
        return float(self.values_at(channel, np.array([seconds]))[0])

    def values_at(self, channel: str, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value at each of these times, as `value_at`."""
        values: NDArray[np.float64] = np.interp(
            seconds, self.seconds, self.channels[channel], left=np.nan, right=np.nan
        )
        return values

    def range_of(self, channel: str) -> tuple[float, float]:
        """Return the lowest and highest value of a channel; NaN twice where it has none."""
        finite = self.channels[channel][np.isfinite(self.channels[channel])]
        return (float(finite.min()), float(finite.max())) if len(finite) else (np.nan, np.nan)

    def extremes(self, channel: str, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (W, 2) lowest and highest value between each two of W + 1 rising times.

        Of what was measured there, and of the line at both ends; NaN where there is nothing.
        """
        values = self.channels[channel]
        ends = self.values_at(channel, seconds)
        low, high = np.fmin(ends[:-1], ends[1:]), np.fmax(ends[:-1], ends[1:])
        edges = np.searchsorted(self.seconds, seconds)
        has_any = np.flatnonzero(edges[1:] > edges[:-1])
        if len(has_any):
            pairs = np.stack([edges[has_any], edges[has_any + 1]], axis=1).ravel()
            padded = np.append(values, np.nan)  # an index past the end is one of `reduceat`
            low[has_any] = np.fmin(low[has_any], np.fmin.reduceat(padded, pairs)[::2])
            high[has_any] = np.fmax(high[has_any], np.fmax.reduceat(padded, pairs)[::2])
        return np.stack([low, high], axis=1)
