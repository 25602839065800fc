"""The sample as a person meets it: drawn on the start page, cancelled, refused by the disk, opened again."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from tests.carl_gui.windows import box_of, dialogs, open_project, press
from tests.core.project.projects import filled


def _labels(window: MainWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


def test_the_sample_is_drawn_on_the_start_page_once_and_can_be_cancelled(
    window: MainWindow, project_folder: Path, qtbot: QtBot, no_child_left: None
) -> None:
    open_project(window, project_folder)
    window.commands.actions["file.sample"].trigger()
    assert (window.session.project, window.page_id) == (None, ""), "its progress is on the start page"
    assert "Drawing the sample…" in _labels(window)
    window.commands.actions["file.sample"].trigger()
    assert len(window.jobs.jobs) == 1
    qtbot.mouseClick(window.status.chip, Qt.MouseButton.LeftButton)
    assert window.page_id == ""
    (cancel,) = [one for one in window.findChildren(QPushButton) if one.text() == "Cancel" and one.isVisible()]
    cancel.click()
    qtbot.waitUntil(lambda: not window.jobs.jobs, timeout=60_000)
    qtbot.waitUntil(lambda: "Drawing the sample…" not in _labels(window))  # a turn of the loop later
    assert dialogs(window, QMessageBox) == []
    assert window.session.project is None


def test_another_project_is_opened_while_the_sample_is_drawn(
    window: MainWindow, project_folder: Path, qtbot: QtBot, no_child_left: None
) -> None:
    window.projects.try_sample()
    window.projects.open(project_folder)
    assert dialogs(window, QMessageBox) == [], "it can be drawn again at any time"
    qtbot.waitUntil(lambda: window.session.has(project_folder), timeout=60_000)


def test_a_sample_that_cannot_be_drawn_says_why(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, no_child_left: None
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CARL_PROJECTS", str(tmp_path / "file"))
    window.projects.try_sample()
    qtbot.waitUntil(lambda: bool(dialogs(window, QMessageBox)), timeout=60_000)
    assert box_of(window).windowTitle() == "The sample cannot be drawn"
    assert str(tmp_path / "file") in box_of(window).text()
    press(box_of(window), "OK")
    assert window.session.project is None


@pytest.mark.parametrize(("left", "name"), [([], "Sample"), (["videos"], "Sample"), (["mine"], "Sample-2")])
def test_the_sample_takes_no_folder_of_the_person_s(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: list[str], name: str
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(window.projects, "make_sample", made.append)
    for entry in left:
        (tmp_path / "projects" / "Sample" / entry).mkdir(parents=True)
    window.projects.try_sample()
    assert made == [tmp_path / "projects" / name]


def test_a_sample_that_is_there_is_opened(window: MainWindow, tmp_path: Path) -> None:
    filled(tmp_path / "projects" / "Sample").close()
    window.projects.try_sample()
    assert window.session.has(tmp_path / "projects" / "Sample")
    assert window.jobs.jobs == ()
