"""Commands that several pages have, such as those of a player, are told to the page that is seen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.steps import STEPS
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project


def test_there_are_five_steps_in_order(window: MainWindow, project_folder: Path, qtbot: QtBot) -> None:
    assert [step.id for step in STEPS] == ["videos", "train", "explore", "label", "export"]
    open_project(window, project_folder)
    for number, step in enumerate(STEPS, 1):
        qtbot.keyClick(window, Qt.Key(ord(str(number))), Qt.KeyboardModifier.AltModifier)
        assert window.page_id == step.id
    titles = [entry.text() for entry in window.menuBar().actions()]
    assert [title for title in ("E&xplore", "&Label", "Expor&t") if title in titles] == [
        "E&xplore",
        "&Label",
        "Expor&t",
    ]


def test_play_plays_what_is_seen_by_the_keys_that_were_chosen(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    folder = new_project(tmp_path / "p", tiny_videos(tmp_path / "films", 2, 60), decodes=True)
    open_project(window, folder)
    window.show_page("label")
    playback = window.page("label").playback
    qtbot.waitUntil(lambda: window.page("label").panel.player.view.image is not None)
    actions = window.commands.actions
    actions["play.play"].trigger()
    assert (playback.rate, window.library.playback.rate) == (1.0, 0.0)
    actions["play.play"].trigger()
    window.commands.choose_keys("play.play", QKeySequence("Ctrl+Y"))
    window.show_page("videos")
    qtbot.waitUntil(lambda: window.library.player.view.image is not None)
    keys = [action.shortcut().toString() for action in (actions["play.play"], window.library.player.commands["play"])]
    assert keys == ["Ctrl+Y", "Ctrl+Y"]
    actions["play.play"].trigger()
    assert (playback.rate, window.library.playback.rate) == (0.0, 1.0)
    window.library.playback.shuttle(0)
    window.commands.reset_keys("play.play")
    window.show_page("label")
    assert [key.toString() for key in actions["play.play"].shortcuts()] == ["Space"]


def test_a_number_that_is_typed_is_no_label(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    open_project(window, new_project(tmp_path / "p", tiny_videos(tmp_path / "films", 1), decodes=True))
    window.show_page("label")
    page = window.page("label")
    qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    page.panel.player.findChild(QLineEdit).parent().edit()
    field = page.panel.player.findChild(QLineEdit)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "1")
    assert field.text() == "1"
    assert "Mark frames" not in page.panel.line
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.playback.frame_index == 1
