"""Kendall's tau: whether nearest neighbours keep the order of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.metrics.frames import Embeddings, check_embeddings
from core.metrics.neighbours import nearest_frames


def kendalls_tau(embeddings: Sequence[Embeddings], *, stride: int = 1) -> float:
    """Return how well nearest neighbours keep the order of time: Kendall's tau-b, mean over ordered pairs of videos.

    Of every `stride`-th frame of A the nearest among every `stride`-th of B is found; tau is that of 0, 1, 2, ... and
    the places found (CARL, section 4.1; released code: stride 5 for Pouring, 2 for PennAction). It depends on the
    stride: show both together. Alone it proves nothing: positions order the frames of uncut clips without any learning.

    Pairs whose tau is not defined are left out: nearest frames that are all the same (a constant embedding), a video of
    fewer than two strided frames as A, of none as B.

    Returns:
        -1..1; NaN where no pair has a defined tau, as with one video.

    Raises:
        ValueError: no video, not (S, D) each, not finite, or a stride below 1.
    """
    from scipy.stats import kendalltau

    check_embeddings("embeddings", embeddings)
    check_stride(stride)
    strided = [np.asarray(video[::stride], np.float64) for video in embeddings]
    taus = []
    for i, a in enumerate(strided):
        for j, b in enumerate(strided):
            if i != j and len(a) > 1 and len(b):
                nearest = nearest_frames(a, b)
                if nearest.min() < nearest.max():
                    taus.append(kendalltau(np.arange(len(a)), nearest).statistic)
    return float(np.mean(taus)) if taus else float("nan")


def check_stride(stride: int) -> None:
    """Raise ValueError where it is below 1."""
    if stride < 1:
        raise ValueError(f"stride must be at least 1, not {stride}")
