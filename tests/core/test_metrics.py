"""Metrics against definitions written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics import event_error, kendalls_tau, nearest_frames, phase_classification


def line(length: int, *, reverse: bool = False) -> np.ndarray:
    """A video whose embedding is its relative time."""
    time = np.linspace(0, 1, length)[:, None]
    return 1 - time if reverse else time


def test_nearest_frames_is_the_least_squared_distance() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(13, 5)), generator.normal(size=(17, 5))
    expected = [int(np.argmin([((x - y) ** 2).sum() for y in b])) for x in a]
    assert nearest_frames(a, b).tolist() == expected
    assert nearest_frames(a.astype(np.float32), b.astype(np.float32)).dtype == np.int64


def test_tau_of_videos_in_step_is_one_and_of_a_reversed_one_minus_one() -> None:
    assert kendalls_tau([line(20), line(20), line(20)]) == pytest.approx(1)
    assert kendalls_tau([line(20), line(20, reverse=True)]) == pytest.approx(-1)
    assert kendalls_tau([line(21), line(21)], stride=5) == pytest.approx(1)


def test_tau_of_one_video_or_of_constant_embeddings_is_undefined() -> None:
    assert math.isnan(kendalls_tau([line(20)]))
    assert math.isnan(kendalls_tau([np.ones((9, 3)), np.ones((7, 3))]))
    assert kendalls_tau([line(9), line(9), np.ones((7, 1))]) == pytest.approx(1), "undefined pairs count"


def test_classification_learns_what_is_linear_and_only_that() -> None:
    generator = np.random.default_rng(0)
    centres = np.eye(3) * 3
    labels = [generator.integers(0, 3, 50) for _ in range(4)]
    videos = [centres[label] + generator.normal(scale=0.1, size=(50, 3)) for label in labels]
    assert phase_classification(videos[:2], labels[:2], videos[2:], labels[2:]) == 1.0
    noise = [generator.normal(size=(50, 3)) for _ in labels]
    assert phase_classification(noise[:2], labels[:2], noise[2:], labels[2:]) < 0.6


def test_classification_with_one_class_in_training_predicts_it() -> None:
    x = np.zeros((4, 2))
    assert phase_classification([x], [np.ones(4, int)], [x], [np.array([1, 1, 0, 1])]) == 0.75


@pytest.mark.parametrize("found", ["nearest", "dtw", "diagonal"])
def test_event_error_of_videos_that_correspond_is_rounding(found: str) -> None:
    videos, events = [line(41), line(81), line(61)], [np.array([10, 20]), np.array([20, 40]), np.array([15, 30])]
    assert event_error([np.hstack([v, v**2, np.ones_like(v)]) for v in videos], events, found=found) < 0.02


def test_event_error_is_the_share_of_the_others_length() -> None:
    a, b = line(11), line(11)
    error = event_error([a, b], [np.array([5]), np.array([7])])
    assert error == pytest.approx((2 / 11 + 2 / 11) / 2)
    assert event_error([a, b], [np.array([5, -1]), np.array([7, 3])]) == pytest.approx(error)
    assert math.isnan(event_error([a, b], [np.array([5, -1]), np.array([-1, 3])]))


def test_the_diagonal_ignores_the_embeddings() -> None:
    events = [np.array([5]), np.array([10])]
    scrambled = np.random.default_rng(0).normal(size=(21, 1))
    assert event_error([line(11), scrambled], events, found="diagonal") == pytest.approx(0)
