"""Event error, on whole clips and on cut ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.events import cut_events, event_error, random_cut
from tests.core.metrics.walks import line


@pytest.mark.parametrize("found", ["nearest", "dtw", "diagonal"])
def test_event_error_of_videos_that_correspond_is_rounding(found: Any) -> None:
    videos, events = [line(41), line(81), line(61)], [np.array([10, 20]), np.array([20, 40]), np.array([15, 30])]
    assert event_error([np.hstack([v, v**2, np.ones_like(v)]) for v in videos], events, found=found) < 0.02


def test_event_error_is_the_share_of_the_others_length() -> None:
    a, b = line(11), line(11)
    error = event_error([a, b], [np.array([5]), np.array([7])])
    assert error == pytest.approx((2 / 11 + 2 / 11) / 2)
    assert event_error([a, b], [np.array([5, -1]), np.array([7, 3])]) == pytest.approx(error)


def test_without_a_common_event_it_is_undefined() -> None:
    assert math.isnan(event_error([line(11), line(11)], [np.array([5, -1]), np.array([-1, 3])]))
    assert math.isnan(event_error([line(11)], [np.array([5])]))


def test_the_diagonal_ignores_the_embeddings() -> None:
    events = [np.array([5]), np.array([10])]
    scrambled = np.random.default_rng(0).normal(size=(21, 1))
    assert event_error([line(11), scrambled], events, found="diagonal") == pytest.approx(0)


def test_a_constant_embedding_finds_every_event_at_the_first_frame() -> None:
    flat = [np.ones((10, 2)), np.ones((10, 2))]
    assert event_error(flat, [np.array([4]), np.array([6])]) == pytest.approx((0.6 + 0.4) / 2)


@pytest.mark.parametrize(
    ("events", "found", "message"),
    [
        ([[1]], "nearest", "2 videos and events 1"),
        ([[1], [1, 2]], "nearest", r"events\[1\] is \(1,\)"),
        ([[1], [5]], "nearest", r"events\[1\] are frames 0 to 4, or -1, not 5"),
        ([[1], [1]], "guess", "nearest, dtw or diagonal, not 'guess'"),
    ],
)
def test_what_does_not_belong_together_is_refused(events: list[list[int]], found: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        event_error([line(5), line(5)], [np.array(own) for own in events], found=found)


@given(st.integers(1, 500), st.integers(0, 2**32), st.floats(0, 0.49))
def test_a_cut_leaves_frames_and_takes_no_more_than_told(num_frames: int, seed: int, most_cut: float) -> None:
    start, stop = random_cut(num_frames, np.random.default_rng(seed), most_cut=most_cut)
    assert 0 <= start < stop <= num_frames
    assert max(start, num_frames - stop) <= most_cut * num_frames


def test_cuts_differ_by_generator_and_use_their_room() -> None:
    generator = np.random.default_rng(0)
    cuts = np.array([random_cut(1000, generator) for _ in range(200)])
    assert cuts[:, 0].min() < 20
    assert 330 < cuts[:, 0].max() <= 350
    assert 650 <= cuts[:, 1].min() < 670
    again = np.random.default_rng(0)
    assert [random_cut(1000, again) for _ in range(200)] == [tuple(cut) for cut in cuts.tolist()]


def test_events_move_with_a_cut_and_those_cut_away_are_missing() -> None:
    events = np.array([0, 9, 10, 19, 20, -1])
    assert cut_events(events, 10, 20).tolist() == [-1, -1, 0, 9, -1, -1]
    assert cut_events(events, 0, 21).tolist() == events.tolist()
    marked = np.arange(30)
    assert marked[10:20][cut_events(events, 10, 20)[2:4]].tolist() == [10, 19], "they are still the same frames"


@pytest.mark.parametrize(("num_frames", "most_cut"), [(0, 0.3), (10, 0.5), (10, -0.1)])
def test_a_cut_that_may_leave_nothing_is_refused(num_frames: int, most_cut: float) -> None:
    with pytest.raises(ValueError, match="less than half"):
        random_cut(num_frames, np.random.default_rng(0), most_cut=most_cut)
