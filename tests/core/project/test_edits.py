"""What each intention does to a project, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import LabelError
from core.base.types import Span
from core.project import tracks
from core.project.backups import DATABASE
from core.project.changes import Changes
from core.project.edits import Edit, Patch
from core.project.phase_edits import (
    COLOURS,
    MORE_COLOURS,
    AddPhase,
    ColourPhase,
    MergePhases,
    OrderPhases,
    RemovePhases,
    RenamePhase,
)
from core.project.rows import Found, sorted_videos
from core.project.span_edits import EraseSpans, MergeSpans, MoveBoundary, PaintSpan, ReplaceSpans, SplitSpan
from core.project.store import Project
from core.project.video_edits import AddVideos, RemoveVideos, RenameVideo, SetAction, SetNotes, SetSplit
from tests.core.project.projects import authored, filled, new_video

SPANS = (Span("up", 0, 10), Span("down", 10, 20, 0.5, "probe"), Span("up", 25, 30))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three videos, two phases, and spans on the first video."""
    with filled(tmp_path / "p") as made:
        made.do(ReplaceSpans(1, SPANS))
        yield made


def test_a_new_video_shows_its_file_s_name(project: Project) -> None:
    first = project.videos()[0]
    assert (first.name, first.action, first.split, first.num_bytes) == ("clip1.mp4", "", "none", 1001)
    project.do(AddVideos((new_video(7),), " squat ", "val"))
    assert (project.video(4).action, project.video(4).split) == ("squat", "val")


def test_a_video_is_added_once(project: Project, tmp_path: Path) -> None:
    again = replace(new_video(2), path=Path("/elsewhere/x.mp4"))
    again = replace(again, place=replace(again.place, absolute="/elsewhere/x.mp4"))
    assert project.do(AddVideos((again, new_video(8), new_video(8)))) == Changes(videos=frozenset({2, 4}))
    assert len(project.videos()) == 4
    assert project.video(2).absolute == "/elsewhere/x.mp4", "it was gone from where it lay"
    there = tmp_path / "there.mp4"
    there.touch()
    project.move_videos({2: there})
    project.do(AddVideos((again,)))
    assert project.video(2).absolute == str(there), "it still lies there"


def test_a_removed_video_comes_back_with_its_spans(project: Project) -> None:
    before = authored(project.folder)
    assert project.do(RemoveVideos((1, 3))) == Changes(videos=frozenset({1, 3}), spans=frozenset({1}))
    assert [video.id for video in project.videos()] == [2]
    assert project.spans(1) == []
    project.undo()
    assert authored(project.folder) == before
    assert project.video(1).absolute


def test_values_of_videos(project: Project) -> None:
    project.do(RenameVideo(1, " Anna, Monday "))
    project.do(SetAction((1, 2), "squat"))
    project.do(SetSplit((2, 3), "train"))
    assert [(v.name, v.action, v.split) for v in project.videos()] == [
        ("Anna, Monday", "squat", "none"),
        ("clip2.mp4", "squat", "train"),
        ("clip3.mp4", "", "train"),
    ]


def test_phases_have_a_name_a_colour_and_an_order(project: Project) -> None:
    project.do(AddPhase(" hold ", "#ABCDEF"))
    project.do(OrderPhases((3, 1, 2)))
    project.do(RenamePhase(2, "lower"))
    project.do(ColourPhase(1, "#000000"))
    assert [(p.name, p.colour, p.position, p.num_spans) for p in project.phases()] == [
        ("hold", "#abcdef", 0, 0),
        ("up", "#000000", 1, 2),
        ("lower", COLOURS[1], 2, 1),
    ]
    assert [span.phase for span in project.spans(1)] == ["up", "lower", "up"]


def test_no_two_of_the_first_phases_have_the_same_colour(project: Project) -> None:
    project.do(ColourPhase(1, COLOURS[3]))
    project.do(RemovePhases((2,)))
    for number in range(len(COLOURS) + len(MORE_COLOURS) - 1):
        project.do(AddPhase(f"phase {number}"))
    colours = [phase.colour for phase in project.phases()]
    assert sorted(colours) == sorted((*COLOURS, *MORE_COLOURS))
    assert colours[1:4] == [COLOURS[0], COLOURS[1], COLOURS[2]], "the first that is free"
    project.do(AddPhase("one more"))
    assert project.phases()[-1].colour in COLOURS


def test_an_edit_touches_the_rows_that_change_alone(project: Project) -> None:
    many = tuple(Span("up", 10 * i, 10 * i + 5) for i in range(300))
    project.do(ReplaceSpans(2, many))
    sizes = []
    for edit in (PaintSpan(2, Span("down", 1000, 1005)), MoveBoundary(2, 1005, 1007)):
        project.do(edit)
        with closing(sqlite3.connect(project.folder / DATABASE)) as db:
            (patch,) = db.execute("SELECT patch FROM step ORDER BY id DESC LIMIT 1").fetchone()
        sizes.append(len(Patch.decode(patch).rows))
    assert sizes == [1, 1]


