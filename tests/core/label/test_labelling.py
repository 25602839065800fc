"""From some labels to the phase of every frame: what was given stays, and the rest follows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.control import Control, Stopped
from core.base.types import Span
from core.label.labelling import LabelledVideo, label_videos
from core.label.transfer import transfer_votes
from core.labels.segments import METHODS, UNLABELLED, frame_labels
from core.metrics.linear_probe import fit_probe
from tests.core.label.clips import PHASES, clip, embedded, spans

A, B, C = (12, 20, 10), (20, 9, 15), (7, 14, 25)
CLIPS = [clip("a.mp4", A, seed=1), clip("b.mp4", B, seed=2), clip("c.mp4", C, seed=3)]


def phases_of(one: LabelledVideo) -> list[str]:
    return [span.phase for span in one.spans for _ in range(len(span))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("order", [True, False])
def test_clips_of_the_same_course_are_labelled_from_one(method: str, order: bool) -> None:
    made = label_videos(CLIPS, [spans(A), [], []], method=method, order=order)
    for one, lengths in zip(made[1:], (B, C), strict=True):
        truth = [PHASES[place] for place, length in enumerate(lengths) for _ in range(length)]
        assert np.mean([a == b for a, b in zip(phases_of(one), truth, strict=True)]) > 0.8
        assert {span.source for span in one.spans} == {method}


@st.composite
def some_labels(draw: st.DrawFn) -> list[list[Span]]:
    """Spans that do not overlap, of two phases or more in all, in some of the clips."""
    given_spans = []
    for one in CLIPS:
        edges = sorted(draw(st.sets(st.integers(0, len(one)), max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        given_spans.append([Span(draw(st.sampled_from(PHASES)), *pair) for pair in pairs])
    if len({span.phase for of in given_spans for span in of}) < 2:
        given_spans[0] = spans(A)
    return given_spans


@settings(max_examples=30, deadline=None)
@given(some_labels(), st.sampled_from(METHODS), st.booleans())
def test_labels_stay_and_every_frame_is_covered_once(labels: list[list[Span]], method: str, order: bool) -> None:
    for one, of_clip in zip(label_videos(CLIPS, labels, method=method, order=order), labels, strict=True):
        assert [span for span in one.spans if span.source == "label"] == of_clip
        frames = [f for span in one.spans for f in range(span.start_frame, span.end_frame_exclusive)]
        assert frames == list(range(len(one.video)))
        np.testing.assert_allclose(one.probabilities.sum(axis=1), 1.0)
        assert one.probabilities.min() >= 0
        known = frame_labels(of_clip, len(one.video), one.phases)
        certain = one.probabilities[known != UNLABELLED, known[known != UNLABELLED]]
        assert (certain == 1).all()
        for span in one.spans:
            column = one.probabilities[span.start_frame : span.end_frame_exclusive, one.phases.index(span.phase)]
            assert span.confidence == pytest.approx(column.mean())


def test_confidence_and_source_of_labels_are_a_person_s() -> None:
    doubtful = [Span(span.phase, span.start_frame, span.end_frame_exclusive, 0.3, "Anna") for span in spans(A)]
    made = label_videos(CLIPS[:2], [doubtful, []])
    assert list(made[0].spans) == spans(A)


@pytest.mark.parametrize("order", [True, False])
def test_an_identical_video_gives_its_labels(order: bool) -> None:
    odd = [Span("lower", 0, 5), Span("rest", 5, 30), Span("lift", 30, 42)]
    twin = embedded("twin.mp4", CLIPS[0].embeddings.astype(np.float64))
    made = label_videos([CLIPS[0], CLIPS[1], twin], [odd, spans(B), []], method="transfer", order=order)
    assert [(span.phase, span.start_frame, span.end_frame_exclusive) for span in made[2].spans] == [
        (span.phase, span.start_frame, span.end_frame_exclusive) for span in odd
    ]
    assert all(span.confidence > 0.99 for span in made[2].spans)


def test_only_labelled_frames_are_transferred_and_the_probe_has_the_rest() -> None:
    twin = embedded("twin.mp4", CLIPS[0].embeddings.astype(np.float64))
    labels = [[Span("rest", 0, 12), Span("lift", 15, 25)], []]
    made = label_videos([CLIPS[0], twin], labels, method="transfer", order=False)[1]
    probe = fit_probe([CLIPS[0].embeddings], [frame_labels(labels[0], 42, ["rest", "lift"])], 2)
    np.testing.assert_allclose(made.probabilities[25:], probe.probabilities(twin.embeddings)[25:])
    assert (made.probabilities[:12, 0] == 1).all()
    assert [span.source for span in made.spans] == ["transfer", "transfer"]
    alone = label_videos([CLIPS[0]], labels[:1], method="transfer")[0]
    assert {span.source for span in alone.spans} == {"label", "probe"}, "a video does not vote on itself"


def test_votes_are_weighed_by_nearness() -> None:
    far = clip("far.mp4", A, seed=9, noise=1.0)
    references = [(far.embeddings, np.full(42, 1)), (CLIPS[0].embeddings, np.full(42, 0))]
    votes = transfer_votes(CLIPS[1].embeddings, references, 2)
    assert (votes[:, 0] > votes[:, 1]).all()
    np.testing.assert_allclose(votes.sum(axis=1), 1.0)


def test_a_cautious_vote_counts_half_and_less_the_less_the_frames_are_alike() -> None:
    labels = np.full(42, 1)
    same = transfer_votes(CLIPS[0].embeddings, [(CLIPS[0].embeddings, labels)], 2, cautious=True)
    np.testing.assert_allclose(same, np.tile([0.0, 0.5], (42, 1)), atol=1e-6)
    opposite = transfer_votes(-CLIPS[0].embeddings, [(CLIPS[0].embeddings, labels)], 2, cautious=True)
    assert (opposite == 0).all()


def test_where_everything_is_labelled_nothing_is_predicted() -> None:
    made = label_videos(CLIPS[:2], [spans(A), spans(B)])
    assert [list(one.spans) for one in made] == [spans(A), spans(B)]


def test_a_stop_is_obeyed_and_nonsense_is_refused() -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        label_videos(CLIPS, [spans(A), [], []], control=control)
    with pytest.raises(ValueError, match="method must be one of"):
        label_videos(CLIPS, [spans(A), [], []], method="guess")
    with pytest.raises(ValueError, match="at least two phases"):
        label_videos(CLIPS, [[Span("rest", 0, 5)], [], []])


def test_spans_that_leave_a_gap_are_not_a_labelled_video() -> None:
    with pytest.raises(ValueError, match="cover each of its 42 frames once"):
        LabelledVideo(CLIPS[0], ("rest",), np.zeros(42, np.int64), np.ones((42, 1)), (Span("rest", 0, 41),))
