"""Project databases: by cell, by schema, by byte, and the log beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.fuzz.databases import cells_of, schema_of
from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target

_NUM_VIDEOS = 3


def _fill(folder: Path) -> None:
    """Make a project with something in every table, a step that can be undone and one that can be redone."""
    from core.base.types import Span
    from core.pose.people import Point
    from core.project.anchor_edits import SetAnchors
    from core.project.person_edits import FollowPerson
    from core.project.phase_edits import AddPhase
    from core.project.places import Place
    from core.project.right_edits import SayRight
    from core.project.rows import Broken, Found
    from core.project.searches import SearchRow
    from core.project.span_edits import ReplaceSpans
    from core.project.store import Project
    from core.project.video_edits import AddVideos, NewVideo, SetNotes

    paths = [folder / f"clip{number}.mp4" for number in range(_NUM_VIDEOS)]
    videos = tuple(
        NewVideo(path, f"{number:032x}", 1000 + number, Place(path.name, str(path)))
        for number, path in enumerate(paths)
    )
    spans = (Span("up", 0, 3), Span("down", 3, 6, 0.5, "probe"))
    with Project.create(folder) as project:
        project.do(AddVideos(videos, "squat", "train"))
        project.do(AddPhase("up"))
        project.do(AddPhase("down"))
        for video_id in (1, 2):
            project.do(ReplaceSpans(video_id, spans))
        project.do(SetAnchors(1, 2, ((0, 1), (3, 4))))
        project.do(FollowPerson(1, Point(2, 0.5, 0.25)))
        project.do(SayRight(((1, "Ann"), (2, ""))))
        project.do(SetNotes("Notes."))
        project.do(SetNotes("Other notes."))
        project.keep_facts({1: Found(9, 25.0, 0.36, 64, 48), 2: Broken("It is damaged. Copy it again.")})
        project.keep_search(SearchRow(videos[0].digest, 0, 3, "{}"))
        project.undo()


def _fill_with_log(folder: Path) -> None:
    """Make a project as a killed window leaves it: some of it only in the log."""
    from core.project.store import Project
    from core.project.video_edits import SetNotes

    _fill(folder)
    with Project.open(folder) as project:
        project.do(SetNotes("In the log."))
        for name in ("project.sqlite", "project.sqlite-wal"):
            shutil.copyfile(folder / name, folder / f"{name}.kept")
    for name in ("project.sqlite", "project.sqlite-wal"):
        (folder / f"{name}.kept").replace(folder / name)


def _read(folder: Path) -> None:
    """Do what the window does: read for other processes, open, show all, edit, undo and redo, and open again."""
    from core.base.control import Control
    from core.base.events import ignore
    from core.base.types import Span
    from core.project.anchor_edits import AddAnchor
    from core.project.badges import look_at
    from core.project.checking import problems
    from core.project.listing import as_json, as_table
    from core.project.phase_edits import AddPhase
    from core.project.reading import read_contents
    from core.project.rows import sorted_videos
    from core.project.span_edits import PaintSpan
    from core.project.store import Project
    from core.project.video_edits import SetNotes

    contents = read_contents(folder)
    with Project.open(folder) as project:
        videos, phases = sorted_videos(project.videos()), project.phases()
        assert {video.id for video in videos} == {video.id for video in contents.videos}
        for video in videos:
            look_at(video, folder)
            project.anchors(videos[0].id, video.id)
        as_table(as_json(project))
        problems(project, (), ignore, Control())
        (project.searches(), project.notes(), project.steps(), project.next_redo(), project.next_undo())
        project.redo()
        project.do(SetNotes("Newer."))
        project.do(AddPhase("a new one"))
        for video in videos:
            for phase in phases:
                project.do(PaintSpan(video.id, Span(phase.name, 4, 5)))
        if len(videos) > 1:
            project.do(AddAnchor(videos[0].id, videos[1].id, 7, 8))
        while project.next_undo():
            project.undo()
        while project.next_redo():
            project.redo()
        shown = project.videos(), project.spans_by_video(), project.notes()
    with Project.open(folder) as project:
        assert (project.videos(), project.spans_by_video(), project.notes()) == shown


TARGETS = (
    Target("project-cells", _fill, (cells_of("*.sqlite"),), _read, quick_count=25),
    Target("project-schema", _fill, (schema_of("*.sqlite"),), _read, quick_count=25),
    Target("project-bytes", _fill, (bytes_of("*.sqlite"),), _read, quick_count=15),
    Target(
        "project-log",
        _fill_with_log,
        (bytes_of("*-wal"), bytes_of("*-wal"), bytes_of("*.sqlite*")),
        _read,
        quick_count=10,
    ),
)
