"""The frame: pages, layout, status line; and it ends cleanly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.device import DeviceQuestion
from carl_gui.main_window import MainWindow, Page
from tests.conftest import VideoWriter

_LAUNCHES = 20
_LAUNCH = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from carl_gui.app import main
app = QApplication([])
QTimer.singleShot(int(sys.argv[1]), app.quit)
sys.exit(main([sys.argv[2]]))
"""


def test_a_page_alone_is_no_choice_and_more_are(window: MainWindow, qtbot: QtBot) -> None:
    steps = window.findChild(QToolBar, "steps")
    assert not steps.isVisible()
    window.add_page(Page("more", "&More", QLabel("more")))
    assert steps.isVisible()
    assert [action.text() for action in steps.actions()] == ["R&uns", "&More"]
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.centralWidget().currentWidget() is window.pages[1].widget
    assert [action.isChecked() for action in steps.actions()] == [False, True]
    window.commands.actions["view.page_runs"].trigger()
    assert window.centralWidget().currentWidget() is window.pages[0].widget
    assert [entry.text() for entry in window.menuBar().actions()] == ["&File", "&Run", "&View", "&Help"]


def test_a_video_opens_on_a_page_of_its_own_with_its_commands(
    window: MainWindow, write_video: VideoWriter, qtbot: QtBot
) -> None:
    assert "play.play" not in window.commands.actions, "no video, no commands for one"
    window.open_video(write_video("a.mp4", 12))
    assert [page.id for page in window.pages] == ["runs", "video"]
    panel = window.centralWidget().currentWidget()
    qtbot.waitUntil(lambda: panel.commands["frame_on"].isEnabled())
    assert [entry.text() for entry in window.menuBar().actions()] == ["&File", "&Run", "&Play", "&View", "&Help"]
    panel.setFocus()
    qtbot.keyClick(panel, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: window._playback.place == 11)
    window.commands.actions["play.first_frame"].trigger()
    qtbot.waitUntil(lambda: window._playback.place == 0)
    window.open_video(write_video("b.mp4", 5))
    assert len(window.pages) == 2


def test_layout_and_theme_survive_a_restart_and_reset(window: MainWindow, settings: QSettings, qtbot: QtBot) -> None:
    first = (window.size(), window.findChild(QSplitter).sizes())
    window.resize(640, 480)
    window.findChild(QSplitter).setSizes([500, 100])
    window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, window.findChild(QToolBar, "tools"))
    window.wear("dark")
    QApplication.processEvents()
    left = (window.size(), window.findChild(QSplitter).sizes())
    assert left[0] != first[0]
    window.close()
    again = MainWindow(QSettings(settings.fileName(), QSettings.Format.IniFormat))
    qtbot.addWidget(again)
    again.show()
    QApplication.processEvents()
    assert (again.size(), again.findChild(QSplitter).sizes()) == left
    assert again.toolBarArea(again.findChild(QToolBar, "tools")) == Qt.ToolBarArea.BottomToolBarArea
    assert again.commands.actions["view.theme_dark"].isChecked()
    again.commands.actions["view.reset_layout"].trigger()
    QApplication.processEvents()
    assert (again.size(), again.findChild(QSplitter).sizes()) == first
    assert again.toolBarArea(again.findChild(QToolBar, "tools")) == Qt.ToolBarArea.TopToolBarArea


def test_a_damaged_settings_file_gives_the_first_layout(settings_path: Path, qtbot: QtBot) -> None:
    settings_path.parent.mkdir()
    settings_path.write_text("theme=pink\n[layout]\ngeometry=@ByteArray(nonsense)\nstate=7\n", encoding="utf-8")
    window = MainWindow(QSettings(str(settings_path), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    assert window.commands.actions["view.theme_system"].isChecked()
    assert window.width() > 400


def test_every_control_is_reached_by_tab_and_has_a_name(window: MainWindow, runs: Path, qtbot: QtBot) -> None:
    window.runs.open_folder(runs)
    for show in (lambda: None, window.edit_shortcuts, window.show_shortcuts):
        show()
        QApplication.processEvents()
        top = QApplication.activeModalWidget() or window
        reached, at = [], top.nextInFocusChain()
        while at is not top:
            if at.isVisible() and at.isEnabled() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
                reached.append(at)
            at = at.nextInFocusChain()
        assert len(reached) > 2
        nameless = [(widget, widget.parent()) for widget in reached if not _name(widget)]
        assert nameless == []
        if top is not window:
            top.close()


def _name(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    return str(told.text(QAccessible.Text.Name)) if told else ""


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print('some noise'); print('GPU 7 (torch finds this GPU)')", "GPU 7 (torch finds this GPU)"),
        ("print('half an answer'); raise SystemExit(3)", "unknown"),
        ("pass", "unknown"),
    ],
)
def test_the_status_line_says_what_the_child_says(window: MainWindow, qtbot: QtBot, code: str, shown: str) -> None:
    question = window.findChild(DeviceQuestion)
    with qtbot.waitSignal(window.device_answered):
        question.ask((sys.executable, "-c", code))
    assert window.device_line() == f"Training will use: {shown}"


def test_a_child_that_cannot_start_leaves_the_device_unknown(window: MainWindow, qtbot: QtBot) -> None:
    window.findChild(DeviceQuestion).ask(("no-such-program",))
    qtbot.waitUntil(lambda: window.device_line() == "Training will use: unknown")


def test_the_question_for_the_device_is_a_child_that_ends_with_the_window(window: MainWindow) -> None:
    window.ask_device()
    assert window.device_line() == "Training will use: looking…"
    window.close()
    assert window.findChild(DeviceQuestion).findChildren(object)[0].state().name == "NotRunning"


def test_a_window_that_is_closed_at_once_begins_nothing(qtbot: QtBot, settings: QSettings) -> None:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    with qtbot.assertNotEmitted(window.painted, wait=20):
        window.show()
        window.grab()
        window.close()


def test_the_window_is_launched_and_left_many_times_with_0_and_without_a_word(runs: Path, tmp_path: Path) -> None:
    for number in range(_LAUNCHES):
        folder = tmp_path if number % 4 else runs  # a plot takes as long again as all the rest
        words = [sys.executable, "-c", _LAUNCH, str(number * 15), str(folder)]
        ended = subprocess.run(words, check=False, capture_output=True, text=True)
        said = [line for line in ended.stderr.splitlines() if "This plugin does not support" not in line]
        assert (ended.returncode, ended.stdout, said) == (0, "", []), number
