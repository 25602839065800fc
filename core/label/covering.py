"""Choose videos to label so that every other one is similar to a labelled one: greedy covering by embedding
distance."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.embedding.embedded_video import EmbeddedVideo

_MOST_FRAMES, _FEWEST_FRAMES = 64, 4
"""Of a video, evenly spaced, by which it is compared."""
_ALL_FRAMES = 1 << 12
"""Of all videos together: bounds the work, which grows with its square."""


def distances(videos: Sequence[EmbeddedVideo], control: Control | None = None) -> NDArray[np.float32]:
    """Return (N, N) how unlike two videos are: the mean over the frames of each of the cosine distance, 0 to 2, from
    the nearest frame of the other; symmetric, 0 on the diagonal.

    Raises:
        Stopped: `control` asked for it.
    """
    from threadpoolctl import threadpool_limits  # it looks at all libraries that are loaded

    frames = int(np.clip(_ALL_FRAMES // max(len(videos), 1), _FEWEST_FRAMES, _MOST_FRAMES))
    rows = [_even(video.embeddings, frames) for video in videos]
    if not rows:
        return np.zeros((0, 0), np.float32)
    everything = np.concatenate(rows)
    edges = np.cumsum([0, *map(len, rows)])
    apart = np.empty((len(rows), len(rows)), np.float32)
    with threadpool_limits(1, user_api="blas"):  # products are small: threads would mostly wait for one another
        for index, own in enumerate(rows):
            if control is not None:
                control.obey()
            cosines = own @ everything.T  # (s, all frames)
            apart[index] = 1 - np.maximum.reduceat(cosines, edges[:-1], axis=1).mean(axis=0)
    made: NDArray[np.float32] = np.maximum((apart + apart.T) / 2, 0)
    np.fill_diagonal(made, 0)
    return made


def choose_covering(apart: NDArray[np.float32], labelled: Collection[int], count: int) -> list[tuple[int, float]]:
    """Return the videos to label next, the most useful first: each lowers the mean distance of all videos from the
    nearest labelled one the most, those before it being labelled too. Without a labelled one, the first is the medoid.

    Args:
        apart: (N, N) of `distances`.
        labelled: places of the videos that have labels.

    Returns:
        At most `count` places without labels, and by how much each lowers that mean (for a first video of all: the
        mean distance that it leaves).
    """
    chosen = sorted(labelled)
    remaining = [index for index in range(len(apart)) if index not in set(chosen)]
    nearest = apart[:, chosen].min(axis=1) if chosen else np.full(len(apart), np.inf)
    found: list[tuple[int, float]] = []
    while remaining and len(found) < count:
        means = np.minimum(nearest[:, None], apart[:, remaining]).mean(axis=0)
        at = int(means.argmin())
        before = float(nearest.mean())
        after, index = float(means[at]), remaining.pop(at)
        found.append((index, before - after if np.isfinite(before) else after))
        nearest = np.minimum(nearest, apart[:, index])
    return found


def _even(rows: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Return at most this many rows, evenly spaced."""
    return np.asarray(rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)])
