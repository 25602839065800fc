"""The largest deviations of a performance from the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DIGITS = 6
"""What differs less is equal: rounding must not decide where a plateau has its peak."""
_LEAST_RISE, _LEAST_OF_HIGHEST = 1e-4, 0.1
"""Of a peak above the median: less than the first is rounding, less than that share of the highest's is no news."""


@dataclass(frozen=True)
class Peak:
    """A peak of the distance, and the time around it that belongs to it."""

    frame: int
    """Of the peak."""
    start_frame: int
    end_frame_exclusive: int
    distance: float
    """At the peak."""


def moments_of(
    distance: NDArray[np.float64], edges_seconds: NDArray[np.float64], *, top: int, apart_seconds: float
) -> list[Peak]:
    """Return the highest peaks of a smooth distance, the highest first; none where it is flat.

    A peak is a frame, or the middle of several alike, with less on either side, and above the video's median by at
    least a tenth of what the highest is. Around it belongs what is more than half as far above the median. A later
    peak lies outside what belongs to an earlier one, and at least `apart_seconds` from it. Nothing goes on across a
    frame without a distance, and none of these is a peak.

    Args:
        distance: (S,) NaN: not known.
        edges_seconds: (S + 1,)
        top: how many at most.
    """
    is_known = np.isfinite(distance)
    if not is_known.any():
        return []
    distance = np.where(is_known, np.round(distance, _DIGITS), np.nanmin(distance) - 1)
    median = float(np.median(distance[is_known]))
    middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
    least = max(_LEAST_RISE, _LEAST_OF_HIGHEST * (float(distance.max()) - median))
    is_free = np.ones(len(distance), bool)
    chosen: list[Peak] = []
    for frame in _peaks(distance):
        height = float(distance[frame])
        if len(chosen) == top or height - median < least:
            break
        is_near = any(abs(middles[frame] - middles[other.frame]) < apart_seconds - 1e-9 for other in chosen)
        if is_near or not is_free[frame]:
            continue
        belongs = is_free & (distance > (height + median) / 2)
        start, stop = _around(belongs, frame)
        is_free[start:stop] = False
        chosen.append(Peak(frame, start, stop, height))
    return chosen


def _peaks(values: NDArray[np.float64]) -> list[int]:
    """Return local maxima, the ends included, the highest first; of several equal neighbours the middle one."""
    starts = np.append(0, np.flatnonzero(np.diff(values)) + 1)
    stops = np.append(starts[1:], len(values))
    levels = np.concatenate(([-np.inf], values[starts], [-np.inf]))
    is_peak = (levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:])
    frames = ((starts + stops - 1) // 2)[is_peak]
    return [int(frame) for frame in frames[np.argsort(-values[frames], kind="stable")]]


def _around(belongs: NDArray[np.bool_], frame: int) -> tuple[int, int]:
    """Return the run of true values that holds `frame`, its end exclusive."""
    gaps = np.flatnonzero(~belongs)
    place = int(np.searchsorted(gaps, frame))
    return (int(gaps[place - 1]) + 1 if place else 0), (int(gaps[place]) if place < len(gaps) else len(belongs))
