"""What leads on by itself: from a trained run to its embeddings, and from these to the pair that goes together best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.controllers.explore.pair import PairView
from carl_gui.controllers.job_recovery import EMBED, TRAIN
from carl_gui.main_window import MainWindow
from core.base.events import Finished
from core.learning.run_folder import RunFolder
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, new_project, shown, tiny_config, tiny_videos
from tests.carl_gui.windows import open_project
from training.job import Job
from training.queue import JobOrder, JobQueue, QueuedJob

_LEFT = Qt.MouseButton.LeftButton
FRAMES = 40
BEST = {1, 3}


@pytest.fixture
def asked() -> list[JobOrder]:
    """Jobs that the window ordered; none starts."""
    return []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three videos, embedded with a run that is done: the first and the third move alike, the second in no order."""
    films = tiny_videos(tmp_path / "films", 3, FRAMES)
    folder = new_project(tmp_path / "project", films, decodes=True)
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), films) as run:
        run.encoder_file.write_bytes(b"weights")
        run.append(Finished("done", ""))
    moments = np.linspace(0, 1, FRAMES)
    shuffled = np.random.default_rng(3).permutation(moments)
    rows = (moments, shuffled, moments**1.2)
    embed_by_hand(folder, "run-1", [(film, course(row)) for film, row in zip(films, rows, strict=True)])
    return folder


@pytest.fixture
def at(window: MainWindow, project: Path, asked: list[JobOrder], qtbot: QtBot) -> MainWindow:
    def note(order: JobOrder) -> Job:
        asked.append(order)
        raise OSError("this test starts no child")

    window.resize(1400, 860)
    open_project(window, project)
    window.jobs._queue = JobQueue(start=note)
    qtbot.waitUntil(lambda: len(window.library.badges) == 3)
    return window


def _sees_the_best_pair(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.page_id == "explore", timeout=CHILD_MS)  # the first search of a process compiles
    view = window.page("explore").views["pair"]
    assert isinstance(view, PairView)
    qtbot.waitUntil(lambda: view.pair is not None and view.panel.isVisible())
    assert set(view.chosen) == BEST


def _end(window: MainWindow, kind: str, reason: str = "done") -> None:
    window.jobs.ended.emit(QueuedJob(99, JobOrder(kind, "run-1", (), "cpu")), Finished(reason, ""))


def test_the_best_pair_of_a_run_is_opened_from_its_page(at: MainWindow, qtbot: QtBot) -> None:
    at.show_page("train")
    button = shown(at, QPushButton, "Open the best pair")
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, _LEFT)
    assert at.statusBar().currentMessage() == "Looking for the best pair…"
    _sees_the_best_pair(at, qtbot)


def test_training_leads_on_to_embedding_and_that_to_the_best_pair(
    at: MainWindow, asked: list[JobOrder], qtbot: QtBot
) -> None:
    at.guide.lead_on("run-1")
    _end(at, TRAIN)
    qtbot.waitUntil(lambda: [(order.kind, order.name) for order in asked] == [(EMBED, "run-1")])
    at.guide.lead_on("run-1")  # this test's job failed
    _end(at, EMBED)
    _sees_the_best_pair(at, qtbot)


def test_nobody_who_works_on_another_page_is_led_away(at: MainWindow, qtbot: QtBot) -> None:
    at.show_page("label")
    at.guide.lead_on("run-1")
    _end(at, EMBED)
    qtbot.waitUntil(lambda: "best pair is under Explore" in at.statusBar().currentMessage())
    assert at.page_id == "label"


def test_a_run_that_was_stopped_leads_nowhere(at: MainWindow) -> None:
    at.guide.lead_on("run-1")
    _end(at, TRAIN, "stopped")
    assert at.jobs.jobs == ()


def test_after_start_the_keys_are_with_the_runs(at: MainWindow, qtbot: QtBot) -> None:
    at.show_page("train")
    training = at.training
    qtbot.waitUntil(lambda: training.form.order() is not None)
    with qtbot.waitSignal(training._new.made):
        qtbot.mouseClick(shown(at, QPushButton, "Start training"), _LEFT)
    qtbot.waitUntil(lambda: training.list.table.hasFocus())
