"""The videos a metric is computed on: the first fraction of them, or those of one action."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def first_videos(videos: Sequence[T], fraction: float) -> Sequence[T]:
    """Return the first n = max(1, int(fraction * N)) of N training videos, for a share of the labels (released code).

    What stands for a video is up to the caller: embeddings, labels, names. With actions, each action's videos are cut.

    Raises:
        ValueError: no video, or a fraction that is not above 0 and at most 1.
    """
    if not len(videos):
        raise ValueError("at least one video is needed")
    if not 0 < fraction <= 1:
        raise ValueError(f"a fraction of the training videos must be above 0 and at most 1, not {fraction}")
    return videos[: max(1, int(fraction * len(videos)))]


def by_action(actions: Sequence[str], videos: Sequence[T]) -> dict[str, list[T]]:
    """Return the videos of each action, in their order, by action in the order of their first video.

    PennAction is measured so: everything is fitted and scored on the videos of one action, and `mean_over_actions`
    follows.

    Raises:
        ValueError: not one action a video.
    """
    if len(actions) != len(videos):
        raise ValueError(f"expected one action per video, got {len(videos)} videos and {len(actions)} actions")
    grouped: dict[str, list[T]] = {action: [] for action in actions}
    for action, video in zip(actions, videos, strict=True):
        grouped[action].append(video)
    return grouped


def mean_over_actions(figures: Mapping[str, float]) -> float:
    """Return unweighted mean of a figure by action: an action of few videos counts as much as one of many (released
    code).

    An action whose figure is not defined (NaN) is left out; NaN where none is defined.

    Raises:
        ValueError: no action.
    """
    if not figures:
        raise ValueError("the metric of at least one action is needed for a mean")
    return mean_of_defined(list(figures.values()))


def mean_of_defined(figures: Sequence[float]) -> float:
    """Return the mean of those that are not NaN; NaN where all are."""
    defined = [figure for figure in figures if not math.isnan(figure)]
    return math.fsum(defined) / len(defined) if defined else math.nan
