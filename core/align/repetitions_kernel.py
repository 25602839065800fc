"""The inner loops of the search for repetitions, compiled by numba; imported on first use."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled

FASTEST = 12
"""Frames of the reference by which one frame goes on at most."""
_STARTED, _RESUMED = 14, 15
"""In the low four bits of a cell, beside 0 to `FASTEST` for going on by so many frames of the reference."""
_DROPPED_BEFORE = 16
"""The bit of a cell whose dropped frame follows another dropped one."""
_NONE = -1


@compiled
def sweep(
    cost: NDArray[Any],
    first_row: int,
    gap: float,
    skip: float,
    start: float,
    most: int,
    sums: NDArray[np.float64],
    steps: NDArray[np.uint8],
    exits: NDArray[np.int64],
    costs: NDArray[np.float64],
) -> int:
    """Continue with some rows of the cost matrix.

    Args:
        cost: (R, M) of the clip's frames from `first_row` with each frame of the reference.
        gap, skip, start, most: `core.align.repetitions.Prices`.
        sums: (2, M) least sums by the frame of the reference that was matched last: where the row matched it, and where
            the row was dropped since. Infinite before row 0.
        steps: (N, M) receives the backpointers.
        exits: (N,) receives the frame of the reference that a repetition would best end with in this row; -1 where it
            is better to be in none.
        costs: (N + 1,) least sums up to each row, outside of any repetition after it; `costs[0]` is 0.

    Returns:
        -1, or the first row that has a cost that is not finite.
    """
    num_reference = cost.shape[1]
    matched, dropped = sums[0], sums[1]
    for row in range(first_row, first_row + cost.shape[0]):
        line = cost[row - first_row]
        outside = costs[row]
        least, best_exit = outside + gap, _NONE
        for place in range(num_reference - 1, -1, -1):  # downwards: what lies below is still of the row before
            value = line[place]
            if not -np.inf < value < np.inf:
                return row
            best, step = matched[place], 0
            is_dropped_before = dropped[place] < matched[place]
            for by in range(1, min(most, place) + 1):
                if matched[place - by] < best:
                    best, step = matched[place - by], by
            if place > 0 and dropped[place - 1] < best:
                best, step = dropped[place - 1], _RESUMED
            if outside + start + skip * place < best:
                best, step = outside + start + skip * place, _STARTED
            steps[row, place] = step | (_DROPPED_BEFORE if is_dropped_before else 0)
            dropped[place] = min(dropped[place], matched[place]) + gap
            matched[place] = best + value
            leaving = matched[place] + skip * (num_reference - 1 - place)
            if leaving < least:
                least, best_exit = leaving, place
        costs[row + 1] = least
        exits[row] = best_exit
    return -1


@compiled
def trace(steps: NDArray[np.uint8], exits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow the backpointers: each frame's frame of the reference, or -1, and its repetition, or 0; both (N,).

    Repetitions are counted from the last one back: -1, -2, ... A frame that was dropped within one has its number.
    """
    frames = np.full(len(exits), _NONE, np.int64)
    numbers = np.zeros(len(exits), np.int64)
    row, place, number, is_dropped = len(exits) - 1, np.int64(_NONE), 0, False
    while row >= 0:
        if place == _NONE:
            place = exits[row]
            if place == _NONE:
                row -= 1
                continue
            number -= 1
            is_dropped = False
        numbers[row] = number
        step = np.int64(steps[row, place])
        if is_dropped:
            is_dropped = (step & _DROPPED_BEFORE) != 0
        else:
            frames[row] = place
            by = step & 15
            if by == _STARTED:
                place = np.int64(_NONE)
            elif by == _RESUMED:
                place -= 1
                is_dropped = True
            else:
                place -= by
        row -= 1
    return frames, numbers
