"""Spans carried along a path are the labels that `warp_labels` carries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align import NONE, align_partial, confidences, partners, swap, warp_labels
from core.base.types import Span
from core.label.transfer import carry, transfer_votes
from core.labels.segments import UNLABELLED, frame_labels, frame_places, runs_of
from tests.core.report.made import changing

PHASES = ("a", "b")
SPANS = (Span("a", 2, 6), Span("a", 6, 9), Span("b", 9, 15), Span("a", 18, 24))
"""Two of one phase touch; some frames have no label."""


def rows(generator: np.random.Generator, frames: int) -> NDArray[np.float32]:
    made = generator.normal(size=(frames, 8)).cumsum(axis=0)
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_carried_spans_are_warped_labels(seed: int, frames: int) -> None:
    generator = np.random.default_rng(seed)
    reference, other = rows(generator, 24), rows(generator, frames)
    made = carry(SPANS, reference, other)
    path = align_partial(reference, other)
    warped = warp_labels(frame_places(SPANS, 24), path, UNLABELLED)
    assert [span.phase for span in made.spans] == [SPANS[place].phase for place, *_ in runs_of(warped)]
    labels = frame_labels(made.spans, frames, PHASES)
    assert labels.tolist() == warp_labels(frame_labels(SPANS, 24, PHASES), path, UNLABELLED).tolist()
    votes = transfer_votes(other, [(reference, frame_labels(SPANS, 24, PHASES))], len(PHASES))
    assert np.where(votes.any(axis=1), votes.argmax(axis=1), UNLABELLED).tolist() == labels.tolist()
    assert made.num_unmatched == (~path.has_partner_b).sum()
    sure = confidences(swap(path))
    for span in made.spans:
        own = slice(span.start_frame, span.end_frame_exclusive)
        assert span.confidence == pytest.approx(sure[own].mean())
        assert (partners(swap(path))[own] != NONE).all()
    assert 0 <= made.mean_cost <= 2
    assert all(span.source == "transfer" and 0 <= span.confidence <= 1 for span in made.spans)


def test_a_video_gives_itself_its_own_spans() -> None:
    reference = rows(np.random.default_rng(1), 24)
    made = carry(SPANS, reference, reference)
    assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in made.spans] == [
        (s.phase, s.start_frame, s.end_frame_exclusive) for s in SPANS
    ]
    assert min(span.confidence for span in made.spans) > 0.95
    assert made.mean_cost == pytest.approx(0, abs=1e-6)
    assert made.num_unmatched == 0


def test_anchors_lead_the_path() -> None:
    generator = np.random.default_rng(2)
    reference, other = rows(generator, 24), rows(generator, 30)
    halves, anchors = (Span("a", 0, 12), Span("b", 12, 24)), [(11, 20), (12, 21)]
    made = carry(halves, reference, other, anchors=anchors, least_confidence=0)
    assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in made.spans] == [("a", 0, 21), ("b", 21, 30)]


def test_a_span_past_the_end_is_our_bug() -> None:
    with pytest.raises(ValueError, match="ends after the last of 24 frames"):
        carry((Span("a", 0, 25),), rows(np.random.default_rng(3), 24), rows(np.random.default_rng(4), 9))


def test_what_the_reference_does_not_show_gets_no_span_and_no_vote() -> None:
    reference, foreign = changing(60, seed=1), changing(30, seed=2)
    other = np.concatenate([reference[:20], foreign, reference[20:]])
    made = carry((Span("a", 0, 60),), reference, other)
    assert [(s.start_frame, s.end_frame_exclusive) for s in made.spans] == [(0, 20), (50, 90)]
    assert made.num_unmatched == 30
    votes = transfer_votes(other, [(reference, np.zeros(60, np.int64))], 2)
    assert votes[:, 0].tolist() == [1.0] * 20 + [0.0] * 30 + [1.0] * 40
    whole = carry((Span("a", 0, 60),), reference, other, least_confidence=0)
    assert [(s.start_frame, s.end_frame_exclusive) for s in whole.spans] == [(0, 90)]


def test_of_nothing_in_common_nothing_is_carried() -> None:
    reference = changing(60, seed=1)
    made = carry((Span("a", 0, 60),), reference, -reference)
    assert (made.spans, made.num_unmatched, made.mean_cost) == ((), 60, 2.0)
    assert not transfer_votes(-reference, [(reference, np.zeros(60, np.int64))], 2).any()


def test_a_video_that_matches_less_of_it_weighs_less() -> None:
    reference, foreign = changing(60, seed=1), changing(60, seed=2)
    noise = np.random.default_rng(3).normal(scale=0.02, size=(60, 48))
    alike = (reference + noise).astype(np.float32)
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    part = np.concatenate([alike[:20], foreign[:40]])
    votes = transfer_votes(reference, [(alike, np.zeros(60, np.int64)), (part, np.ones(60, np.int64))], 2)
    assert (votes[:18, 0] > votes[:18, 1]).all()
    assert (votes[:18, 1] > 0).all()
    assert (votes[22:, 1] == 0).all()
