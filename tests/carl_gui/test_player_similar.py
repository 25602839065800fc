"""Asking a player for similar frames and spans: by keys, by the menu on the picture, marked on the bar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.player.player import PlayerPanel
from carl_gui.videos.controller import LibraryController
from core.base.types import VideoMeta
from tests.carl_gui.projects import new_project, standing, tiny_videos
from tests.carl_gui.windows import settle

_META = VideoMeta(64, 48, 100, 0, 25.0, 0.0, 4.0, 0, "h264")


@pytest.fixture
def panel(qtbot: QtBot) -> PlayerPanel:
    made = PlayerPanel()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.set_video("film.mp4", _META, np.arange(100) / 25, is_previewed=False)
    made.show()
    made.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    return made


@pytest.fixture
def wanted(panel: PlayerPanel) -> list[tuple[int, int]]:
    said: list[tuple[int, int]] = []
    panel.similar_requested.connect(lambda *span: said.append(span))
    return said


def test_keys_ask_for_the_frame_and_for_the_span(
    panel: PlayerPanel, wanted: list[tuple[int, int]], qtbot: QtBot
) -> None:
    panel.set_frame_index(17)
    qtbot.keyClick(panel.view, Qt.Key.Key_F)
    qtbot.keyClick(panel.view, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert wanted == [(17, 18)], "no span is marked"
    qtbot.keyClick(panel.view, Qt.Key.Key_BracketLeft)
    panel.set_frame_index(30)
    assert panel._bar.span == (17, 31), "up to what is shown"
    qtbot.keyClick(panel.view, Qt.Key.Key_BracketRight)
    panel.set_frame_index(80)
    assert panel._bar.span == (17, 31)
    qtbot.keyClick(panel.view, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert wanted == [(17, 18), (17, 31)]
    panel.commands["forget_span"].trigger()
    assert panel._bar.span is None
    assert not panel.commands["find_span"].isEnabled()


def test_the_end_may_be_marked_before_the_start(panel: PlayerPanel, wanted: list[tuple[int, int]]) -> None:
    for place, name in ((9, "mark_start"), (4, "mark_end")):
        panel.set_frame_index(place)
        panel.commands[name].trigger()
    panel.commands["find_span"].trigger()
    assert wanted == [(4, 10)]


def test_the_marks_are_drawn(panel: PlayerPanel) -> None:
    before = panel._bar.grab().toImage()
    panel.set_frame_index(50)
    panel.commands["mark_start"].trigger()
    panel.set_frame_index(0)
    panel.commands["mark_end"].trigger()
    picture = panel._bar.grab().toImage()
    spot = QPoint(round(panel._bar.x_of(50)), panel._bar.height() // 2 - 6)
    assert picture.pixelColor(spot) != before.pixelColor(spot)


def test_another_video_has_no_marks(panel: PlayerPanel, wanted: list[tuple[int, int]]) -> None:
    panel.set_frame_index(20)
    panel.commands["mark_start"].trigger()
    panel.set_video("other.mp4", _META, np.arange(100) / 25, is_previewed=False)
    assert panel.marked is None
    panel.set_no_video()
    panel.commands["find_similar"].trigger()
    assert wanted == [], "there is no frame"


def test_the_picture_has_a_menu(panel: PlayerPanel, wanted: list[tuple[int, int]], qtbot: QtBot) -> None:
    panel.set_frame_index(3)
    panel.view.customContextMenuRequested.emit(QPoint(20, 20))
    (menu,) = panel.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert panel.commands["find_similar"] in menu.actions()
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(panel.commands["find_similar"]).center())
    assert wanted == [(3, 4)]
    settle()


def test_videos_and_label_search_for_what_their_players_show(qtbot: QtBot, tmp_path: Path) -> None:
    folder = new_project(tmp_path / "p", tiny_videos(tmp_path, 2), decodes=True)
    with standing(qtbot) as stand:
        stand.session.open(folder)
        library = stand.stage(LibraryController)
        qtbot.waitUntil(lambda: library.shown.id == 1 and library.player.commands["find_similar"].isEnabled())
        library.playback.seek(5)
        library.player.commands["find_similar"].trigger()
        assert stand.searched == [VideoRange(1, 5, 6)]
    with standing(qtbot) as stand:
        stand.session.open(folder)
        label = stand.stage(LabelController)
        label.choose(2)
        player = label.panel.player
        qtbot.waitUntil(player.commands["find_similar"].isEnabled)
        label.playback.seek(2)
        player.commands["mark_start"].trigger()
        label.playback.seek(7)
        player.commands["find_span"].trigger()
        assert stand.searched == [VideoRange(2, 2, 8)]


def test_a_frame_of_any_video_is_shown_among_the_videos(qtbot: QtBot, tmp_path: Path) -> None:
    folder = new_project(tmp_path / "p", tiny_videos(tmp_path, 2), decodes=True)
    with standing(qtbot) as stand:
        stand.session.open(folder)
        library = stand.stage(LibraryController)
        qtbot.waitUntil(lambda: library.shown.id == 1 and library.player.commands["find_similar"].isEnabled())
        for moment in (FrameRef(2, 7), FrameRef(2, 3)):
            library.show_frame(moment)
            assert library.panel.chosen == 2
            qtbot.waitUntil(
                lambda moment=moment: library.shown.id == 2 and library.playback.frame_index == moment.frame
            )
        library.show_frame(FrameRef(9, 0))
        assert library.shown.id == 2, "that one is gone"
