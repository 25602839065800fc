"""The inner loops of the cheapest sequence of phases, compiled by numba. Import on first use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled


@compiled
def follow(gains: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return (S,) the phases whose gains, less the costs of their changes, sum to the most; ties go to lower numbers.

    Args:
        gains: (S, C) of each phase at each frame.
        costs: (C, C) of going from one phase (row) to another (column).
    """
    num_frames, num_phases = gains.shape
    came_from = np.zeros((num_frames, num_phases), np.int32)
    sums, reached = gains[0].copy(), np.empty(num_phases)
    for frame in range(1, num_frames):
        for phase in range(num_phases):
            best, source = sums[0] - costs[0, phase], 0
            for before in range(1, num_phases):
                value = sums[before] - costs[before, phase]
                if value > best:
                    best, source = value, before
            reached[phase] = best + gains[frame, phase]
            came_from[frame, phase] = source
        sums[:] = reached
    path = np.empty(num_frames, np.int64)
    path[-1] = sums.argmax()
    for frame in range(num_frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path
