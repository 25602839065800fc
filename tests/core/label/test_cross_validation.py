"""Each labelled video is predicted by the others alone."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.base.types import Span
from core.label.cross_validation import MOST_FOLDS, cross_validate
from core.label.labelling import label_videos
from core.labels.segments import frame_labels
from tests.core.label.clips import PHASES, clip, spans

LENGTHS = [(9, 12, 15), (20, 9, 7), (8, 8, 30), (14, 14, 14)]
VIDEOS = [clip(f"{number}.mp4", lengths, seed=number) for number, lengths in enumerate(LENGTHS)]
GIVEN = [spans(lengths) for lengths in LENGTHS]


def test_it_is_what_the_other_videos_say() -> None:
    found = cross_validate(VIDEOS, GIVEN)
    for place in range(4):
        others = [[] if number == place else track for number, track in enumerate(GIVEN)]
        predicted = frame_labels(label_videos(VIDEOS, others, method="probe")[place].spans, len(VIDEOS[place]), PHASES)
        said = frame_labels(GIVEN[place], len(VIDEOS[place]), PHASES)
        assert found.right[place] == pytest.approx((said == predicted).mean())
    assert found.confusion.sum() == sum(map(sum, LENGTHS))
    shares = [found.right[place] * sum(LENGTHS[place]) for place in range(4)]
    assert found.accuracy == pytest.approx(sum(shares) / sum(map(sum, LENGTHS)))
    assert found.accuracy > 0.9
    assert sum(len(span) for _, span, _ in found.disagreements) == found.confusion.sum() - found.confusion.trace()


def test_a_wrong_label_is_found_and_named() -> None:
    wrong = [Span("rest", 0, 9), Span("lift", 9, 21), Span("rest", 21, 36)]
    found = cross_validate(VIDEOS, [wrong, *GIVEN[1:]], order=False)
    place, span, phase = found.disagreements[0]
    assert (place, span.phase, phase) == (0, "rest", "lower")
    assert 21 <= span.start_frame < span.end_frame_exclusive <= 36
    assert found.right[0] < min(found.right[other] for other in (1, 2, 3))


def test_videos_without_labels_and_frames_without_are_not_counted() -> None:
    found = cross_validate(VIDEOS, [GIVEN[0], [], [Span("lower", 20, 22)], GIVEN[3]])
    assert sorted(found.right) == [0, 2, 3]
    assert found.confusion.sum() == sum(LENGTHS[0]) + 2 + sum(LENGTHS[3])


def test_of_one_video_alone_nothing_can_be_said() -> None:
    found = cross_validate(VIDEOS, [GIVEN[0], [], [], []])
    assert (found.right, found.disagreements) == ({}, ())
    assert np.isnan(found.accuracy)


def test_more_videos_than_parts_are_all_tested_once() -> None:
    many = [clip(f"{number}.mp4", (5, 5, 5), seed=number) for number in range(MOST_FOLDS + 3)]
    found = cross_validate(many, [spans((5, 5, 5))] * len(many))
    assert list(found.right) == list(range(len(many)))
    assert found.confusion.sum() == 15 * len(many)


def test_it_stops_when_asked() -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        cross_validate(VIDEOS, GIVEN, control=control)
