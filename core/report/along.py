"""Differences and tempo along the path of a pair, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import swap
from core.base.types import Alignment
from core.report.comparison import path_distance, smooth
from core.report.course import Course
from core.report.largest_deviations import moments_of

_WINDOW_SECONDS = 0.3
_LEAST_FRAMES = 5
"""Frames of either video that a window holds at least: in fewer the path's steps show, not the movement."""
_MOST_PEAKS = 12
_APART_SECONDS, _APART_SHARE = 1.0, 0.1
"""Least time between two peaks: a second, or a tenth of what is short."""


@dataclass(frozen=True, eq=False)
class AlongPath:
    """Curves over the P steps of a path; empty if nothing matches.

    A frame without a partner is on no step: its time goes by, and counts for no curve.
    """

    distance: NDArray[np.float64]
    """(P,) 1 - cosine of matched frames, 0 to 2, smoothed a little."""
    tempo: NDArray[np.float64]
    """(P,) seconds of A that go by in one second of B; above 1, B is the faster. NaN where one of them only
    waits for the other to begin or to end (see `Course`)."""
    a_seconds: NDArray[np.float64]
    """(P,) where in A each step begins, rising: a frame's time is divided among its steps."""
    b_seconds: NDArray[np.float64]
    """(P,)"""
    peaks: NDArray[np.int64]
    """Steps at which the distance has its highest peaks (`moments_of`), in order of time."""


def along_path(
    alignment: Alignment,
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    a_edges_seconds: NDArray[np.float64],
    b_edges_seconds: NDArray[np.float64],
) -> AlongPath:
    """Return the curves of a path.

    Args:
        a: (A, D) rows of norm 1.
        b: (B, D)
        a_edges_seconds: (A + 1,) start of every frame and end of the last.
        b_edges_seconds: (B + 1,)
    """
    course = Course.of(swap(alignment), b_edges_seconds, a_edges_seconds)
    edges = (course.seconds + course.reference_seconds) / 2  # grows at every row, and the same for B against A
    frame_seconds = max(float(np.median(np.diff(one))) for one in (a_edges_seconds, b_edges_seconds))
    window_seconds = max(_WINDOW_SECONDS, _LEAST_FRAMES * frame_seconds)
    steps = np.flatnonzero(course.is_step)  # (P,) rows
    raw = np.full(len(course.is_step), np.nan)
    raw[steps] = path_distance(alignment, a, b)
    distance = smooth(raw, edges, window_seconds)
    apart_seconds = min(_APART_SECONDS, _APART_SHARE * float(edges[-1] - edges[0]))
    peaks = moments_of(distance, edges, top=_MOST_PEAKS, apart_seconds=apart_seconds)
    return AlongPath(
        distance[steps],
        course.tempo(b_edges_seconds, window_seconds)[alignment.b_frames],
        course.reference_seconds[steps],
        course.seconds[steps],
        np.searchsorted(steps, np.sort(np.array([peak.frame for peak in peaks], np.int64))),
    )
