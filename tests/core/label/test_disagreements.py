"""A person, the probe and the transfer: where they differ, all is named, and nothing else."""

from __future__ import annotations

import pytest

from core.base.control import Control, Stopped
from core.base.types import Span
from core.label.cross_validation import cross_validate
from core.label.disagreements import Disagreement, disagreements
from core.label.labelling import label_videos
from core.label.transfer import transfer_votes
from core.labels.segments import UNLABELLED, frame_labels
from tests.core.label.clips import PHASES, clip, spans

LENGTHS = [(9, 12, 15), (20, 9, 7), (8, 8, 30), (14, 14, 14), (11, 13, 12)]
VIDEOS = [clip(f"{number}.mp4", lengths, seed=number, noise=0.3) for number, lengths in enumerate(LENGTHS)]
GIVEN = [spans(LENGTHS[0]), spans(LENGTHS[1])[:2], spans(LENGTHS[2]), [], []]


def _found(given: list[list[Span]]) -> list[Disagreement]:
    made = label_videos(VIDEOS, given, method="probe", order=False)
    return disagreements(made, cross_validate(VIDEOS, given, order=False))


def test_every_frame_where_two_differ_is_listed_once_with_what_each_says() -> None:
    made = label_videos(VIDEOS, GIVEN, method="probe", order=False)
    checked = cross_validate(VIDEOS, GIVEN, order=False)
    listed: dict[tuple[int, int], tuple[str | None, ...]] = {}
    for one in disagreements(made, checked):
        for frame in range(one.start_frame, one.end_frame_exclusive):
            assert (one.place, frame) not in listed
            listed[one.place, frame] = (one.label, one.probe, one.transfer)
    expected = {}
    for place, video in enumerate(VIDEOS):
        others = [(VIDEOS[i].embeddings, made[i].known_labels) for i in range(3) if i != place]
        votes = transfer_votes(video.embeddings, others, 3)
        told = frame_labels(made[place].spans, len(video), PHASES)
        for frame in range(len(video)):
            label = made[place].known_labels[frame]
            probe = told[frame] if label == UNLABELLED else checked.predicted[place][frame]
            transfer = votes[frame].argmax() if votes[frame].any() else UNLABELLED
            if len({label, probe, transfer} - {UNLABELLED}) > 1:
                names = [None if one == UNLABELLED else PHASES[one] for one in (label, probe, transfer)]
                expected[place, frame] = tuple(names)
    assert listed == expected
    assert {label is None for label, *_ in listed.values()} == {True, False}, "labelled frames and others"


def test_a_wrong_label_comes_first_and_both_are_against_it() -> None:
    wrong = [Span("lower", 0, 14), Span("lift", 14, 28), Span("lower", 28, 42)]
    first = _found([*GIVEN[:3], wrong, []])[0]
    assert (first.place, first.label, first.probe, first.transfer) == (3, "lower", "rest", "rest")
    assert first.end_frame_exclusive <= 16


def test_with_one_labelled_video_nothing_is_said_against_it() -> None:
    found = _found([GIVEN[0], [], [], [], []])
    assert all(one.place != 0 for one in found)
    lengths = [len(one) for one in found]
    assert lengths == sorted(lengths, reverse=True)


def test_of_nothing_there_is_nothing_and_other_phases_are_refused() -> None:
    checked = cross_validate(VIDEOS, GIVEN, order=False)
    assert disagreements([], checked) == []
    two = label_videos(VIDEOS, [spans(LENGTHS[0])[:2], *[[]] * 4], method="probe", order=False)
    with pytest.raises(ValueError, match="the check was for"):
        disagreements(two, checked)


def test_it_stops_when_asked() -> None:
    control = Control()
    control.stop()
    made = label_videos(VIDEOS, GIVEN, method="probe", order=False)
    with pytest.raises(Stopped):
        disagreements(made, cross_validate(VIDEOS, GIVEN, order=False), control)
