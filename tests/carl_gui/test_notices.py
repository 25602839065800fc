"""What is said of jobs outside their page: the chip in the status line, and the word to one who looks elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from carl_gui.job_control.status import StatusController
from carl_gui.jobs import Jobs
from carl_gui.main_window import MainWindow
from core.base.events import Failed, Finished, Notice, Progress, StepDone
from tests.carl_gui.windows import open_project
from training.queue import JobOrder, QueuedJob


class _Jobs(Jobs):
    """Jobs whose life is told here; nothing is started."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[QueuedJob] = []

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        return tuple(self.listed)

    def begin(self, kind: str, name: str, state: str = "running") -> QueuedJob:
        job = QueuedJob(len(self.listed), JobOrder(kind, name, (), "cpu"), state)
        self.listed.append(job)
        self.changed.emit()
        return job

    def end(self, job: QueuedJob, ending: Finished | Failed) -> None:
        self.listed.remove(job)
        self.finished.emit(job, ending)
        self.changed.emit()


def _step(number: int, total: int, eta_seconds: float) -> StepDone:
    return StepDone(0, number, total, 1.0, 1e-3, 1.0, 10.0, eta_seconds, 0)


@pytest.fixture
def jobs() -> _Jobs:
    return _Jobs()


@pytest.fixture
def status(qtbot: QtBot, jobs: _Jobs) -> StatusController:
    frame = QMainWindow()
    qtbot.addWidget(frame)
    frame.resize(900, 200)
    with qtbot.waitActive(frame):
        frame.show()
        frame.activateWindow()
    made = StatusController(frame, jobs)
    made.frame = frame
    return made


def test_the_chip_shows_what_goes_on_and_hides(status: StatusController, jobs: _Jobs) -> None:
    assert not status.chip.isVisible()
    job = jobs.begin("train", "first")
    assert (status.chip.isVisible(), status.chip.text()) == (True, "Training first")
    jobs.event_received.emit(job, _step(25, 100, 90.0))
    assert status.chip.text() == "Training first 25 % · 2 min"
    jobs.event_received.emit(job, Notice("something"))
    assert status.chip.text() == "Training first 25 % · 2 min"
    waiting = jobs.begin("train", "second", "waiting")
    assert status.chip.text() == "Training first 25 % (+1 waiting)"
    job.state = "paused"
    jobs.changed.emit()
    assert status.chip.text() == "Training first 25 % · paused (+1 waiting)"
    jobs.end(job, Finished("stopped", ""))
    assert status.chip.text() == "Training second · waiting"
    jobs.end(waiting, Finished("stopped", ""))
    assert not status.chip.isVisible()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("train", "Training x 🏃"),
        ("embed", "Embedding with x 🏃"),
        ("import", "Importing videos"),
        ("sample", "Drawing the sample"),
        ("something new", "x 🏃"),
    ],
)
def test_every_job_has_a_title(status: StatusController, jobs: _Jobs, kind: str, text: str) -> None:
    job = jobs.begin(kind, "x 🏃")
    assert status.chip.text() == text
    jobs.event_received.emit(job, Progress("a", 1, 0, "frame", 0.0, 0.0))
    assert status.chip.text().startswith(text)


@pytest.mark.parametrize(("kind", "page"), [("train", "train"), ("embed", "train"), ("import", "videos")])
def test_a_click_leads_to_the_page(status: StatusController, jobs: _Jobs, qtbot: QtBot, kind: str, page: str) -> None:
    jobs.begin(kind, "x")
    with qtbot.waitSignal(status.page_requested) as wanted:
        qtbot.mouseClick(status.chip, Qt.MouseButton.LeftButton)
    assert wanted.args == [page]


def test_a_click_while_no_project_is_open_leads_nowhere(window: MainWindow, project_folder: Path) -> None:
    window.status.page_requested.emit("videos")
    assert window.page_id == ""
    open_project(window, project_folder)
    window.status.page_requested.emit("train")
    assert window.page_id == "train"


