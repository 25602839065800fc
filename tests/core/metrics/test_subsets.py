"""Label fractions and averages over actions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.classification import phase_classification
from core.metrics.subsets import by_action, first_videos, mean_over_actions


@pytest.mark.parametrize(
    ("count", "fraction", "expected"),
    [(70, 0.1, 7), (70, 0.5, 35), (70, 1.0, 70), (9, 0.1, 1), (19, 0.1, 1), (7, 0.5, 3)],
)
def test_a_fraction_takes_the_first_videos_rounded_down_but_one(count: int, fraction: float, expected: int) -> None:
    assert list(first_videos(range(count), fraction)) == list(range(expected))


@pytest.mark.parametrize("fraction", [0.0, -0.5, 1.5, math.nan])
def test_a_fraction_is_a_share(fraction: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        first_videos([1, 2], fraction)
    with pytest.raises(ValueError, match="at least one video"):
        first_videos([], 0.5)


def test_actions_are_kept_apart_and_count_alike() -> None:
    """The same frames mean different phases in two actions: together they cannot be told, apart they can."""
    generator = np.random.default_rng(0)
    labels = [generator.integers(0, 2, 30) for _ in range(8)]
    actions = ["golf", "bowl", "golf", "golf", "golf", "golf", "bowl", "golf"]
    videos = [
        np.where(action == "golf", own, 1 - own)[:, None] + generator.normal(scale=0.1, size=(30, 1))
        for action, own in zip(actions, labels, strict=True)
    ]
    labels[7] = 1 - labels[7]
    grouped = [by_action(actions[half], each[half]) for half in (slice(0, 4), slice(4, 8)) for each in (videos, labels)]
    assert list(grouped[0]) == ["golf", "bowl"]
    figures = {action: phase_classification(*(group[action] for group in grouped)) for action in grouped[0]}
    assert figures == {"golf": pytest.approx(2 / 3), "bowl": 1.0}
    assert mean_over_actions(figures) == pytest.approx(5 / 6), "not 3/4, the share of all frames"


def test_an_undefined_action_is_left_out() -> None:
    assert mean_over_actions({"golf": 0.5, "bowl": math.nan, "squat": 1.0}) == 0.75
    assert math.isnan(mean_over_actions({"golf": math.nan}))


def test_lists_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 videos and 1 actions"):
        by_action(["golf"], [1, 2])
    with pytest.raises(ValueError, match="at least one action"):
        mean_over_actions({})
