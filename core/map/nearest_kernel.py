"""The inner loop of `nearest`, compiled by numba; imported on first use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled


@compiled
def keep_nearest(products: NDArray[np.float32], halves: NDArray[np.float32], found: NDArray[np.int32]) -> None:
    """Keep for each row of (B, L) products the k indices with the smallest `halves - products`, smallest first.

    Args:
        found: (B, k) receives them.
    """
    k = found.shape[1]
    best = np.empty(k, np.float32)
    for row in range(products.shape[0]):
        best[:] = np.inf
        for place in range(products.shape[1]):
            value = halves[place] - products[row, place]
            if value < best[k - 1]:
                at = k - 1
                while at > 0 and best[at - 1] > value:
                    best[at] = best[at - 1]
                    found[row, at] = found[row, at - 1]
                    at -= 1
                best[at] = value
                found[row, at] = place
