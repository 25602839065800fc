"""A second opinion: what labelled videos say along their alignments, and whether they can be aligned at all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.base.types import Span
from core.label.acceptance import SecondOpinion, agree, second_opinion
from core.labels.segments import UNLABELLED, frame_labels
from tests.carl_gui.embedded import course

PHASES = ["reach", "pour"]
TRACK = (Span("reach", 0, 20), Span("pour", 20, 40))
MOMENTS = np.linspace(0, 1, 40)
LABELS = frame_labels(TRACK, 40, PHASES)


def test_one_of_the_same_action_says_the_same_and_can_be_aligned() -> None:
    slow = course(np.linspace(0, 1, 60))
    opinion = second_opinion(slow, [(course(MOMENTS), LABELS)], 2)
    assert opinion.is_alignable
    assert opinion.agrees(Span("reach", 0, 30), 0)
    assert opinion.agrees(Span("pour", 30, 60), 1)
    assert not opinion.agrees(Span("pour", 0, 30), 1)
    assert not opinion.agrees(Span("reach", 30, 60), 0)


def test_shuffled_frames_cannot_be_aligned_though_each_looks_like_one() -> None:
    shuffled = course(np.random.default_rng(3).permutation(MOMENTS))
    assert not second_opinion(shuffled, [(course(MOMENTS), LABELS)], 2).is_alignable


def test_the_best_of_several_counts() -> None:
    shuffled = course(np.random.default_rng(3).permutation(MOMENTS))
    opinion = second_opinion(course(MOMENTS), [(shuffled, LABELS), (course(MOMENTS), LABELS)], 2)
    assert opinion.is_alignable
    assert opinion.scores[0] < 0.5 < opinion.scores[1], "in the order of the references"


def test_without_a_labelled_video_nothing_speaks_against_it() -> None:
    opinion = second_opinion(course(MOMENTS), [], 2)
    assert opinion.is_alignable
    assert opinion.agrees(Span("pour", 0, 40), 1)


@given(st.lists(st.integers(-1, 2), min_size=1, max_size=30), st.integers(0, 2))
def test_half_of_the_frames_with_an_opinion_agree(said: list[int], phase: int) -> None:
    phases = np.array(said)
    known = [one for one in said if one != UNLABELLED]
    expected = not known or sum(one == phase for one in known) * 2 >= len(known)
    assert agree(phases, Span("x", 0, len(said)), phase) == expected


def test_only_the_frames_of_the_span_count() -> None:
    phases = np.array([0, 0, 1, 1, UNLABELLED, UNLABELLED])
    opinion = SecondOpinion(phases, ())
    assert opinion.agrees(Span("x", 2, 6), 1)
    assert not opinion.agrees(Span("x", 2, 6), 0)
    assert opinion.agrees(Span("x", 4, 6), 0), "nobody says anything"
