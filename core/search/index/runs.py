"""Runs of nearly equal frames, of which the index holds one entry each.

A camera that stands still gives thousands of equal embeddings; as entries of their own they would fill every list of
candidates, and the frames in which something moves would not be among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 0.05
"""Most distance of a run's frames from its first; less than what a code leaves out."""
LONGEST = (1 << 12) - 1
"""Most frames of a run."""

_ROW_BITS, _LENGTH_BITS = 27, 12


@dataclass(frozen=True)
class Runs:
    """Runs of frames within one file."""

    starts: NDArray[np.int64]
    """(R,) first row of each."""
    lengths: NDArray[np.int64]
    """(R,) frames of each."""


def find_runs(rows: NDArray[np.float32], is_first: NDArray[np.bool_], is_used: NDArray[np.bool_]) -> Runs:
    """Return the runs of rows that are used, finite and not zero.

    Args:
        rows: (N, D) of norm 1.
        is_first: (N,) where a video begins, and with it a run.
        is_used: (N,) which rows belong to a video.
    """
    from core.search.index.kernel import mark_runs  # compiled: not needed to import this module

    marks = np.empty(len(rows), np.int8)
    mark_runs(rows, is_first, is_used, np.float32(TOLERANCE**2), LONGEST, marks)
    starts = np.flatnonzero(marks == 1)
    ends = np.append(np.flatnonzero(marks != 2), len(rows))
    return Runs(starts, ends[np.searchsorted(ends, starts, side="right")] - starts)


def pack(file_number: int, runs: Runs) -> NDArray[np.int64]:
    """Return an id for each run, from which `unpack` reads where it lies."""
    if file_number >= 1 << (63 - _ROW_BITS - _LENGTH_BITS) or (len(runs.starts) and runs.starts[-1] >= 1 << _ROW_BITS):
        raise ValueError(f"file {file_number} or its rows are beyond what an id holds")
    first: NDArray[np.int64] = (np.int64(file_number) << _ROW_BITS | runs.starts) << _LENGTH_BITS | runs.lengths
    return first


def unpack(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return number of the file, first row and length of each run."""
    rows = ids >> _LENGTH_BITS
    return rows >> _ROW_BITS, rows & ((1 << _ROW_BITS) - 1), ids & ((1 << _LENGTH_BITS) - 1)
