"""The window's tests: without a screen, with settings of their own; Qt's warnings and leaked widgets fail."""

from __future__ import annotations

import asyncio
import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.english import speak_english
from carl_gui.loop import end_loop, running_loop
from carl_gui.main_window import MainWindow
from carl_gui.tasks import finish_tasks
from core.base.events import Finished, StepDone
from core.learning.run_folder import RunFolder
from core.settings.config import Config
from tests.carl_gui.windows import close
from tests.children import children
from tests.core.project.projects import filled

os.environ["QT_QPA_PLATFORM"] = "offscreen"

_PATIENCE_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt's fails the test that caused it; a test that starts jobs is a journey."""
    for item in items:
        if "carl_gui" in item.path.parts:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))
            if "no_child_left" in getattr(item, "fixturenames", ()):
                item.add_marker("journey")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no failure: what comes is waited for longer than pytest-qt does."""
    for name in ("waitUntil", "waitSignal"):
        patient = functools.partialmethod(getattr(QtBot, name), timeout=_PATIENCE_MS)
        monkeypatch.setattr(QtBot, name, patient)


def step(number: int, loss: float) -> StepDone:
    """What a run says after a step."""
    return StepDone(0, number, 100, loss, 1e-3, 1.0, 10.0, 0.0, 0)


@pytest.fixture(autouse=True)
def _garbage_waits() -> Iterator[None]:
    """As in the program: no garbage is collected within a call of Qt's (`carl_gui.garbage`)."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _english(qapp: QApplication) -> None:
    """Panels without the window know the plurals too."""
    speak_english(qapp)


@pytest.fixture(scope="session")
def loop(qapp: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    """The one in which the window's coroutines run."""
    yield running_loop()
    end_loop()


@pytest.fixture(autouse=True)
def _no_task_left(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """What a test began has ended, or was cancelled with its owner."""
    yield
    assert finish_tasks(), "tasks outlive their test"
    assert not asyncio.all_tasks(loop)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A closed project of three videos, whose files are nowhere, and two phases."""
    with filled(tmp_path / "a 'project' 🏃") as project:
        return project.folder


@pytest.fixture
def runs(project_folder: Path) -> Path:
    """The project's runs: a finished one, one that broke off, and something else."""
    folder = project_folder / "runs"
    with RunFolder.create(folder / "a", Config(), []) as run:
        for number in range(1, 11):
            run.append(step(number, 10.0 / number))
        run.append(Finished("done", ""))
    with RunFolder.create(folder / "b", Config(), []) as run:
        run.append(step(1, 4.5))
    (folder / "notes").mkdir()
    return folder


@pytest.fixture(autouse=True)
def settings_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's window keeps what it remembers, and projects lie at first; never the person's own."""
    path = tmp_path / "settings" / "carl-gui.ini"
    monkeypatch.setenv("CARL_SETTINGS", str(path))
    monkeypatch.setenv("CARL_PROJECTS", str(tmp_path / "projects"))
    return path


@pytest.fixture
def settings(settings_path: Path) -> QSettings:
    """An empty memory."""
    return QSettings(str(settings_path), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot: QtBot, settings: QSettings) -> Iterator[MainWindow]:
    """The real window, shown; whatever it opened must be gone with it."""
    before = set(QApplication.allWidgets())
    made = MainWindow(settings)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    close(made)
    assert set(QApplication.allWidgets()) <= before, "widgets outlive their window"


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """Asked for by tests that start jobs."""
    yield
    assert children() == []
