"""AP@K: whether the nearest frames in other videos have the same class."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.metrics.frames import Embeddings, Labels, check_labelled, drop_unlabelled
from core.metrics.neighbours import distance_blocks, smallest_columns
from core.metrics.order import check_stride


def average_precision_at_k(
    embeddings: Sequence[Embeddings], labels: Sequence[Labels], *, k: int, stride: int = 1
) -> float:
    """Return the share of a frame's k nearest frames in all other videos with its
    class (CARL, section 4.1; released code).

    Mean over the frames of a video, then over videos; queries and candidates are every `stride`-th frame. Where the
    other videos have fewer than k frames together, it is the share among all of them. Of frames that are equally far,
    those of earlier videos, and of earlier frames, count as nearer. A video without (labelled) frames is left out.

    Returns:
        0..1; NaN where no video has another one with frames.

    Raises:
        ValueError: no video, lists that do not belong together, not finite, k or a stride below 1.
    """
    return average_precisions(embeddings, labels, ks=[k], stride=stride)[k]


def average_precisions(
    embeddings: Sequence[Embeddings], labels: Sequence[Labels], *, ks: Sequence[int], stride: int = 1
) -> dict[int, float]:
    """Return `average_precision_at_k` for several k, by k; distances are computed once."""
    check_labelled("", embeddings, labels)
    check_stride(stride)
    if not len(ks) or min(ks) < 1:
        raise ValueError(f"k must be at least 1, not {ks}")
    pairs = [drop_unlabelled(video, own) for video, own in zip(embeddings, labels, strict=True)]
    frames = np.concatenate([video[::stride] for video, _ in pairs])  # (N, D)
    classes = np.concatenate([own[::stride] for _, own in pairs])  # (N,)
    edges = np.cumsum([0, *(len(own[::stride]) for _, own in pairs)])
    precisions = [
        _precisions(frames, classes, slice(start, stop), ks)
        for start, stop in itertools.pairwise(edges.tolist())
        if start < stop and stop - start < len(classes)
    ]
    means = np.mean(precisions, axis=0) if precisions else np.full(len(ks), np.nan)
    return {k: float(mean) for k, mean in zip(ks, means, strict=True)}


def _precisions(
    frames: NDArray[np.float64], classes: NDArray[np.int64], own: slice, ks: Sequence[int]
) -> NDArray[np.float64]:
    """Return (K,) of the queries in `own`, for each k."""
    most = min(max(ks), len(classes) - (own.stop - own.start))
    hits = np.zeros(most)
    for rows, distances in distance_blocks(frames[own], frames):
        distances[:, own] = np.inf
        nearest = smallest_columns(distances, most)  # (rows, most)
        hits += (classes[nearest] == classes[own][rows, None]).sum(axis=0)
    found = np.cumsum(hits)
    used = np.minimum(ks, most)
    return np.asarray(found[used - 1] / (used * (own.stop - own.start)))
