"""What to label next: where it is in doubt, and which videos the others are like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.types import Span
from core.label.covering import choose_covering, distances
from core.label.labelling import LabelledVideo
from core.label.suggestions import covering_videos, unsure_spans
from core.labels.segments import UNLABELLED
from tests.core.label.clips import embedded

PHASES = ("rest", "lift", "lower")


def predicted(
    name: str, probabilities: Sequence[Sequence[float]], given: dict[int, int] | None = None
) -> LabelledVideo:
    table = np.array(probabilities)
    labels = np.full(len(table), UNLABELLED)
    for frame, phase in (given or {}).items():
        labels[frame] = phase
    whole = (Span("rest", 0, len(table)),)
    return LabelledVideo(embedded(name, np.ones((len(table), 2))), PHASES, labels, table, whole)


SURE, DOUBT, WILD = [0.9, 0.1, 0.0], [0.1, 0.5, 0.4], [0.3, 0.3, 0.4]


def test_spans_in_doubt_come_by_how_many_frames_may_be_wrong() -> None:
    videos = [predicted("a.mp4", [SURE, DOUBT, DOUBT, SURE]), predicted("b.mp4", [WILD] * 5 + [SURE] * 3)]
    found = unsure_spans(videos, 10)
    assert [(s.labelled.video.path.name, s.start_frame, s.end_frame_exclusive) for s in found] == [
        ("b.mp4", 0, 5),
        ("a.mp4", 1, 3),
    ]
    assert [s.score for s in found] == pytest.approx([3.0, 1.0])
    assert found[1].doubt == ("lift", "lower")
    assert len(unsure_spans(videos, 1)) == 1


def test_a_labelled_frame_is_not_in_doubt() -> None:
    found = unsure_spans([predicted("a.mp4", [DOUBT] * 5, given={2: 1})], 10)
    assert [(s.start_frame, s.end_frame_exclusive) for s in found] == [(0, 2), (3, 5)]


def lying(name: str, degrees: float, *, labelled: bool = False, frames: int = 6) -> LabelledVideo:
    """A video whose frames all lie in one direction of the plane."""
    angle = np.radians(degrees)
    rows: NDArray[np.float64] = np.tile([np.cos(angle), np.sin(angle)], (frames, 1))
    labels = np.full(frames, 0 if labelled else UNLABELLED)
    whole = (Span("rest", 0, frames),)
    return LabelledVideo(embedded(name, rows), PHASES, labels, np.tile([1.0, 0, 0], (frames, 1)), whole)


def test_the_crowd_comes_first_and_its_twin_last() -> None:
    videos = [lying("known.mp4", 0, labelled=True), *(lying(f"{d}.mp4", d) for d in (88, 90, 91, 92, 50, 10))]
    found = covering_videos(videos, 10)
    stems, crowd = [s.labelled.video.path.stem for s in found], {"88", "90", "91", "92"}
    assert stems[0] in crowd
    assert stems[1:3] == ["50", "10"]
    assert set(stems[3:]) == crowd - {stems[0]}
    places = choose_covering(distances([one.video for one in videos]), {0}, 10)
    assert [(s.labelled, s.score) for s in found] == [(videos[place], gain) for place, gain in places]
    assert [(s.start_frame, s.end_frame_exclusive) for s in found] == [(0, 6)] * 6
    assert len(covering_videos(videos, 2)) == 2


def test_without_an_unlabelled_video_there_is_none() -> None:
    assert covering_videos([lying("known.mp4", 0, labelled=True)], 10) == []
