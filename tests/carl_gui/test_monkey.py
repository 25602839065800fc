"""Random clicks and keys on each page: no traceback, no warning of Qt's, no dead end; undo brings the project back.

CARL_MONKEY_EVENTS and CARL_MONKEY_SEEDS ask for more of them, such as 500 and 10.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.projects.controller import ProjectsController
from carl_gui.train import run_control as run_folders
from core.base.events import Finished
from core.base.types import Span
from core.learning.run_folder import RunFolder
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from core.project.store import Project
from tests.carl_gui.conftest import step
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.monkey import Monkey
from tests.carl_gui.projects import CHILD_MS, new_project, tiny_config, tiny_videos
from tests.carl_gui.windows import dialogs, open_project, press
from training.job import Job
from training.queue import JobOrder, JobQueue

_EVENTS = int(os.environ.get("CARL_MONKEY_EVENTS", "60"))
_SEEDS = range(int(os.environ.get("CARL_MONKEY_SEEDS", "1")))
_VIEWS = ("pair", "many", "search", "map")
_PAGES = ["videos", "train", "label", "export", *(f"explore/{view}" for view in _VIEWS)]

pytestmark = pytest.mark.usefixtures("no_child_left", "_harmless")


@pytest.fixture
def _harmless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What would leave the window or the test's own folder does nothing; jobs are stand-ins that wait to be stopped."""
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    monkeypatch.setattr(run_folders, "to_bin", lambda folder: shutil.rmtree(folder, ignore_errors=True) is None)
    for name in ("ask_for_new", "ask_for_folder", "ask_for_backup", "close_project", "try_sample"):
        monkeypatch.setattr(ProjectsController, name, lambda self: None)
    real = ProjectsController.open
    own = tmp_path / "project"
    monkeypatch.setattr(ProjectsController, "open", lambda self, folder: real(self, folder) if folder == own else None)
    monkeypatch.setattr(MainWindow, "close_window", lambda self: None)

    def start(order: JobOrder) -> Job:
        return Job.start(("tests.core.command_child",))

    monkeypatch.setattr("carl_gui.jobs.JobQueue", lambda memory=None: JobQueue(memory, start))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four decoded videos with labels in two of them, embedded with a run that is done."""
    films = tiny_videos(tmp_path / "films", 4)
    folder = new_project(tmp_path / "project", films, splits=("train", "train", "val"), decodes=True)
    with Project.open(folder) as opened:
        for phase in ("reach", "pull"):
            opened.do(AddPhase(phase))
        for video in (1, 2):
            opened.do(PaintSpan(video, Span("reach", 0, 5)))
            opened.do(PaintSpan(video, Span("pull", 5, 9)))
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), films) as run:
        for number in range(1, 6):
            run.append(step(number, 3.0 / number))
        run.append(Finished("done", ""))
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    return folder


@pytest.fixture
def beginning(project: Path, tmp_path: Path) -> dict[str, object]:
    """What the project held before the first step of its history."""
    shutil.copytree(project, tmp_path / "copy")
    with Project.open(tmp_path / "copy") as opened:
        while opened.next_undo() is not None:
            opened.undo()
        return _content(opened)


def _content(project: Project) -> dict[str, object]:
    """All that a person can change and undo."""
    videos = project.videos()
    ids = [video.id for video in videos]
    return {
        "videos": [(video.id, video.name, video.action, video.split, video.person) for video in videos],
        "phases": project.phases(),
        "spans": project.spans_by_video(),
        "pins": {(a, b): project.anchors(a, b) for a in ids for b in ids},
        "notes": project.notes(),
    }


def _is_harmless(widget: QWidget) -> bool:
    """The monkey may go anywhere in the window."""
    return True


def _show(window: MainWindow, page: str) -> None:
    name, _, view = page.partition("/")
    window.show_page(name)
    if view:
        window.page("explore").choose_view(view)


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("page", _PAGES)
def test_nothing_breaks_everything_can_be_undone_and_the_window_closes(
    window: MainWindow, project: Path, beginning: dict[str, object], qtbot: QtBot, page: str, seed: int
) -> None:
    opened = open_project(window, project)
    _show(window, page)
    qtbot.waitUntil(lambda: len(window.library.badges) == 4)
    monkey = Monkey(window, seed * 101 + _PAGES.index(page), _is_harmless)
    try:
        for _ in range(max(_EVENTS // 20, 1)):  # it wanders off
            monkey.play(20)
            monkey.leave_dialogs()
            _show(window, page)
        _undo_all(window, opened)
        assert _content(opened) == beginning
        _close(window, qtbot)
    except BaseException:
        print("\n".join(monkey.trail[-40:]))
        raise


def _undo_all(window: MainWindow, project: Project) -> None:
    """With the window's own command, back to the beginning: the monkey may have undone steps that were there before."""
    while (step := project.next_undo()) is not None:
        window.undo()
        QApplication.processEvents()
        assert project.next_undo() != step, "undo leads nowhere"


def _close(window: MainWindow, qtbot: QtBot) -> None:
    window.close()
    if window.isVisible():
        (box,) = dialogs(window, QMessageBox) or [None]
        if box is not None:
            press(box, "Stop and save")
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=CHILD_MS)


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_start_page(window: MainWindow, qtbot: QtBot, seed: int) -> None:
    monkey = Monkey(window, seed, _is_harmless)
    try:
        monkey.play(_EVENTS)
        _close(window, qtbot)
    except BaseException:
        print("\n".join(monkey.trail[-40:]))
        raise
