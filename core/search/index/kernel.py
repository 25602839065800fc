"""Inner loop of an index, compiled by numba; imported on first use, because numba is slow to import."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled


@compiled
def mark_runs(
    rows: NDArray[np.float32],
    is_first: NDArray[np.bool_],
    is_used: NDArray[np.bool_],
    most: float,
    longest: int,
    marks: NDArray[np.int8],
) -> None:
    """Mark each row as the start of a run (1), as belonging to the run before it (2), or as none (0).

    A run goes on while the squared distance from its first row is at most `most`, for at most `longest` rows.

    Args:
        rows: (N, D); those that are not finite, or zero, belong to no run.
        is_first, is_used, marks: (N,).
    """
    start = -1
    for position in range(rows.shape[0]):
        row = rows[position]
        norm = np.float32(0)
        for column in range(rows.shape[1]):
            norm += row[column] * row[column]
        if not is_used[position] or not (0 < norm < np.inf):
            marks[position], start = 0, -1
            continue
        distance = np.float32(np.inf)
        if start >= 0 and not is_first[position] and position - start < longest:
            first = rows[start]
            distance = np.float32(0)
            for column in range(rows.shape[1]):
                distance += (row[column] - first[column]) ** 2
        if distance <= most:
            marks[position] = 2
        else:
            marks[position], start = 1, position
