"""Check lists of embeddings and labels, and concatenate their frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.labels.segments import UNLABELLED

Embeddings = NDArray[np.floating]
"""(S, D) of one video."""
Labels = NDArray[np.integer]
"""(S,) class of each frame of one video, from 0; -1 where it has none."""


def check_embeddings(name: str, embeddings: Sequence[Embeddings]) -> None:
    """Refuse what is no list of videos.

    Args:
        name: how the caller calls the list.

    Raises:
        ValueError: it is empty, a video is not (S, D), their D differ, or a number is not finite.
    """
    if not len(embeddings):
        raise ValueError(f"{name} is empty. Give the embeddings of at least one video")
    for index, video in enumerate(embeddings):
        if video.ndim != 2 or video.shape[1] != embeddings[0].shape[1]:
            expected = embeddings[0].shape[1] if embeddings[0].ndim == 2 else "D"
            raise ValueError(f"{name}[{index}] must be (S, {expected}), not {video.shape}")
        if not np.isfinite(video).all():
            raise ValueError(f"{name}[{index}] has NaN or infinity, but embeddings must be finite")


def check_labelled(name: str, embeddings: Sequence[Embeddings], labels: Sequence[Labels]) -> None:
    """Refuse what is no list of videos, or labels that are not theirs.

    Args:
        name: what comes before `embeddings` and `labels` in the caller's names of the lists, such as `train_`.

    Raises:
        ValueError: see `check_embeddings`; or labels are not integers from -1, one a frame.
    """
    check_embeddings(f"{name}embeddings", embeddings)
    if len(embeddings) != len(labels):
        raise ValueError(f"{name}embeddings holds {len(embeddings)} videos and {name}labels {len(labels)}")
    for index, (video, own) in enumerate(zip(embeddings, labels, strict=True)):
        if own.shape != (len(video),):
            raise ValueError(f"{name}labels[{index}] must be ({len(video)},), one per frame, not {own.shape}")
        if own.dtype.kind not in "iu" or (own < UNLABELLED).any():
            raise ValueError(f"{name}labels[{index}] must hold classes from 0, or -1 for none")


def check_same_width(train_embeddings: Sequence[Embeddings], val_embeddings: Sequence[Embeddings]) -> None:
    """Raise ValueError: what was trained on is not as wide as what is validated on."""
    width, val_width = train_embeddings[0].shape[1], val_embeddings[0].shape[1]
    if width != val_width:
        raise ValueError(f"train_embeddings are {width} wide and val_embeddings {val_width}")


def drop_unlabelled(embeddings: Embeddings, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (S', D), (S',) the frames of one video that have a label."""
    kept = np.asarray(labels) != UNLABELLED
    return np.asarray(embeddings)[kept].astype(np.float64), np.asarray(labels)[kept].astype(np.int64)


def pool_frames(
    embeddings: Sequence[Embeddings], labels: Sequence[Labels]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (N, D), (N,) the frames of all videos that have a label, in order."""
    pairs = [drop_unlabelled(video, own) for video, own in zip(embeddings, labels, strict=True)]
    return np.concatenate([video for video, _ in pairs]), np.concatenate([own for _, own in pairs])
