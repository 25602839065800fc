"""The similarity of two videos as a picture of any size: what is shown where there are more frames than pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Axis = tuple[NDArray[np.float32], NDArray[np.float64], int]
"""(S, D) rows of norm 1, (S + 1,) when each frame begins and the last one ends, and how many pixels that time takes."""


def mean_cosine(down: Axis, across: Axis) -> NDArray[np.float64]:
    """(H, W) the mean of the cosine over the area of each pixel; the matrix of all frames is never held.

    Rows follow the first video's time, columns the second one's. The mean over an area is the product of the two means
    over its sides, since the cosine of rows of norm 1 is their product.
    """
    cosine: NDArray[np.float64] = over_time(*down) @ over_time(*across).T
    return cosine


def over_time(embeddings: NDArray[np.float32], edges: NDArray[np.float64], pixels: int) -> NDArray[np.float64]:
    """(S, D) frames shown from edges[i] to edges[i + 1] -> (pixels, D) their means over the time of each pixel."""
    running = np.concatenate(
        [np.zeros((1, embeddings.shape[1])), np.cumsum(embeddings * np.diff(edges)[:, None], axis=0, dtype=np.float64)]
    )
    times = np.linspace(0, edges[-1], pixels + 1)
    frame = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(embeddings) - 1)
    until = running[frame] + (times - edges[frame])[:, None] * embeddings[frame]
    means: NDArray[np.float64] = np.diff(until, axis=0) / np.diff(times)[:, None]
    return means
