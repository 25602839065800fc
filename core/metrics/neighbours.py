"""The frames nearest to a frame, by squared Euclidean distance in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.metrics.frames import Embeddings

_BLOCK_CELLS = 1 << 21
"""Distances that are held at once: bounds memory to some tens of megabytes."""


def nearest_frames(a: Embeddings, b: Embeddings) -> NDArray[np.int64]:
    """Map (A, D) and (B, D) -> (A,) the frame of B nearest to each frame of A by squared Euclidean distance, ties
    first.

    Raises:
        ValueError: B has no frame.
    """
    if not len(b):
        raise ValueError("a video without frames has no nearest frame")
    nearest = np.zeros(len(a), np.int64)
    for rows, distances in distance_blocks(a, b):
        nearest[rows] = np.argmin(distances, axis=1)
    return nearest


def distance_blocks(a: Embeddings, b: Embeddings) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield rows of A, and their (rows, B) squared distances, block by block.

    Differences are squared one by one, as in the released code, and not expanded into |a|^2 - 2ab + |b|^2: so frames
    that are equal are equally far, and of close ones none is lost to cancellation.
    """
    from scipy.spatial.distance import cdist

    b64 = np.asarray(b, np.float64)
    rows = max(1, _BLOCK_CELLS // max(1, len(b)))
    for start in range(0, len(a), rows):
        block = slice(start, min(start + rows, len(a)))
        yield block, cdist(np.asarray(a[block], np.float64), b64, "sqeuclidean")


def smallest_columns(distances: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Map (A, B) -> (A, k) columns of the k smallest numbers of each row, smallest first, of equal ones the first.

    What a stable sort gives, without sorting what is far. k is from 1 to B.
    """
    limit = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]  # (A, 1)
    taken = distances < limit
    tied = distances == limit
    room = k - taken.sum(axis=1, keepdims=True)
    taken |= tied & (tied.cumsum(axis=1, dtype=np.int32) <= room)
    columns = np.nonzero(taken)[1].reshape(len(distances), k)
    order = np.argsort(np.take_along_axis(distances, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
