"""The open project's rows: at every announcement they are what the disk holds, however little was read again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from carl_gui import session as sessions
from carl_gui.session import Session
from core.base.types import Span
from core.project.edits import Edit
from core.project.phase_edits import AddPhase
from core.project.places import Place
from core.project.rows import Found, VideoRow
from core.project.span_edits import PaintSpan
from core.project.video_edits import AddVideos, NewVideo, RemoveVideos, RenameVideo, SetAction, SetNotes


def _new(folder: Path, first: int, count: int) -> AddVideos:
    paths = [folder / f"clip{number}.mp4" for number in range(first, first + count)]
    return AddVideos(
        tuple(NewVideo(path, f"{number:032x}", 9, Place.of(path, folder)) for number, path in enumerate(paths, first))
    )


@pytest.fixture
def session(qapp: QObject, tmp_path: Path) -> Session:
    made = Session(qapp)
    made.create(tmp_path / "project")
    made.do(_new(tmp_path, 0, 30))
    made.do(AddPhase("up"))
    return made


def _random_edit(generator: random.Random, ids: list[int], folder: Path, turn: int) -> Edit:
    if len(ids) < 3:
        return _new(folder, 100 * turn, 30)
    some = tuple(generator.sample(ids, 3))
    return generator.choice(
        [
            RemoveVideos(some),
            RenameVideo(some[0], f"name {turn}"),
            SetAction(some, f"action {turn}"),
            PaintSpan(some[0], Span("up", 5 * turn, 5 * turn + 3)),
            _new(folder, 100 * turn, 3),
            SetNotes(f"{turn}"),
        ]
    )


@pytest.mark.parametrize("many", [2, 2000])
def test_at_every_announcement_they_are_what_the_disk_holds(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(sessions, "_MANY", many)
    checked = []

    def check() -> None:
        stored = session.require().videos()
        assert list(session.videos.values()) == stored
        assert list(session.videos) == [row.id for row in stored]
        checked.append(len(stored))

    check()
    session.changed.connect(check)
    generator = random.Random(5)
    for turn in range(1, 120):
        action = generator.choice(["do", "do", "undo", "redo", "facts"])
        if action == "do":
            session.do(_random_edit(generator, list(session.videos), tmp_path, turn))
        elif action == "facts" and session.videos:
            session.keep_facts({next(iter(session.videos)): Found(turn, 30.0, 1.0, 64, 48)})
        elif action in ("undo", "redo"):
            getattr(session, action)()
    assert len(checked) > 60
    session.close()


def test_what_was_handed_out_stays_as_it_was_and_nothing_is_left_of_a_closed_project(
    session: Session, tmp_path: Path
) -> None:
    before = session.videos
    copy: dict[int, VideoRow] = dict(before)
    session.do(RemoveVideos((1,)))
    session.do(SetAction((2,), "squat"))
    assert before == copy
    assert 1 not in session.videos
    session.create(tmp_path / "other")
    assert session.videos == {}
    session.close()
    assert session.videos == {}