def test_one_who_looks_is_told_nothing(status: StatusController, jobs: _Jobs) -> None:
    assert QApplication.activeWindow() is status.frame
    jobs.end(jobs.begin("train", "x"), Finished("done", ""))
    jobs.end(jobs.begin("train", "x"), Failed("It broke.", is_bug=False))
    assert status.notices.sent == []


def test_one_who_looks_at_a_dialog_of_ours_is_told_nothing_either(
    status: StatusController, jobs: _Jobs, qtbot: QtBot
) -> None:
    dialog = QMainWindow(status.frame)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    jobs.end(jobs.begin("train", "x"), Finished("done", ""))
    assert status.notices.sent == []


@pytest.fixture
def away(status: StatusController, qtbot: QtBot) -> StatusController:
    """The person looks elsewhere."""
    status.frame.hide()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is None)
    return status


def test_one_who_looks_elsewhere_is_told_how_it_ended(away: StatusController, jobs: _Jobs) -> None:
    jobs.end(jobs.begin("train", "x"), Finished("done", "path"))
    jobs.end(jobs.begin("embed", "x"), Failed("Memory ran out.", is_bug=False))
    assert away.notices.sent == [
        ("Training x: done", "Finished."),
        ("Embedding with x: failed", "Memory ran out."),
    ]


def test_what_was_stopped_and_the_sample_need_no_word(away: StatusController, jobs: _Jobs) -> None:
    jobs.end(jobs.begin("train", "x"), Finished("stopped", ""))
    jobs.end(jobs.begin("sample", "x"), Finished("done", ""))
    assert away.notices.sent == []


class _Tray(QObject):
    """The system's icons and messages, where there are any."""

    messageClicked, activated = Signal(), Signal()  # noqa: N815
    supported = True
    made: ClassVar[list[_Tray]] = []

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        self.is_shown, self.tip, self.messages = False, "", list[tuple[str, str]]()
        self.made.append(self)

    @classmethod
    def isSystemTrayAvailable(cls) -> bool:  # noqa: N802
        return True

    @classmethod
    def supportsMessages(cls) -> bool:  # noqa: N802
        return cls.supported

    def setToolTip(self, tip: str) -> None:  # noqa: N802
        self.tip = tip

    def show(self) -> None:
        self.is_shown = True

    def hide(self) -> None:
        self.is_shown = False

    def showMessage(self, title: str, text: str, *_: object) -> None:  # noqa: N802
        assert self.is_shown, "a message needs an icon to come from"
        self.messages.append((title, text))


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> type[_Tray]:
    monkeypatch.setattr("carl_gui.job_control.status.QSystemTrayIcon", _Tray)
    monkeypatch.setattr(_Tray, "made", [])
    monkeypatch.setattr(_Tray, "supported", True)
    return _Tray


def test_the_system_s_notice_leads_back_and_is_taken_away(
    away: StatusController, jobs: _Jobs, tray: type[_Tray]
) -> None:
    away.frame.setWindowTitle("A project – CARL Studio[*]")
    for _ in range(2):
        jobs.end(jobs.begin("train", "x"), Finished("done", ""))
    (icon,) = tray.made
    assert icon.messages == [("Training x: done", "Finished.")] * 2
    assert "[*]" not in icon.tip
    icon.messageClicked.emit()
    assert away.frame.isVisible()
    away.notices.clear()
    assert not icon.is_shown


def test_a_maximised_window_is_shown_maximised_again(
    away: StatusController, jobs: _Jobs, tray: type[_Tray], qtbot: QtBot
) -> None:
    jobs.end(jobs.begin("train", "x"), Finished("done", ""))
    away.frame.setWindowState(Qt.WindowState.WindowMaximized | Qt.WindowState.WindowMinimized)
    tray.made[0].activated.emit()
    assert away.frame.isVisible()
    assert away.frame.windowState() & Qt.WindowState.WindowMaximized
    assert not away.frame.isMinimized()


def test_a_system_without_notices_is_no_trouble(away: StatusController, jobs: _Jobs, tray: type[_Tray]) -> None:
    tray.supported = False
    jobs.end(jobs.begin("train", "x"), Finished("done", ""))
    assert (tray.made, len(away.notices.sent)) == ([], 1)
    away.notices.clear()
