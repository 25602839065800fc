"""What the timeline reckons with, against plain definitions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carl_gui.label.edits import copy_spans, paste_spans
from carl_gui.label.time_axis import (
    SnapTargets,
    SpanStrip,
    TimeAxis,
    ValueStrip,
    clock,
    opacity,
    ticks_in_frames,
    ticks_in_seconds,
)
from core.base.types import Span

laws = settings(deadline=None, derandomize=True, max_examples=150)
NUM_FRAMES = 60
COLOURS = {"a": "#ff0000", "b": "#0000ff"}


@st.composite
def some_tracks(draw: st.DrawFn) -> list[Span]:
    cuts = sorted(draw(st.sets(st.integers(0, NUM_FRAMES), max_size=14)))
    spans = [
        Span(draw(st.sampled_from("ab")), one, other, draw(st.sampled_from((0.0, 0.5, 1.0))))
        for one, other in itertools.pairwise(cuts)
    ]
    return [span for span in spans if draw(st.booleans())]


@st.composite
def some_axes(draw: st.DrawFn) -> TimeAxis:
    axis = (
        TimeAxis()
        .for_video(draw(st.integers(1, 5000)))
        .with_geometry(draw(st.floats(0, 100)), draw(st.floats(50, 2000)))
    )
    for _ in range(draw(st.integers(0, 4))):
        x = axis.left + axis.width * draw(st.floats(0, 1))
        axis = axis.zoomed(draw(st.floats(0.3, 9)), x) if draw(st.booleans()) else axis.panned(draw(st.floats(-99, 99)))
    return axis


@laws
@given(some_axes(), st.floats(0, 1))
def test_frames_and_pixels_lead_to_each_other(axis: TimeAxis, share: float) -> None:
    assert 0 <= axis.first <= axis.first + axis.shown <= axis.num_frames + 1e-6
    position = axis.first + share * axis.shown
    assert axis.position_at(axis.x_of(position)) == pytest.approx(min(position, axis.num_frames), abs=1e-6)
    assert axis.frame_at(axis.left - 1e6) == 0
    assert axis.frame_at(axis.left + 1e9) == axis.num_frames - 1


@laws
@given(some_axes(), st.floats(0, 1), st.floats(1, 5))
def test_what_lies_under_the_mouse_stays_there_when_it_grows(axis: TimeAxis, share: float, factor: float) -> None:
    x = axis.left + share * axis.width
    held = axis.position_at(x)
    assert axis.zoomed(factor, x).position_at(x) == pytest.approx(held, abs=1e-6 * axis.num_frames)
    smaller = axis.zoomed(1 / factor, x)
    assert smaller.shown >= axis.shown
    assert axis.zoomed(1e-9, x).shows_all


@laws
@given(some_axes(), st.integers(0, 4999))
def test_a_frame_comes_in_sight_and_what_is_in_sight_stays(axis: TimeAxis, frame: int) -> None:
    frame = min(frame, axis.num_frames - 1)
    moved = axis.showing(frame)
    assert moved.first <= frame < moved.first + moved.shown + 1e-9
    if axis.first <= frame < axis.first + axis.shown:
        assert moved == axis


@laws
@given(some_tracks(), st.booleans(), st.integers(1, 200))
def test_a_pixel_has_the_mean_colour_of_its_frames(track: list[Span], is_veiled: bool, columns: int) -> None:
    fine = np.zeros((NUM_FRAMES * columns, 4))  # as many cells a frame as there are columns
    for span in track:
        share = opacity(span.confidence) if is_veiled else 1.0
        colour = (1, 0, 0, 1) if span.phase == "a" else (0, 0, 1, 1)
        fine[span.start_frame * columns : span.end_frame_exclusive * columns] = np.array(colour) * share
    expected = fine.reshape(columns, NUM_FRAMES, 4).mean(axis=1)
    made = SpanStrip(track, COLOURS, is_veiled=is_veiled).pixels(np.linspace(0, NUM_FRAMES, columns + 1))
    assert np.abs(made / 255 - expected).max() <= 1 / 255


@laws
@given(some_tracks(), st.floats(0, NUM_FRAMES), st.floats(0, NUM_FRAMES))
def test_spans_are_found_where_they_lie(track: list[Span], one: float, other: float) -> None:
    strip, (first, last) = SpanStrip(track, COLOURS), sorted((one, other))
    inside = [i for i, s in enumerate(track) if s.start_frame < last and s.end_frame_exclusive > first]
    assert list(strip.indices_between(first, last)) == inside
    for frame in range(NUM_FRAMES):
        covering = [span for span in track if span.start_frame <= frame < span.end_frame_exclusive]
        assert strip.span_at(frame) == (covering[0] if covering else None)


@laws
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 20))
def test_values_are_averaged(values: list[float], columns: int) -> None:
    made = ValueStrip(np.array(values)).pixels(np.linspace(0, len(values), columns + 1))
    expected = np.repeat(values, columns).reshape(columns, -1).mean(axis=1)
    assert made == pytest.approx(expected, abs=1e-9)


@laws
@given(
    st.sets(st.integers(0, 50), max_size=12),
    st.floats(0, 50),
    st.floats(0, 8),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_the_nearest_target_in_reach_is_held(
    targets: set[int], position: float, reach: float, one: int, other: int
) -> None:
    lowest, highest = sorted((one, other))
    position = min(max(position, lowest), highest)
    found = SnapTargets(targets).nearest(position, reach, lowest, highest)
    allowed = [t for t in targets if lowest <= t <= highest and abs(t - position) <= reach]
    assert (found is None) == (not allowed)
    if found is not None:
        assert found in allowed
        assert abs(found - position) == min(abs(target - position) for target in allowed)


@laws
@given(some_axes(), st.integers(0, 1000))
def test_marks_lie_in_order_and_their_words_have_room(axis: TimeAxis, seed: int) -> None:
    durations = np.random.default_rng(seed).choice([0.01, 0.04, 0.04, 0.04, 0.5], axis.num_frames)
    edges = np.concatenate(([0.0], np.cumsum(durations)))
    for ticks in (ticks_in_frames(axis), ticks_in_seconds(axis, edges)):
        places = [tick.frame for tick in ticks]
        assert places == sorted(places)
        assert all(axis.first - 1e-3 <= place <= axis.first + axis.shown + 1e-3 for place in places)
        worded = [tick for tick in ticks if tick.text]
        for before, after in itertools.pairwise(worded):
            assert axis.x_of(after.frame) - axis.x_of(before.frame) >= len(before.text) * 7
    for tick in ticks_in_frames(axis):
        assert not tick.text or int(tick.text) == tick.frame


def test_times_stand_where_they_are_and_not_where_a_rate_puts_them() -> None:
    edges = np.array([0.0, 0.1, 0.2, 1.2, 2.2, 3.0])
    axis = TimeAxis().for_video(5).with_geometry(0, 700)
    found = {tick.text: tick.frame for tick in ticks_in_seconds(axis, edges)}
    assert found["0:01.0"] == pytest.approx(2.8)
    assert found["0:02.0"] == pytest.approx(3.8)
    assert ticks_in_seconds(axis, edges[:-1]) == [], "times of another video"
    assert ticks_in_frames(TimeAxis()) == []


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [(5, 1, "0:05"), (65.5, 0.5, "1:05.5"), (0.25, 0.05, "0:00.25"), (3600, 60, "1:00:00"), (59.999, 1, "1:00")],
)
def test_clock(seconds: float, step: float, text: str) -> None:
    assert clock(seconds, step) == text


@laws
@given(some_tracks(), st.integers(0, 1000), st.integers(1, NUM_FRAMES))
def test_pasted_where_it_was_copied_it_is_the_same(track: list[Span], seed: int, frames: int) -> None:
    """Whatever the times of the frames are."""
    durations = np.random.default_rng(seed).choice([0.01, 0.04, 0.2], NUM_FRAMES)
    edges = np.concatenate(([0.0], np.cumsum(durations)))
    copies = copy_spans(track, {"a": 1, "b": 2}, edges)
    if track:
        again = paste_spans(copies, track[0].start_frame, {1: "a", 2: "b"}, edges)
        assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in again] == [
            (s.phase, s.start_frame, s.end_frame_exclusive) for s in track
        ]
        assert {(span.source, span.confidence) for span in again} == {("label", 1.0)}
        assert paste_spans(copies, 0, {}, edges) == [], "their phases are gone"
    short = np.arange(frames + 1) * 0.04
    for span in paste_spans(copies, 0, {1: "a", 2: "b"}, short):
        assert span.end_frame_exclusive <= frames


def test_half_the_rate_takes_half_the_frames() -> None:
    fast, slow = np.arange(61) / 50, np.arange(61) / 25
    copies = copy_spans([Span("a", 10, 30), Span("b", 30, 32)], {"a": 1, "b": 2}, fast)
    assert paste_spans(copies, 7, {1: "A", 2: "B"}, slow) == [Span("A", 7, 17), Span("B", 17, 18)]
