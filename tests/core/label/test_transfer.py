"""Spans carried along a path are the labels that `warp_labels` carries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align import align_embeddings, warp_labels
from core.label.transfer import carry, transferred
from core.segments import UNLABELLED, frame_labels, frame_places
from core.types import Span

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
    path = align_embeddings(reference, other)
    warped = warp_labels(frame_places(SPANS, 24), path)
    assert [span.phase for span in made.spans] == [SPANS[p].phase for p in dict.fromkeys(warped) if p != UNLABELLED]
    labels = frame_labels(made.spans, frames, PHASES)
    assert labels.tolist() == warp_labels(frame_labels(SPANS, 24, PHASES), path).tolist()
    votes = transferred(other, [(reference, frame_labels(SPANS, 24, PHASES))], len(PHASES))
    assert np.where(votes.any(axis=1), votes.argmax(axis=1), UNLABELLED).tolist() == labels.tolist()
    assert made.mean_cost == path.cost / len(path)
    assert all(span.source == "transfer" and 0 <= span.confidence <= 1 for span in made.spans)


def test_a_video_gives_itself_its_own_spans() -> None:
    reference = rows(np.random.default_rng(1), 24)
    made = carry(SPANS, reference, reference)
    assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in made.spans] == [
        (s.phase, s.start_frame, s.end_frame_exclusive) for s in SPANS
    ]
    assert min(span.confidence for span in made.spans) == pytest.approx(1, abs=1e-6)


def test_anchors_lead_the_path() -> None:
    generator = np.random.default_rng(2)
    reference, other = rows(generator, 24), rows(generator, 30)
    made = carry((Span("a", 0, 12), Span("b", 12, 24)), reference, other, anchors=[(11, 20), (12, 21)])
    assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in made.spans] == [("a", 0, 21), ("b", 21, 30)]


def test_a_span_past_the_end_is_our_bug() -> None:
    with pytest.raises(ValueError, match="ends after 24 frames"):
        carry((Span("a", 0, 25),), rows(np.random.default_rng(3), 24), rows(np.random.default_rng(4), 9))
