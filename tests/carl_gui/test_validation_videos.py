"""Videos that a person sets to Validation are not learned from, unless the person says so: in the real window."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.train.fields import VideosCombo
from core.project.video_edits import SetSplit
from tests.carl_gui.projects import new_project, shown, tiny_videos
from tests.carl_gui.windows import open_project
from training.queue import JobOrder, JobQueue
from training.run import Run


def _start_nothing(order: JobOrder) -> NoReturn:
    raise OSError("this test starts no child")


def _started(window: MainWindow, qtbot: QtBot) -> Run:
    """The run that Start makes of the form as it stands."""
    with qtbot.waitSignal(window.training._new.run_started) as made:
        qtbot.mouseClick(shown(window, QPushButton, "Start training"), Qt.MouseButton.LeftButton)
    return Run.open(window.session.require().runs / made.args[0])


def _lines(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.training.form.findChildren(QLabel) if label.isVisible())


def test_two_videos_set_to_validation_are_kept_for_checking(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    films = tiny_videos(tmp_path / "films", 4)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    window.jobs._queue = JobQueue(start=_start_nothing)
    window.session.do(SetSplit((1, 3), "val"))
    window.show_page("train")
    form = window.training.form
    qtbot.waitUntil(lambda: form.order() is not None)
    assert "2 Validation videos kept for checking." in _lines(window).replace("\u200b", "")
    run = _started(window, qtbot)
    assert run.files.videos() == [films[1], films[3]]
    assert run.files.validation() == [films[0], films[2]]
    qtbot.waitUntil(lambda: form.order() is not None and form.order().name != run.files.folder.name)
    combo = form.findChild(VideosCombo)
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert "Includes the Validation videos, so none remain for checking." in _lines(window).replace("\u200b", "")
    run = _started(window, qtbot)
    assert (run.files.videos(), run.files.validation()) == (films, [])
