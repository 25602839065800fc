"""The open project: who announces what, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from carl_gui.session import Session
from core.base.errors import CarlError
from core.project.changes import Changes
from core.project.phase_edits import AddPhase
from core.project.rows import Broken
from core.project.store import Project
from core.project.video_edits import SetAction, SetNotes


class _Heard:
    """What a session said, in order."""

    def __init__(self, session: Session) -> None:
        self.all: list[object] = []
        session.opened.connect(lambda: self.all.append("opened"))
        session.about_to_close.connect(lambda: self.all.append(("about to close", session.project is not None)))
        session.closed.connect(lambda: self.all.append(("closed", session.project is not None)))
        session.changed.connect(self.all.append)
        session.refused.connect(self.all.append)


@pytest.fixture
def session(qtbot: QtBot) -> Session:
    made = Session()
    yield made
    made.close()


def test_a_project_comes_and_goes(session: Session, project_folder: Path, tmp_path: Path) -> None:
    heard = _Heard(session)
    session.close()
    session.open(project_folder)
    session.open(project_folder)
    assert session.has(project_folder)
    assert not session.has(tmp_path)
    session.create(tmp_path / "next")
    session.close()
    session.close()
    gone = [("about to close", True), ("closed", False)]
    assert heard.all == ["opened", *gone, "opened", *gone]
    with pytest.raises(RuntimeError, match="no project"):
        session.require()
    assert not session.has(project_folder)


def test_one_that_cannot_be_opened_changes_nothing(session: Session, project_folder: Path, tmp_path: Path) -> None:
    session.open(project_folder)
    heard = _Heard(session)
    for act in (lambda: session.open(tmp_path / "none"), lambda: session.create(project_folder)):
        with pytest.raises(CarlError):
            act()
    assert heard.all == []
    assert session.require().folder == project_folder


def test_what_is_announced_is_on_the_disk(session: Session, project_folder: Path) -> None:
    session.open(project_folder)
    on_disk: list[str] = []
    session.changed.connect(lambda changes: on_disk.append(session.require().videos()[0].action))
    heard = _Heard(session)
    assert session.do(SetAction((1,), "up"))
    assert session.undo()
    assert session.redo()
    assert on_disk == ["up", "", "up"]
    assert heard.all == [Changes(videos=frozenset({1}))] * 3


def test_what_changes_nothing_is_not_announced(session: Session, project_folder: Path) -> None:
    session.open(project_folder)
    heard = _Heard(session)
    assert session.do(SetNotes(""))
    assert session.redo()
    assert heard.all == []


def test_what_is_refused_is_one_sentence_and_no_change(session: Session, project_folder: Path) -> None:
    session.open(project_folder)
    heard = _Heard(session)
    assert not session.do(AddPhase("up"))
    assert heard.all == ["There is already a phase 'up'. Choose another name, or merge the two."]


def test_facts_and_places_are_no_steps(session: Session, project_folder: Path, tmp_path: Path) -> None:
    session.open(project_folder)
    steps = session.require().steps()
    heard = _Heard(session)
    assert session.keep_facts({2: Broken("It broke.")})
    assert session.move_videos({1: tmp_path / "moved.mp4"})
    assert session.require().steps() == steps
    assert heard.all == [Changes(videos=frozenset({2})), Changes(videos=frozenset({1}))]
    session.close()
    with Project.open(project_folder) as project:
        assert project.video(2).problem == "It broke."
