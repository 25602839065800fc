"""The window's tests: without a screen, with settings of their own; Qt's warnings and leaked widgets fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from core.config import Config
from core.events import Finished, StepDone
from core.run_folder import RunFolder

os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt's fails the test that caused it."""
    for item in items:
        if "carl_gui" in item.path.parts:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


def step(number: int, loss: float) -> StepDone:
    """What a run says after a step."""
    return StepDone(0, number, 100, loss, 1e-3, 1.0, 10.0, 0.0, 0)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with a finished run, one that broke off, and something else."""
    folder = tmp_path / "runs"
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
    """Where this test's window keeps what it remembers; never the person's own."""
    path = tmp_path / "settings" / "carl-gui.ini"
    monkeypatch.setenv("CARL_SETTINGS", str(path))
    return path


@pytest.fixture
def settings(settings_path: Path) -> QSettings:
    """An empty memory."""
    return QSettings(str(settings_path), QSettings.Format.IniFormat)


def close(window: MainWindow) -> None:
    """As the program ends it."""
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


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
