"""Exact nearest neighbours: every distance is computed, one block at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 1024
"""Of so many rows the distances to all others are held at once."""


def nearest(
    rows: NDArray[np.float32], among: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the `k` nearest of `among` to each row, the nearest first.

    Args:
        rows: (B, D), finite; B bounds the memory: 4 bytes for each of B x L.
        among: (L, D), finite, L at least `k`.

    Returns:
        (B, k) places in `among`, and (B, k) Euclidean distances.
    """
    from core.map.nearest_kernel import keep_nearest

    halves = np.vecdot(among, among) / 2  # |r - a|² = |r|² + 2 (|a|² / 2 - r·a)
    found = np.zeros((len(rows), k), np.int32)
    keep_nearest(rows @ among.T, halves, found)
    distances = np.linalg.norm(rows[:, None, :] - among[found], axis=2)  # exact: the products above have rounded
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(distances, order, axis=1)
