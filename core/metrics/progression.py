"""Phase progression: whether an embedding predicts the time to the end of each phase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.metrics.frames import Embeddings, Labels, check_labelled, check_same_width, drop_unlabelled

_Video = tuple[NDArray[np.float64], NDArray[np.int64]]
_Targets = tuple[NDArray[np.float64], NDArray[np.float64]]


def phase_progression(
    train_embeddings: Sequence[Embeddings],
    train_labels: Sequence[Labels],
    val_embeddings: Sequence[Embeddings],
    val_labels: Sequence[Labels],
    *,
    num_classes: int,
) -> float:
    """Return how well linear regression predicts the time to the end of each
    phase: mean R^2 (CARL, section 4.1; released code).

    There is a target for each class but the last: (t - last frame of that class) / number of frames, signed and not
    clipped. To each, ordinary least squares with an intercept is fitted on the frames of all training videos; R^2 is
    that of the frames of all validation videos together; the mean is over the targets.

    A video that lacks a class has no such target: its frames are left out of that class's fit and R^2, and count in the
    others. (The released code fails there.) A class that all training or all validation videos lack is left out of the
    mean, and so is one whose R^2 is not defined because its targets are all the same. A constant embedding predicts the
    mean of the training targets: 0 or below.

    Returns:
        1 or below, without bound; NaN where no class is left, as with one class.

    Raises:
        ValueError: an empty list, lists that do not belong together, not finite, or a label that is not below
            `num_classes`.
    """
    check_labelled("train_", train_embeddings, train_labels)
    check_labelled("val_", val_embeddings, val_labels)
    check_same_width(train_embeddings, val_embeddings)
    check_classes(num_classes, [*train_labels, *val_labels])
    train = [drop_unlabelled(video, own) for video, own in zip(train_embeddings, train_labels, strict=True)]
    val = [drop_unlabelled(video, own) for video, own in zip(val_embeddings, val_labels, strict=True)]
    scores = [_score(_targets(train, phase), _targets(val, phase)) for phase in range(num_classes - 1)]
    defined = [score for score in scores if not np.isnan(score)]
    return float(np.mean(defined)) if defined else float("nan")


def check_classes(num_classes: int, labels: Sequence[Labels]) -> None:
    """Raise ValueError where there is no class, or a label is beyond the last."""
    if num_classes < 1:
        raise ValueError(f"num_classes must be at least 1, not {num_classes}")
    for own in labels:
        if len(own) and own.max() >= num_classes:
            raise ValueError(f"labels of {num_classes} classes must be 0 to {num_classes - 1}, not {own.max()}")


def _targets(videos: Sequence[_Video], phase: int) -> _Targets | None:
    """Return (N, D), (N,) frames of the videos that have the phase, and their targets; None where none has it."""
    frames, targets = [], []
    for video, own in videos:
        of_phase = np.flatnonzero(own == phase)
        if len(of_phase):
            frames.append(video)
            targets.append((np.arange(len(own)) - of_phase[-1]) / len(own))
    return (np.concatenate(frames), np.concatenate(targets)) if frames else None


def _score(train: _Targets | None, val: _Targets | None) -> float:
    """Return R^2 on `val` of a regression fitted on `train`; NaN where it is not defined."""
    if train is None or val is None or np.ptp(val[1]) == 0:
        return float("nan")
    from sklearn.linear_model import LinearRegression

    return float(LinearRegression().fit(*train).score(*val))
