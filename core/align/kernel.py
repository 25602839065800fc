"""The inner loops of dynamic time warping, compiled by numba.

Imported on first use: numba takes half a second to import, and as long again to compile when its cache is empty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled

DOWN, RIGHT = 1, 2
"""How a cell was reached: by (0, 1) where the bit RIGHT is set, else by (1, 0) where DOWN is, else by (1, 1)."""


@compiled
def sweep(
    cost: NDArray[Any],
    first_row: int,
    first_column: int,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    sums: NDArray[np.float64],
    steps: NDArray[np.uint8],
) -> int:
    """Continue with some rows of the cost matrix, within the band.

    Args:
        cost: (R, C) rows from `first_row`, columns from `first_column`.
        low, high: (A,) first and last column of the band in every row, never decreasing.
        sums: (2, B + 1) least sums of the two rows at hand, row i at `i % 2`, column j at `j + 1`; infinite
            where there is none yet. Before row 0 the cell (1, 0) is 0.
        steps: (A, ceil(W / 4)) receives the backpointers, two bits each, column j of row i at place `j - low[i]`.

    Returns:
        -1, or the first row that has a cost in the band that is not finite.
    """
    for row in range(first_row, first_row + cost.shape[0]):
        above, here = sums[(row + 1) % 2], sums[row % 2]
        line = cost[row - first_row]
        start = low[row]
        width = high[row] - start + 1
        left = np.inf
        diagonal = above[start]
        packed = np.int64(0)
        here[start] = np.inf
        for place in range(width):  # no branch on what is random: a wrong guess costs more than the arithmetic
            column = start + place
            up = above[column + 1]
            value = line[column - first_column]
            if not -np.inf < value < np.inf:
                return row
            best = min(diagonal, up)
            packed = (packed >> 2) | (np.int64(up < diagonal) << 6) | (np.int64(left < best) << 7)
            left = min(left, best) + value
            here[column + 1] = left
            diagonal = up
            if place & 3 == 3:
                steps[row, place >> 2] = packed
        if width & 3:
            steps[row, width >> 2] = packed >> (8 - 2 * (width & 3))
    return -1


@compiled
def trace(
    steps: NDArray[np.uint8], low: NDArray[np.int64], last_column: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow the backpointers from the last cell to (0, 0); rows and columns of the path in order, both (P,)."""
    row, column = steps.shape[0] - 1, last_column
    place = row + column + 1
    rows = np.empty(place, np.int64)
    columns = np.empty(place, np.int64)
    while True:
        place -= 1
        rows[place], columns[place] = row, column
        if row == 0 and column == 0:
            return rows[place:].copy(), columns[place:].copy()
        offset = column - low[row]
        step = (steps[row, offset >> 2] >> (2 * (offset & 3))) & 3
        if not step & RIGHT:
            row -= 1
        if step != DOWN:
            column -= 1
