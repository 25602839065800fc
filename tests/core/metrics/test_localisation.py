"""Mean average precision at levels of temporal overlap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.types import Span
from core.labels.segments import frame_labels
from core.metrics.localisation import REPORTED_TIOUS, TIOUS, mean_average_precision, spans_of_labels

TRUTH = [[Span("run", 0, 10), Span("jump", 10, 16)], [Span("run", 5, 25)]]


def at(truth: list[list[Span]], predicted: list[list[Span]], tiou: float = 0.5) -> float:
    return mean_average_precision(truth, predicted, tious=[tiou]).at[tiou]


def test_the_truth_itself_is_perfect_at_every_level() -> None:
    found = mean_average_precision(TRUTH, TRUTH)
    assert tuple(found.at) == TIOUS
    assert set(REPORTED_TIOUS) < set(TIOUS)
    assert set(found.at.values()) == {1.0}
    assert found.mean == 1


def test_nothing_predicted_and_the_wrong_video_or_class_are_worth_nothing() -> None:
    assert at(TRUTH, [[], []]) == 0
    assert at(TRUTH, [[Span("jump", 0, 10)], [Span("walk", 5, 25)]]) == 0
    assert at([[Span("run", 0, 10)], []], [[], [Span("run", 0, 10)]]) == 0


def test_an_overlap_counts_from_exactly_its_level() -> None:
    truth = [[Span("run", 0, 20)]]
    for kept in range(10, 20):
        found = mean_average_precision(truth, [[Span("run", 0, kept)]])
        assert [level for level, precision in found.at.items() if precision == 1] == [
            level for level in TIOUS if level <= kept / 20
        ]


def test_a_class_counts_as_much_as_another_and_a_missing_one_as_nothing() -> None:
    assert at(TRUTH, [[Span("run", 0, 10)], [Span("run", 5, 25)]]) == pytest.approx(1 / 2)


def test_a_confident_miss_costs_and_a_doubtful_one_does_not() -> None:
    truth = [[Span("run", 0, 10)]]
    hit, miss = Span("run", 0, 10, 0.5), [Span("run", 50, 60, 0.9), Span("run", 50, 60, 0.1)]
    assert at(truth, [[hit, miss[0]]]) == 0.5
    assert at(truth, [[hit, miss[1]]]) == 1


def test_a_second_prediction_of_the_same_span_is_a_miss() -> None:
    truth = [[Span("run", 0, 10), Span("run", 20, 30)]]
    twice = [Span("run", 0, 10, 0.9), Span("run", 0, 9, 0.8), Span("run", 20, 30, 0.7)]
    assert at(truth, [twice]) == pytest.approx((1 + 2 / 3) / 2)


def test_a_prediction_takes_the_free_span_that_it_covers_best() -> None:
    truth = [[Span("run", 0, 10), Span("run", 2, 12)]]
    both = [Span("run", 2, 12, 0.9), Span("run", 0, 6, 0.8)]
    assert at(truth, [both]) == 1, "the first must leave (0, 10) to the second"


def test_without_true_spans_it_is_undefined() -> None:
    found = mean_average_precision([[], []], [[Span("run", 0, 3)], []])
    assert all(math.isnan(precision) for precision in found.at.values())
    assert math.isnan(found.mean)


def test_the_order_of_videos_does_not_count() -> None:
    predicted = [[Span("run", 1, 9, 0.3), Span("jump", 0, 16, 0.8)], [Span("run", 5, 20, 0.7), Span("run", 0, 9, 0.5)]]
    assert mean_average_precision(TRUTH, predicted) == mean_average_precision(TRUTH[::-1], predicted[::-1])


def test_what_makes_no_sense_is_refused() -> None:
    for truth, predicted in (([], []), (TRUTH, TRUTH[:1])):
        with pytest.raises(ValueError, match="the same videos"):
            mean_average_precision(truth, predicted)
    for tious in ([], [0.0], [1.1]):
        with pytest.raises(ValueError, match="overlap must be above 0"):
            mean_average_precision(TRUTH, TRUTH, tious=tious)


@given(st.lists(st.integers(-1, 2), max_size=30))
def test_spans_of_labels_cover_just_those_frames(labels: list[int]) -> None:
    phases = ["a", "b", "c"]
    spans = spans_of_labels(np.array(labels, np.int64), phases)
    assert frame_labels(spans, len(labels), phases).tolist() == labels


def test_spans_of_labels_have_the_mean_confidence_of_their_frames() -> None:
    labels, confidences = np.array([0, 0, -1, 1]), np.array([0.2, 0.6, 0.9, 1.0], np.float32)
    spans = spans_of_labels(labels, ["a", "b"], confidences, source="probe")
    assert [(span.phase, span.source) for span in spans] == [("a", "probe"), ("b", "probe")]
    assert [span.confidence for span in spans] == pytest.approx([0.4, 1.0])
    with pytest.raises(ValueError, match=r"labels must be in \[-1, num_phases - 1\] = \[-1, 1\], got 0\.\.2"):
        spans_of_labels(np.array([0, 2]), ["a", "b"])
    with pytest.raises(ValueError, match="one per frame"):
        spans_of_labels(labels, ["a", "b"], confidences[:2])
