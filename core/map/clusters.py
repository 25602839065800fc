"""Clusters of similar frames: k-means of all frames."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.embedding.embedded_video import EmbeddedVideo
from core.map.rows import blocks, finite_places, is_finite, rows_at, spread

_SAMPLE = 50_000
"""Frames from which the centres are learned."""
NO_CLUSTER = -1


def cluster_frames(
    videos: Sequence[EmbeddedVideo], count: int, *, seed: int = 0, control: Control | None = None
) -> NDArray[np.int16]:
    """Return (N,) the group of every frame, from 0; the largest group is the first. Fewer groups where frames are too
    few.

    Sculley 2010, "Web-scale k-means clustering", by scikit-learn, from evenly spread frames; then every frame goes to
    its nearest centre.

    Args:
        count: of groups, at least 1.

    Returns:
        NO_CLUSTER where an embedding is not finite.

    Raises:
        Stopped: `control` asked for it.
    """
    from sklearn.cluster import MiniBatchKMeans
    from threadpoolctl import threadpool_limits

    groups = np.full(sum(len(video) for video in videos), NO_CLUSTER, np.int16)
    places = finite_places(videos) if len(groups) else np.empty(0, np.int64)
    if not len(places):
        return groups
    sample = np.unique(rows_at(videos, places[spread(len(places), _SAMPLE)]), axis=0)
    if control is not None:
        control.obey()
    means = MiniBatchKMeans(min(count, len(sample)), random_state=seed, batch_size=4096, n_init=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads and convergence: nobody who reads them could do anything
        centres = np.asarray(means.fit(sample).cluster_centers_, np.float32)
    halves = np.vecdot(centres, centres) / 2
    with threadpool_limits(1, user_api="blas"):  # as for `pca_map`
        for first_row, rows in blocks(videos):
            if control is not None:
                control.obey()
            finite = np.flatnonzero(is_finite(rows))
            groups[first_row + finite] = np.argmin(halves - rows[finite] @ centres.T, axis=1)
    sizes = np.bincount(groups[groups >= 0], minlength=len(centres))
    rank = np.empty(len(centres), np.int16)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(centres))
    groups[groups >= 0] = rank[groups[groups >= 0]]
    return groups
