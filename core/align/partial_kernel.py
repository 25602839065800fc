"""The inner loops of alignment with unmatched frames, compiled by numba; see `core.align.partial`.

Each row is gone through three times: what depends on the row above alone (the compiler takes four cells at once), the
chain from left to right, which is as long as that of plain dynamic time warping, and the backpointers.

Imported on first use: numba takes half a second to import, and as long again to compile when its cache is empty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled

AFTER_GAP, UP, LEFT = 1, 2, 3
"""How a matched cell was reached: by (1, 1) from a matched cell (0) or after a gap, by (1, 0), or by (0, 1)."""
GAP_UP, GAP_LEFT, START = 4, 8, 12
"""How a gap got to a cell: it opens after the match there (0), skips a frame of A or of B, or began with the videos."""

_Row = NDArray[np.float64]


@compiled
def _enter(line: NDArray[Any], price: float, matched: _Row, gaps: _Row, values: _Row, bests: _Row, ways: Any) -> bool:
    """Fill in what each cell costs where one video waits, and the best way into it but from the left.

    Return whether all costs are finite.
    """
    is_bad = 0
    for place in range(len(line)):
        value = 2 * np.float64(line[place]) - price
        is_bad |= not (-np.inf < value < np.inf)
        diagonal, gap, up = matched[place], gaps[place], matched[place + 1]
        entered = (gap if gap < diagonal else diagonal) - price
        values[place] = value
        bests[place] = (up if up < entered else entered) + value
        ways[place] = UP if up < entered else AFTER_GAP if gap < diagonal else 0
    return not is_bad


@compiled
def _chain(
    values: _Row, bests: _Row, gaps_above: _Row, opening: float, start: float, matched: _Row, gaps: _Row, width: int
) -> None:
    """Fill in the least sums of a row, from left to right; `matched` and `gaps` begin one column before the band."""
    left, gap = np.inf, start
    for place in range(width):
        left, best = left + values[place], bests[place]
        left = left if left < best else best
        matched[place + 1] = left
        entered, up = left + opening, gaps_above[place]
        entered = up if up < entered else entered
        gap = gap if gap < entered else entered
        gaps[place + 1] = gap


@compiled
def _point(
    bests: _Row, ways: Any, gaps_above: _Row, opening: float, start: float, matched: _Row, gaps: _Row, steps: Any
) -> int:
    """Fill in a row's backpointers; return the place of its least sum that ends with a match."""
    for place in range(len(matched)):
        here, gap = matched[place], gaps[place]
        way = LEFT if here < bests[place] else ways[place]
        gap_way = (
            START if gap >= start else 0 if gap == here + opening else GAP_UP if gap == gaps_above[place] else GAP_LEFT
        )
        steps[place] = way | gap_way
    return int(np.argmin(matched))


@compiled
def sweep(
    cost: NDArray[Any],
    first_row: int,
    first_column: int,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    prices: tuple[float, float, float],
    matched: NDArray[np.float64],
    gaps: NDArray[np.float64],
    steps: NDArray[np.uint8],
    end: NDArray[np.int64],
    least: NDArray[np.float64],
) -> int:
    """Continue with some rows of the cost matrix, within the band.

    Sums are less what skipping every frame so far would cost: a cell counts twice its cost, less the price for every
    frame that it takes up, and a skipped frame counts nothing.

    Args:
        cost: (R, C) rows from `first_row`, columns from `first_column`.
        low, high: (A,) first and last column of the band in every row, never decreasing.
        prices: of a frame without a partner; what a gap in the middle costs besides; and 0 where the videos may begin
            with a gap, else infinite.
        matched: (2, B + 1) least sums that end with a match, row i at `i % 2`, column j at `j + 1`; infinite where
            there is none yet.
        gaps: (2, B + 1) least sums that end with a gap; the third price where there is none yet. Before row 0,
            column 0 is 0.
        steps: (A, W) receives the backpointers, column j of row i at place `j - low[i]`.
        end: (2,) row and column of the match with the least sum so far.
        least: (1,) that sum.

    Returns:
        -1, or the first row that has a cost in the band that is not finite.
    """
    price, opening, start = prices
    values, bests = np.empty(matched.shape[1]), np.empty(matched.shape[1])
    ways = np.empty(matched.shape[1], np.uint8)
    for row in range(first_row, first_row + cost.shape[0]):
        first, width = low[row], high[row] - low[row] + 1
        line = cost[row - first_row, first - first_column : first - first_column + width]
        matched_above, gaps_above = matched[(row + 1) % 2, first:], gaps[(row + 1) % 2, first:]
        matched_here, gaps_here = matched[row % 2, first : first + width + 1], gaps[row % 2, first : first + width + 1]
        if not _enter(line, price, matched_above, gaps_above, values, bests, ways):
            return row
        matched_here[0], gaps_here[0] = np.inf, start
        _chain(values, bests, gaps_above[1:], opening, start, matched_here, gaps_here, width)
        place = _point(bests, ways, gaps_above[1:], opening, start, matched_here[1:], gaps_here[1:], steps[row])
        if matched_here[1 + place] < least[0]:
            least[0] = matched_here[1 + place]
            end[0], end[1] = row, first + place
    return -1


@compiled
def trace(
    steps: NDArray[np.uint8], low: NDArray[np.int64], row: int, column: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow the backpointers from a matched cell to the first one; rows and columns of the matches in order, (P,)."""
    place = row + column + 2
    rows = np.empty(place, np.int64)
    columns = np.empty(place, np.int64)
    is_gap = False
    while row >= 0 and column >= low[row]:
        step = steps[row, column - low[row]]
        if is_gap:
            way = step & START
            if way == START:
                break
            if way == GAP_UP:
                row -= 1
            elif way == GAP_LEFT:
                column -= 1
            else:
                is_gap = False
            continue
        place -= 1
        rows[place], columns[place] = row, column
        way = step & LEFT
        is_gap = way == AFTER_GAP
        if way != LEFT:
            row -= 1
        if way != UP:
            column -= 1
    return rows[place:].copy(), columns[place:].copy()
