"""Accuracy against the number of labelled videos, each tested on videos that taught nothing."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.label.cross_validation import predict_by_others
from core.label.learning_curve import LearningCurve, learning_curve
from core.labels.segments import UNLABELLED
from tests.core.label.clips import PHASES, clip, spans

LENGTHS = [(9 + number, 12, 15 - number) for number in range(8)]
VIDEOS = [clip(f"{number}.mp4", lengths, seed=number) for number, lengths in enumerate(LENGTHS)]
GIVEN = [spans(lengths) for lengths in LENGTHS]


def test_it_has_every_number_of_a_few_videos_and_is_the_same_again() -> None:
    found = learning_curve(VIDEOS, GIVEN)
    assert found.numbers == (1, 2, 3, 4, 5, 6), "of eight, two are tested"
    assert found.accuracies.shape == (5, 6)
    assert ((found.accuracies >= 0) & (found.accuracies <= 1)).all()
    assert found.mean[-1] > 0.9
    np.testing.assert_array_equal(found.accuracies, learning_curve(VIDEOS, GIVEN).accuracies)


def test_a_point_is_what_those_videos_say_of_the_tested_ones() -> None:
    found = learning_curve(VIDEOS, GIVEN, order=False)
    shuffled = np.random.default_rng(0).permutation(8).tolist()
    said = predict_by_others(VIDEOS, GIVEN, shuffled[2:4], shuffled[:2], PHASES, "probe", False, None)
    pairs = np.concatenate([np.stack(one[:2]) for one in said.values()], axis=1)
    assert (pairs != UNLABELLED).all()
    assert found.accuracies[0, 1] == pytest.approx((pairs[0] == pairs[1]).mean())


def test_random_labels_teach_nothing() -> None:
    generator = np.random.default_rng(4)
    mixed = [spans(tuple(generator.multinomial(33, [1 / 3] * 3) + 1)) for _ in VIDEOS]
    turned = [[type(s)(PHASES[generator.integers(3)], s.start_frame, s.end_frame_exclusive) for s in t] for t in mixed]
    assert learning_curve(VIDEOS, turned, order=False).mean[-1] < 0.7


def test_the_gain_is_that_of_each_order_from_half_of_the_videos_on() -> None:
    curve = LearningCurve((1, 2, 4, 8), np.array([[0.1, 0.5, 0.7, 0.8], [0.2, 0.6, 0.7, 0.9], [0.3, 0.3, np.nan, 1]]))
    start, gain, error = curve.last_gain
    assert (start, gain) == (4, pytest.approx(0.15))
    assert error == pytest.approx(0.05)
    np.testing.assert_allclose(curve.mean, [0.2, 1.4 / 3, 0.7, 0.9])


def test_of_too_few_labels_there_is_none() -> None:
    assert learning_curve(VIDEOS, [*GIVEN[:2], *[()] * 6]) is None
    assert learning_curve(VIDEOS, [track[:1] for track in GIVEN]) is None


def test_many_videos_take_few_points() -> None:
    many = [clip(f"{number}.mp4", (3, 3, 3), seed=number) for number in range(60)]
    numbers = learning_curve(many, [spans((3, 3, 3))] * 60).numbers
    assert (numbers[0], numbers[-1], len(numbers)) == (1, 45, 8)


def test_it_stops_when_asked() -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        learning_curve(VIDEOS, GIVEN, control=control)
