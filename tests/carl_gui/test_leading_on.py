"""What leads on by itself: from a trained run to its embeddings, and from these to the pair that goes together best."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair.controller import PairView
from carl_gui.guide.guide import FoundPairs, find_pairs
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.recovery import EMBED, TRAIN
from carl_gui.main_window import MainWindow
from core.base.events import Event, Failed, Finished
from core.learning.run_folder import RunFolder
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, new_project, shown, tiny_config, tiny_videos
from tests.carl_gui.windows import open_project
from training.queue import JobOrder, JobQueue

_LEFT = Qt.MouseButton.LeftButton
FRAMES = 40
BEST = {1, 3}


class Process:
    """In the place of a child: it works until a test ends it."""

    has_spoken = True

    def __init__(self, order: JobOrder) -> None:
        self.order = order
        self.returncode: int | None = None
        self._said: list[Event] = []

    def end(self, ending: Finished | Failed) -> None:
        self._said, self.returncode = [ending], 0

    def poll(self) -> list[Event]:
        said, self._said = self._said, []
        return said

    def stop(self) -> None:
        self.end(Finished("stopped", ""))

    def close(self, grace_seconds: float) -> None:
        """There is nothing to wait for."""


@pytest.fixture
def asked() -> list[Process]:
    """What the window ordered."""
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
def at(window: MainWindow, project: Path, asked: list[Process], qtbot: QtBot) -> Iterator[MainWindow]:
    def start(order: JobOrder) -> Process:
        asked.append(Process(order))
        return asked[-1]

    window.resize(1400, 860)
    open_project(window, project)
    window.jobs._queue = JobQueue(start=start)
    qtbot.waitUntil(lambda: len(window.library.badges) == 3)
    yield window
    window.jobs.close()


def _sees_the_best_pair(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.page_id == "explore", timeout=CHILD_MS)  # the first search of a process compiles
    view = window.page("explore").views["pair"]
    assert isinstance(view, PairView)
    qtbot.waitUntil(lambda: view.pair is not None and view.panel.isVisible())
    assert set(view.chosen) == BEST


def _train(window: MainWindow) -> None:
    """As when the form began a run."""
    window.jobs.submit(JobOrder(TRAIN, "run-1", (), "cpu"))
    window.guide.lead_on("run-1")


def _until_asked(asked: list[Process], qtbot: QtBot, *kinds: str) -> None:
    qtbot.waitUntil(lambda: [(one.order.kind, one.order.name) for one in asked] == [(kind, "run-1") for kind in kinds])


def test_the_best_pair_of_a_run_is_opened_from_its_page(at: MainWindow, qtbot: QtBot) -> None:
    at.show_page("train")
    button = shown(at, QPushButton, "Open the best pair")
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, _LEFT)
    assert at.statusBar().currentMessage() == "Looking for the best pair…"
    _sees_the_best_pair(at, qtbot)


def test_training_leads_on_to_embedding_and_that_to_the_best_pair(
    at: MainWindow, asked: list[Process], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []

    def find(folder: Path, run: str, *rest: object) -> FoundPairs:
        searched.append(run)
        return find_pairs(folder, run, *rest)

    monkeypatch.setattr("carl_gui.guide.guide.find_pairs", find)
    _train(at)
    _until_asked(asked, qtbot, TRAIN)
    qtbot.wait(0)
    assert [one.order.kind for one in asked] == [TRAIN], "it is trained first"
    asked[0].end(Finished("done", ""))
    _until_asked(asked, qtbot, TRAIN, EMBED)
    for _ in range(20):
        qtbot.wait(0)
    assert searched == [], "it is embedded first"
    asked[1].end(Finished("done", ""))
    _sees_the_best_pair(at, qtbot)


def test_an_embedding_that_goes_on_is_waited_for_and_not_begun_again(
    at: MainWindow, asked: list[Process], qtbot: QtBot
) -> None:
    JobFactory(at._app_context()).embed("run-1")
    at.guide.lead_on("run-1")
    _until_asked(asked, qtbot, EMBED)
    asked[0].end(Finished("done", ""))
    _sees_the_best_pair(at, qtbot)
    _until_asked(asked, qtbot, EMBED)


def test_nobody_who_works_on_another_page_is_led_away(at: MainWindow, asked: list[Process], qtbot: QtBot) -> None:
    at.show_page("label")
    at.guide.lead_on("run-1")
    _until_asked(asked, qtbot, EMBED)
    asked[0].end(Finished("done", ""))
    qtbot.waitUntil(lambda: "best pair is under Explore" in at.statusBar().currentMessage(), timeout=CHILD_MS)
    assert at.page_id == "label"


@pytest.mark.parametrize("ending", [Finished("stopped", ""), Failed("The disk is full.", is_bug=False)])
def test_a_run_that_was_stopped_or_failed_leads_nowhere(
    at: MainWindow, asked: list[Process], qtbot: QtBot, ending: Finished | Failed
) -> None:
    _train(at)
    _until_asked(asked, qtbot, TRAIN)
    assert at.guide._run_leading_on == "run-1"
    asked[0].end(ending)
    qtbot.waitUntil(lambda: at.guide._run_leading_on == "")
    assert at.jobs.jobs == ()
    _until_asked(asked, qtbot, TRAIN)


def test_another_run_that_leads_on_stops_neither(at: MainWindow, asked: list[Process], qtbot: QtBot) -> None:
    _train(at)
    _until_asked(asked, qtbot, TRAIN)
    at.show_page("train")
    at.guide.open_best("run-1")
    _sees_the_best_pair(at, qtbot)
    assert [job.state for job in at.jobs.jobs] == ["running"]
    asked[0].end(Finished("done", ""))
    qtbot.waitUntil(lambda: at.jobs.jobs == ())
    _until_asked(asked, qtbot, TRAIN)


def test_after_start_the_keys_are_with_the_runs(at: MainWindow, qtbot: QtBot) -> None:
    at.show_page("train")
    training = at.training
    qtbot.waitUntil(lambda: training.form.order() is not None)
    with qtbot.waitSignal(training._new.run_started):
        qtbot.mouseClick(shown(at, QPushButton, "Start training"), _LEFT)
    qtbot.waitUntil(lambda: training.list.table.hasFocus())
