"""Missing and added steps: ranges of frames without a match in the other video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.base.types import Alignment
from core.labels.segments import runs_of
from core.report.course import rows_of


@dataclass(frozen=True)
class Unmatched:
    """Consecutive unmatched frames of one video, between two steps of the path or beyond its ends."""

    kind: Literal["added", "missing"]
    """`added`: only the video shows it; `missing`: only the reference does."""
    start_frame: int
    """Of the video in which it lies: the performance for `added`, the reference for `missing`."""
    end_frame_exclusive: int
    other_frame: int
    """Before which frame of the other video it would lie; the number of its frames: after the last."""


def unmatched_of(alignment: Alignment) -> list[Unmatched]:
    """Return all stretches in the order of the path, what is added before what is missing at the same place.

    Args:
        alignment: A is the video, B the reference.
    """
    a, b = rows_of(alignment)
    kinds = np.where(b < 0, 0, np.where(a < 0, 1, -1))  # (R,) a step is -1, which `runs_of` leaves out
    next_a, next_b = _next(a, alignment.num_a), _next(b, alignment.num_b)
    return [
        Unmatched("missing", int(b[start]), int(b[stop - 1]) + 1, int(next_a[start]))
        if kind
        else Unmatched("added", int(a[start]), int(a[stop - 1]) + 1, int(next_b[start]))
        for kind, start, stop in runs_of(kinds)
    ]


def _next(frames: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return (R,) at each row its frame or the next one after it; `count` where none comes."""
    there = np.flatnonzero(frames >= 0)
    found: NDArray[np.int64] = np.append(frames[there], count)[np.searchsorted(there, np.arange(len(frames)))]
    return found