def test_merged_phases_keep_their_spans_as_they_lie(project: Project) -> None:
    assert project.do(MergePhases(2, (1,))) == Changes(phases=frozenset({1}), spans=frozenset({1}))
    assert project.spans(1) == [replace(span, phase="down") for span in SPANS]


def test_a_phase_goes_with_its_spans(project: Project) -> None:
    project.do(RemovePhases((1,)))
    assert project.spans(1) == [SPANS[1]]
    project.undo()
    assert project.spans(1) == list(SPANS)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (PaintSpan(1, Span("up", 5, 27)), [Span("up", 0, 5), Span("up", 5, 27), Span("up", 27, 30)]),
        (EraseSpans(1, 8, 40), [Span("up", 0, 8)]),
        (SplitSpan(1, 4), [Span("up", 0, 4), Span("up", 4, 10), *SPANS[1:]]),
        (MergeSpans(1, 12), [SPANS[0], replace(SPANS[1], end_frame_exclusive=30)]),
        (MoveBoundary(1, 10, 19), [Span("up", 0, 19), replace(SPANS[1], start_frame=19), SPANS[2]]),
        (ReplaceSpans(1, ()), []),
    ],
)
def test_each_edit_of_a_track_is_one_step(project: Project, edit: Edit, expected: list[Span]) -> None:
    steps = len(project.steps())
    assert project.do(edit) == Changes(spans=frozenset({1}))
    assert project.spans(1) == expected
    assert len(project.steps()) == steps + 1
    project.undo()
    assert project.spans(1) == list(SPANS)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda: ReplaceSpans(1, (Span("up", 0, 5), Span("down", 4, 8))), "'down' .* overlaps 'up'"),
        (lambda: PaintSpan(1, Span("upp", 0, 5)), "no phase 'upp': did you mean 'up'?"),
        (lambda: PaintSpan(2, Span("up", 20, 31)), "ends at frame 30, but the video's last frame is 29"),
        (lambda: AddPhase("up"), "There is already a phase 'up'"),
        (lambda: RenamePhase(2, "up "), "There is already a phase 'up'"),
        (lambda: AddPhase("  "), "A phase needs a name"),
        (lambda: MoveBoundary(1, 10, 20), "only to frames 1 to 19"),
        (lambda: MoveBoundary(1, 30, 25), "only to frames from 26"),
        (lambda: MoveBoundary(1, 11, 12), "No label starts or ends at frame 11"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    project: Project, edit: Callable[[], Edit], sentence: str
) -> None:
    project.keep_facts({2: Found(30, 25.0, 1.2, 64, 48)})
    before = authored(project.folder)
    with pytest.raises(LabelError, match=sentence):
        project.do(edit())
    assert authored(project.folder) == before


def test_values_that_no_control_gives_are_our_bug(project: Project) -> None:
    for made in (
        lambda: SetSplit((1,), "test"),  # type: ignore[arg-type]
        lambda: ColourPhase(1, "red"),
        lambda: RenameVideo(1, " "),
        lambda: EraseSpans(1, 5, 5),
        lambda: MergePhases(1, (1,)),
    ):
        with pytest.raises(ValueError, match=r"not|no frames"):
            made()
    with pytest.raises(KeyError, match="must name each phase once"):
        project.do(OrderPhases((1,)))


def test_notes_may_hold_anything(project: Project) -> None:
    for notes in ("Zeile\nzwei", "'; DROP TABLE video; --", "🏃\udcff\x00", ""):
        assert project.do(SetNotes(notes)) == Changes(notes=True)
        assert project.notes() == notes


def test_videos_sort_by_any_column(project: Project) -> None:
    for number, name in enumerate(("clip10", "Clip9", "b"), start=1):
        project.do(RenameVideo(number, name))
    project.do(SetAction((2,), "squat"))
    videos = project.videos()
    assert [video.name for video in sorted_videos(videos)] == ["b", "Clip9", "clip10"]
    assert [video.name for video in sorted_videos(videos, descending=True)] == ["clip10", "Clip9", "b"]
    assert [video.id for video in sorted_videos(videos, "action")] == [2, 3, 1], "what has none comes last"
    assert [video.id for video in sorted_videos(videos, "num_bytes", descending=True)] == [3, 2, 1]
    assert [video.id for video in sorted_videos(videos, "num_frames_labelled", descending=True)] == [1, 3, 2]


def test_merged_labels_keep_both_notes_and_steps_of_before_notes_are_undone() -> None:
    track = [Span("up", 0, 5, note="a"), Span("down", 5, 9, note="b"), Span("up", 9, 12, note="a")]
    assert tracks.merge_spans(track, {0, 5, 9})[0].note == "a; b"
    assert tracks.join_spans(track, 0)[0].note == "a; b"
    stored = zlib.compress(json.dumps([["span", [1, 0], [5, 1, 1.0, "label"]]]).encode())
    assert Patch.decode(stored).rows == {("span", (1, 0)): (5, 1, 1.0, "label", "")}
