"""The inner loop of `points`, compiled by numba; imported on first use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled


@compiled
def crossings(
    positions: NDArray[np.float32], points: NDArray[np.int64], outline: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return (P,) how often a line from each of these points to the right crosses the closed outline, (E, 2)."""
    found = np.zeros(len(points), np.int64)
    for place in range(len(points)):
        x, y = positions[points[place], 0], positions[points[place], 1]
        before = len(outline) - 1
        for corner in range(len(outline)):
            x_one, y_one = outline[before, 0], outline[before, 1]
            x_other, y_other = outline[corner, 0], outline[corner, 1]
            if (y_one > y) != (y_other > y) and x < x_one + (y - y_one) / (y_other - y_one) * (x_other - x_one):
                found[place] += 1
            before = corner
    return found
