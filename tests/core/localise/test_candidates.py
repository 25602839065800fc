"""From what a detector says to segments of frames."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.base.types import Span
from core.localise.candidates import SOURCE, Candidates, segments_of, without_overlap
from core.localise.examples import Scale, Segments
from core.localise.overlaps import overlaps, soft_nms

BOUNDS = st.tuples(st.floats(-9, 50), st.floats(0.1, 40)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))
SCORED = st.lists(st.tuples(BOUNDS, st.floats(0.01, 1)), min_size=1, max_size=12)


@given(SCORED)
def test_soft_nms_is_that_of_plain_loops(drawn: list[tuple[tuple[float, float], float]]) -> None:
    bounds, scores = np.array([one for one, _ in drawn]), np.array([score for _, score in drawn])
    left = dict(enumerate(scores.tolist()))
    expected = []
    while left and max(left.values()) >= 1e-4:
        best = max(left, key=lambda place: left[place])
        expected.append((best, left.pop(best)))
        for place in left:
            iou = overlaps(torch.from_numpy(bounds[[best]]), torch.from_numpy(bounds[[place]])).item()
            left[place] *= math.exp(-(iou**2) / 0.5)
    places, kept = soft_nms(bounds, scores, most=99)
    np.testing.assert_allclose(kept, [score for _, score in expected], rtol=1e-6)
    assert (np.diff(kept) <= 1e-12).all()
    assert len(set(places.tolist())) == len(places)


def test_segments_lie_within_the_video_and_hold_a_frame() -> None:
    bounds = np.array([[-5.0, 3.2], [7.0, 7.1], [11.9, 30.0], [14.0, 30.0], [3.4, 9.6]])
    found = segments_of(Candidates(bounds, np.full(5, 0.5), np.zeros(5, np.int64)), Scale(12, 1), ["a"])
    assert {(span.start_frame, span.end_frame_exclusive) for span in found} == {(0, 3), (7, 8), (11, 12), (3, 10)}
    assert {(span.phase, span.source) for span in found} == {("a", SOURCE)}


def test_classes_do_not_suppress_one_another() -> None:
    bounds, places = np.array([[0.0, 9.0]] * 3), np.array([0, 1, 0])
    found = segments_of(Candidates(bounds, np.array([0.9, 0.8, 0.7]), places), Scale(9, 1), ["a", "b"])
    assert [(span.phase, round(span.confidence, 3)) for span in found] == [
        ("a", 0.9),
        ("b", 0.8),
        ("a", round(0.7 * math.exp(-2), 3)),
    ]
    assert len(segments_of(Candidates(bounds, np.array([0.9, 0.8, 0.7]), places), Scale(9, 1), ["a", "b"], most=1)) == 1


@given(st.integers(1, 300), st.integers(1, 50))
def test_a_scale_gives_every_frame_its_step(num_frames: int, most: int) -> None:
    scale = Scale.of(num_frames, most)
    rows = np.arange(num_frames, dtype=np.float32)[:, None]
    made = scale.rows(rows)
    assert len(made) == scale.num_steps <= most
    step = scale.frames_per_step
    expected = [rows[at : at + step].mean() for at in range(0, num_frames, step)]
    np.testing.assert_allclose(made[:, 0], expected, rtol=1e-6)
    frames = np.array([[0, num_frames], [num_frames // 2, num_frames]])
    assert np.array_equal(scale.frames(frames / step), frames)
    spans = [Span("x", 0, num_frames)]
    assert Segments.of(spans, scale, ["x"]).bounds.tolist() == [[0.0, np.float32(num_frames / step)]]


@given(SCORED, st.floats(0, 1))
def test_what_does_not_overlap_is_the_best(drawn: list[tuple[tuple[float, float], float]], least: float) -> None:
    spans = [Span("a", round(max(a, 0)), round(max(b, 0)) + 9, score) for (a, b), score in drawn]
    chosen = without_overlap(spans, least)
    assert all(one.end_frame_exclusive <= other.start_frame for one, other in itertools.pairwise(chosen))
    for span in spans:
        if span not in chosen and span.confidence >= least:
            assert any(
                other.confidence >= span.confidence
                and other.start_frame < span.end_frame_exclusive
                and span.start_frame < other.end_frame_exclusive
                for other in chosen
            )
    assert all(span.confidence >= least for span in chosen)
