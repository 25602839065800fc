"""What is said while videos are added: failed ones first, one repaint for many news, and a list to copy at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QListView, QPlainTextEdit, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.theme import DARK, palette_of
from carl_gui.videos.imports import ImportProgressPanel, ImportsModel

_PATHS = [Path(f"/films/take {number}.mp4") for number in range(6)]
_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def model(qapp: object) -> ImportsModel:
    made = ImportsModel()
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.start(_PATHS)
    return made


@pytest.fixture
def panel(qtbot: QtBot) -> ImportProgressPanel:
    made = ImportProgressPanel()
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.start(_PATHS)
    return made


def _button(panel: ImportProgressPanel, text: str) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text() == text)


def _texts(panel: ImportProgressPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


def test_failed_files_come_first_then_those_at_work_and_the_done_last(model: ImportsModel) -> None:
    kept = [QPersistentModelIndex(model.index(place)) for place in range(6)]
    model.set_file(_PATHS[0], "done")
    model.set_file(_PATHS[3], "failed", sentence="It is empty.")
    model.set_file(_PATHS[4], "decoding", 12, 300)
    model.set_file(_PATHS[5], "checking")
    model.set_file(Path("/not/begun.mp4"), "failed")
    model.flush()
    shown = [model.rows[place].path for place in range(6)]
    assert shown == [_PATHS[number] for number in (3, 4, 5, 1, 2, 0)]
    assert [model.rows[index.row()].path for index in kept] == _PATHS
    spoken = [model.index(place).data(Qt.ItemDataRole.AccessibleTextRole) for place in range(6)]
    assert spoken[:3] == ["take 3.mp4: It is empty.", "take 4.mp4: decoding 12 / 300", "take 5.mp4: checking"]
    assert model.num_failed == 1
    model.set_file(_PATHS[3], "done")
    assert model.num_failed == 0


def test_much_news_is_one_repaint(qtbot: QtBot, qapp: object) -> None:
    model = ImportsModel()
    paths = [Path(f"/films/{number}.mp4") for number in range(10_000)]
    model.start(paths)
    told: list[str] = []
    model.dataChanged.connect(lambda *_: told.append("data"))
    model.layoutChanged.connect(lambda *_: told.append("layout"))
    for path in paths:
        model.set_file(path, "decoding", 1, 9)
        model.set_file(path, "done")
    assert told == []
    with qtbot.waitSignal(model.layoutChanged):
        pass
    model.set_file(paths[3], "done", 9, 9)
    with qtbot.waitSignal(model.dataChanged):
        pass
    assert told == ["layout", "data"]


def test_the_bar_counts_with_rate_and_time_to_go(panel: ImportProgressPanel) -> None:
    bar = panel.findChild(QProgressBar)
    assert _texts(panel) == ["Adding 6 videos"]
    assert bar.maximum() == 0, "nobody knows yet"
    panel.set_overall(1500, 6000, "frame", 412.4, 11)
    assert bar.value() / bar.maximum() == 0.25
    assert _texts(panel)[1] == "1\u202f500 of 6\u202f000 frames · 412/s · 11 s left"
    panel.set_file(_PATHS[1], "failed", sentence="No.")
    panel.set_overall(2, 6, "video", 0.51, 8000)
    assert _texts(panel)[1] == "2 of 6 videos · 0.5/s · about 2 h 13 min left · 1 failed"
    panel.set_overall(0, 0, "video", 0, 0)
    assert bar.maximum() == 0


def test_cancel_is_said_once_and_waits_for_the_end(qtbot: QtBot, panel: ImportProgressPanel) -> None:
    said: list[str] = []
    panel.cancel_requested.connect(lambda: said.append("cancel"))
    cancel = _button(panel, "Cancel")
    for _ in range(2):
        qtbot.mouseClick(cancel, _LEFT)
    assert said == ["cancel"]
    assert cancel.text() == "Stopping…"
    panel.set_ended("Stopped. Added 1 of 6 videos.")
    assert not cancel.isVisible()
    panel.start(_PATHS)
    assert (cancel.isVisible(), cancel.isEnabled(), cancel.text()) == (True, True, "Cancel")


def test_at_the_end_the_failed_stand_there_and_are_copied(qtbot: QtBot, panel: ImportProgressPanel) -> None:
    odd = Path("/films/b\udcff.mp4")
    panel.start([*_PATHS, odd])
    panel.set_file(_PATHS[2], "failed", sentence="It is empty (0 bytes).")
    panel.set_file(odd, "failed", sentence="/films/b\udcff.mp4 is no video.")
    panel.set_ended("Added 5 of 7 videos. 2 failed.")
    assert _texts(panel) == ["Added 5 of 7 videos. 2 failed."]
    text = panel.findChild(QPlainTextEdit)
    assert text.isVisible()
    assert text.toPlainText().splitlines()[:2] == ["/films/take 2.mp4", "It is empty (0 bytes)."]
    qtbot.mouseClick(_button(panel, "Copy list"), _LEFT)
    copied = "/films/take 2.mp4\tIt is empty (0 bytes).\n/films/b\ufffd.mp4\t/films/b\ufffd.mp4 is no video."
    assert QGuiApplication.clipboard().text() == copied
    with qtbot.waitSignal(panel.dismissed):
        qtbot.mouseClick(_button(panel, "Dismiss"), _LEFT)
    assert not panel.isVisible()


def test_without_failures_only_the_sentence_stays(panel: ImportProgressPanel) -> None:
    panel.set_ended("Added 6 videos.")
    assert not panel.findChild(QPlainTextEdit).isVisible()
    assert not panel.findChild(QListView).isVisible()
    assert [button.text() for button in panel.findChildren(QPushButton) if button.isVisible()] == ["Dismiss"]


def test_of_very_many_failures_the_list_holds_some_and_the_copy_all(panel: ImportProgressPanel) -> None:
    paths = [Path(f"/films/{number}.mp4") for number in range(3000)]
    panel.start(paths)
    for path in paths:
        panel.set_file(path, "failed", sentence="No.")
    panel.set_ended("Added none of 3000 videos.")
    assert "and 2\u202f000 more" in panel.findChild(QPlainTextEdit).toPlainText()
    assert len(panel.failures_text().splitlines()) == 3000


def test_every_state_is_drawn_and_long_names_widen_nothing(panel: ImportProgressPanel) -> None:
    paths = [Path("/films", "long name " * 20 + f"{number}.mp4") for number in range(5)]
    panel.start(paths)
    for path, state in zip(paths, ("waiting", "checking", "decoding", "done", "failed"), strict=True):
        panel.set_file(path, state, 3, 9, "Because of this. " * 20)
    panel.model.flush()
    panel.set_overall(1, 2, "frame", 1, 1)
    light = panel.grab().toImage()
    panel.setPalette(palette_of(DARK))
    assert panel.grab().toImage() != light
    panel.setPalette(QApplication.palette())
    panel.set_ended("Added some of them. " * 20)
    assert panel.minimumSizeHint().width() <= 420
