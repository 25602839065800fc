"""The clock of a video, as shown by mpv, used for all seconds in files, on screen and in tables.

docs/decisions/0011 says what was measured, and where browsers differ.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.base.types import VideoMeta

_RUNS_FROM_ZERO = {"mov", "mp4", "ogg"}
"""Formats (each part of FFmpeg's name for it) whose presentation times are the clock: a late start is shown."""
_ROUNDING = 1e-4
"""Of a unit: what sums of floating-point numbers may be off by."""


def clock_start_seconds(format_name: str, start_micros: int | None) -> Fraction:
    """Return what a player takes off the presentation times of a container.

    Args:
        format_name: FFmpeg's, such as `mov,mp4,m4a,3gp,3g2,mj2`.
        start_micros: when the earliest of its streams begins, in microseconds (`container.start_time`).
    """
    names = set(format_name.split(","))
    if names & _RUNS_FROM_ZERO or start_micros is None:
        return Fraction(0)
    if "matroska" in names:  # sound may be decoded from before 0, but no player counts from there
        start_micros = max(0, start_micros)
    return Fraction(start_micros, 1_000_000)


def edges_seconds(pts_seconds: NDArray[np.float64], meta: VideoMeta) -> NDArray[np.float64]:
    """Map (S,) presentation times -> (S + 1,) start of every frame and end of the last, by the medium's clock."""
    last = meta.duration_seconds - float(pts_seconds[-1] - pts_seconds[0])
    return np.append(pts_seconds, pts_seconds[-1] + last) - meta.clock_start_seconds


def first_units(seconds: NDArray[np.float64], per_second: int) -> NDArray[np.int64]:
    """Return for each time the first whole unit (`per_second` per second) that is not before it.

    So a reader that rounds a written time down to a frame gets the frame that begins at it, not the one before.
    """
    return np.ceil(seconds * per_second - _ROUNDING).astype(np.int64)


def format_seconds(seconds: float) -> str:
    """Return a time with six decimals, not before it; nothing where it is not known (NaN)."""
    if np.isnan(seconds):
        return ""
    return f"{int(first_units(np.array([seconds]), 1_000_000)[0]) / 1_000_000:.6f}"
