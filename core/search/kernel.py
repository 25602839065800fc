"""Inner loops of search, compiled by numba; imported on first use, because numba is slow to import."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled, compiled_in_any_order


@compiled
def sweep(
    cosine: NDArray[np.float32],
    first_frame: int,
    sums: NDArray[np.float64],
    starts: NDArray[np.int64],
    steps: NDArray[np.int64],
    mean_costs: NDArray[np.float64],
    start_frames: NDArray[np.int64],
) -> None:
    """Continue with some frames of the searched video: the cheapest path that ends with the query's last frame at each.

    Paths begin at the query's first frame and at any frame of the video, and go on by steps (1, 1), (1, 0), (0, 1) in
    (query, video), each cell's cost 1 - cosine counted once; where steps tie, in that order. A cell whose cosine is
    not a number is never entered.

    Args:
        cosine: (C, Q) of frames `first_frame`... of the video with those of the query.
        sums, starts, steps: (Q,) the column before: least sum, first frame and number of cells of its path. Before
            frame 0 the sums are infinite.
        mean_costs, start_frames: (C,) receive the mean cost of the path that ends at each frame, infinite where there
            is none, and the frame it begins at.
    """
    last = cosine.shape[1] - 1
    for column in range(cosine.shape[0]):
        line = cosine[column]
        diagonal_sum, diagonal_start, diagonal_steps = np.inf, 0, 0
        up_sum, up_start, up_steps = np.inf, 0, 0
        for row in range(last + 1):
            value = line[row]
            cost = max(1.0 - value, 0.0) if value == value else np.inf
            best_sum, best_start, best_steps = diagonal_sum, diagonal_start, diagonal_steps
            if row == 0:
                best_sum, best_start, best_steps = 0.0, first_frame + column, 0
            if up_sum < best_sum:
                best_sum, best_start, best_steps = up_sum, up_start, up_steps
            if sums[row] < best_sum:
                best_sum, best_start, best_steps = sums[row], starts[row], steps[row]
            diagonal_sum, diagonal_start, diagonal_steps = sums[row], starts[row], steps[row]
            up_sum, up_start, up_steps = best_sum + cost, best_start, best_steps + 1
            sums[row], starts[row], steps[row] = up_sum, up_start, up_steps
        mean_costs[column] = sums[last] / steps[last]
        start_frames[column] = starts[last]


@compiled
def bound(
    rows: NDArray[np.int8],
    scales: NDArray[np.float32],
    left_out: NDArray[np.float32],
    query: NDArray[np.int16],
    step: float,
    slack: float,
    bounds: NDArray[np.float32],
) -> None:
    """Write what no row's cosine with the query is above: scale * step * (row · query) + left_out + slack.

    Args:
        rows: (N, D); scales, left_out, bounds: (N,).
        query: (D,) so small that sums stay within 32 bits.
    """
    for position in range(rows.shape[0]):
        row = rows[position]
        total = np.int32(0)
        for column in range(query.shape[0]):
            total = np.int32(total + np.int32(row[column]) * np.int32(query[column]))  # 64 bits would be 4 times slower
        bounds[position] = scales[position] * (step * total) + (left_out[position] + slack)


@compiled_in_any_order
def half_cosines(rows: NDArray[np.uint16], query: NDArray[np.float32], cosines: NDArray[np.float32]) -> None:
    """Write the cosine of each row with the query; of zeros it is 0, of rows that are not finite it is not a number.

    Args:
        rows: (N, D) float16, seen as integers.
        query: (D,) of norm 1.
        cosines: (N,) receives them.
    """
    row = np.empty(query.shape[0], np.float32)
    bits = row.view(np.uint32)
    for position in range(rows.shape[0]):
        largest = np.uint32(0)
        for column in range(query.shape[0]):
            half = np.uint32(rows[position, column])
            size = half & np.uint32(0x7FFF)
            largest = max(largest, size)
            bits[column] = (size << np.uint32(13)) | ((half & np.uint32(0x8000)) << np.uint32(16))
        total, square = np.float32(0), np.float32(0)
        for column in range(query.shape[0]):
            value = row[column] * np.float32(2.0**112)  # the exponents of both formats differ by so much
            total += value * query[column]
            square += value * value
        if largest >= np.uint32(0x7C00):
            cosines[position] = np.nan
        else:
            cosines[position] = total / np.sqrt(square) if square != 0 else np.float32(0)
