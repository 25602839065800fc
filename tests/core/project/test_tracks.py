"""A track of spans against the plain list of its frames' labels."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import LabelError
from core.base.types import Span
from core.project import tracks

NUM_FRAMES = 24


@st.composite
def some_tracks(draw: st.DrawFn) -> list[Span]:
    cuts = sorted(draw(st.sets(st.integers(0, NUM_FRAMES), max_size=9)))
    spans = [Span(draw(st.sampled_from("abc")), one, other) for one, other in itertools.pairwise(cuts)]
    return [span for span in spans if draw(st.booleans())]


def frames(track: list[Span]) -> list[str]:
    labels = [""] * NUM_FRAMES
    for span in tracks.validate(track, NUM_FRAMES):
        labels[span.start_frame : span.end_frame_exclusive] = [span.phase] * len(span)
    return labels


edges = st.tuples(st.integers(0, NUM_FRAMES - 1), st.integers(1, 9)).map(
    lambda pair: (pair[0], min(sum(pair), NUM_FRAMES))
)
laws = settings(deadline=None, derandomize=True)


@laws
@given(some_tracks(), edges)
def test_painting_and_erasing_change_those_frames_alone(track: list[Span], edge: tuple[int, int]) -> None:
    start, stop = edge
    expected = frames(track)
    expected[start:stop] = ["z"] * (stop - start)
    assert frames(tracks.paint(track, Span("z", start, stop))) == expected
    expected[start:stop] = [""] * (stop - start)
    assert frames(tracks.erase(track, start, stop)) == expected


@laws
@given(some_tracks(), st.integers(0, NUM_FRAMES))
def test_splitting_changes_no_frame_and_merging_takes_it_back(track: list[Span], frame: int) -> None:
    inside = [span for span in track if span.start_frame < frame < span.end_frame_exclusive]
    if not inside:
        with pytest.raises(LabelError, match=f"at frame {frame}. Choose a frame inside one"):
            tracks.split(track, frame)
        return
    parts = tracks.split(track, frame)
    assert frames(parts) == frames(track)
    assert len(parts) == len(track) + 1
    assert tracks.join_spans(parts, frame - 1) == track


@laws
@given(some_tracks(), st.integers(0, NUM_FRAMES), st.integers(0, NUM_FRAMES))
def test_a_boundary_moves_exactly_where_there_is_room(track: list[Span], frame: int, to_frame: int) -> None:
    ends = [place for place, span in enumerate(track) if span.end_frame_exclusive == frame]
    starts = [place for place, span in enumerate(track) if span.start_frame == frame]
    wanted = list(track)
    try:  # the definition: what results is a track
        for place in ends:
            wanted[place] = Span(track[place].phase, track[place].start_frame, to_frame)
        for place in starts:
            wanted[place] = Span(track[place].phase, to_frame, track[place].end_frame_exclusive)
        fits = bool(ends or starts) and tracks.validate(wanted) == wanted
    except (ValueError, LabelError):
        fits = False
    if fits:
        assert tracks.move_edge(track, frame, to_frame) == wanted
        assert tracks.move_edge(wanted, to_frame, frame) == track or len(ends + starts) < 2
    else:
        with pytest.raises(LabelError):
            tracks.move_edge(track, frame, to_frame)


@laws
@given(some_tracks(), st.integers(0, NUM_FRAMES - 1))
def test_merging_covers_both_and_what_lay_between(track: list[Span], frame: int) -> None:
    place = next((i for i, span in enumerate(track) if span.start_frame <= frame < span.end_frame_exclusive), None)
    if place is None or place == len(track) - 1:
        with pytest.raises(LabelError, match="Choose a label that is followed by another"):
            tracks.join_spans(track, frame)
        return
    expected = frames(track)
    one, other = track[place], track[place + 1]
    expected[one.start_frame : other.end_frame_exclusive] = [one.phase] * (other.end_frame_exclusive - one.start_frame)
    assert frames(tracks.join_spans(track, frame)) == expected


@laws
@given(some_tracks(), st.data())
def test_chosen_neighbours_become_one(track: list[Span], data: st.DataObject) -> None:
    starts = data.draw(st.sets(st.sampled_from([span.start_frame for span in track] or [0])))
    places = [place for place, span in enumerate(track) if span.start_frame in starts]
    if len(places) < 2 or places != list(range(places[0], places[-1] + 1)):
        with pytest.raises(LabelError, match="adjacent labels"):
            tracks.merge_spans(track, starts)
        return
    first, last = track[places[0]], track[places[-1]]
    expected = frames(track)
    expected[first.start_frame : last.end_frame_exclusive] = [first.phase] * (
        last.end_frame_exclusive - first.start_frame
    )
    made = tracks.merge_spans(track, starts)
    assert frames(made) == expected
    assert len(made) == len(track) - len(places) + 1


@laws
@given(some_tracks(), some_tracks())
def test_what_is_filled_in_leaves_every_label_as_it_was(track: list[Span], others: list[Span]) -> None:
    made = tracks.fill_spans(track, others)
    assert frames(made) == [mine or theirs for mine, theirs in zip(frames(track), frames(others), strict=True)]
    assert set(track) <= set(made)


@laws
@given(some_tracks(), st.integers(0, NUM_FRAMES))
def test_room_is_where_a_boundary_can_be_moved(track: list[Span], frame: int) -> None:
    room = tracks.room(track, frame, NUM_FRAMES)
    for to_frame in range(NUM_FRAMES + 1):
        try:
            tracks.validate(tracks.move_edge(track, frame, to_frame), NUM_FRAMES)
            fits = True
        except LabelError:
            fits = False
        assert fits == (room is not None and room[0] <= to_frame <= room[1])


def test_a_track_that_is_none() -> None:
    with pytest.raises(LabelError, match=r"'b' \(from frame 4\) overlaps 'a' \(to frame 4\)"):
        tracks.validate([Span("b", 4, 8), Span("a", 0, 5)])
    with pytest.raises(LabelError, match="'a' ends at frame 9, but the video's last frame is 8"):
        tracks.validate([Span("a", 0, 10)], 9)
