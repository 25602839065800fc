"""How good frame embeddings are, by the definitions of the released CARL evaluation, and by where events are found.

Embeddings are lists of (S, D) arrays, one a video; labels are lists of (S,) integer arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau
from sklearn.linear_model import LogisticRegression

from core.align import align_embeddings

Embeddings = NDArray[np.floating]
Labels = NDArray[np.integer]


def nearest_frames(a: Embeddings, b: Embeddings) -> NDArray[np.int64]:
    """(A, D) and (B, D) -> (A,) the frame of B nearest to each frame of A by squared Euclidean distance, ties first."""
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    distances = (b64**2).sum(axis=1) - 2 * a64 @ b64.T  # (A, B); |a|^2 changes no order
    nearest: NDArray[np.int64] = np.argmin(distances, axis=1)
    return nearest


def phase_classification(
    train_embeddings: Sequence[Embeddings],
    train_labels: Sequence[Labels],
    val_embeddings: Sequence[Embeddings],
    val_labels: Sequence[Labels],
) -> float:
    """Share of validation frames whose phase a linear classifier finds (CARL, section 4.1; released code).

    Multinomial logistic regression, C = 1, no standardisation, fitted on all training frames. Where they hold a single
    class, that class is what is predicted.
    """
    x, y = np.concatenate(train_embeddings), np.concatenate(train_labels)
    val_x, val_y = np.concatenate(val_embeddings), np.concatenate(val_labels)
    if len(np.unique(y)) == 1:
        return float(np.mean(val_y == y[0]))
    return float(LogisticRegression(C=1.0, max_iter=1000).fit(x, y).score(val_x, val_y))


def kendalls_tau(embeddings: Sequence[Embeddings], *, stride: int = 1) -> float:
    """How well nearest neighbours keep the order of time: Kendall's tau-b, mean over ordered pairs of videos.

    Every `stride`-th frame of one video against those of the other (released code: 5 for Pouring, 2 for PennAction).
    Alone it proves nothing: positions order the frames of uncut clips without any learning.

    Returns:
        -1..1; NaN where no pair has a defined tau (one video, or nearest frames that are all the same).
    """
    strided = [video[::stride] for video in embeddings]
    taus = []
    for i, a in enumerate(strided):
        for j, b in enumerate(strided):
            if i != j and len(a) > 1:
                nearest = nearest_frames(a, b)
                if len(np.unique(nearest)) > 1:
                    taus.append(kendalltau(np.arange(len(a)), nearest).statistic)
    return float(np.mean(taus)) if taus else float("nan")


def event_error(
    embeddings: Sequence[Embeddings], events: Sequence[NDArray[np.integer]], *, found: str = "nearest"
) -> float:
    """Where each event of A is found in B, off by which share of B's length: mean over ordered pairs and events (ours).

    Args:
        embeddings: (S, D) each.
        events: (E,) frame of each event in each video; -1 where the video lacks it, and then it is not counted.
        found: `nearest`: at the frame of B nearest to A's event; `dtw`: where the DTW path on the cosine cost pairs it
            (the middle of its frames of B); `diagonal`: at the same share of B's length, whatever the embeddings.

    Returns:
        0 is perfect; NaN where no pair of videos has an event in common.
    """
    errors: list[float] = []
    for i, a in enumerate(embeddings):
        for j, b in enumerate(embeddings):
            both = (events[i] >= 0) & (events[j] >= 0)
            if i != j and both.any():
                places = _places(a, b, events[i][both], found)
                errors.extend(np.abs(places - events[j][both]) / len(b))
    return float(np.mean(errors)) if errors else float("nan")


def _places(a: Embeddings, b: Embeddings, frames: Labels, found: str) -> NDArray[np.float64]:
    if found == "nearest":
        return nearest_frames(a[frames], b).astype(np.float64)
    if found == "diagonal":
        return frames / max(len(a) - 1, 1) * (len(b) - 1)
    if found == "dtw":
        path = align_embeddings(a, b)
        return np.array([np.median(path.b_frames[path.a_frames == frame]) for frame in frames])
    raise ValueError(f"found is nearest, dtw or diagonal, not {found!r}")
