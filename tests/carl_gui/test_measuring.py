"""Lines and angles: drawn with the mouse, kept in the project, seen in their frame alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from carl_gui.videos.controller import LibraryController
from core.project.measures import Measure
from tests.carl_gui.projects import Stand, new_project, standing, tiny_video


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    film = tiny_video(tmp_path / "films", "film.mp4", 1, 12, size=(400, 200))
    folder = new_project(tmp_path / "project", [film], decodes=True)
    with standing(qtbot) as made:
        made.session.open(folder)
        yield made


@pytest.fixture
def library(qtbot: QtBot, stand: Stand) -> LibraryController:
    page = stand.stage(LibraryController)
    qtbot.waitUntil(page.player.commands["measure_line"].isEnabled)
    qtbot.waitUntil(lambda: page.player.view.image is not None)
    return page


def point_of(library: LibraryController, x: float, y: float) -> QPoint:
    target = library.player.view._target()
    return (target.topLeft() + QPointF(x * target.width(), y * target.height())).toPoint()


def click(qtbot: QtBot, library: LibraryController, *points: tuple[float, float]) -> None:
    for point in points:
        qtbot.mouseClick(library.player.view, Qt.MouseButton.LeftButton, pos=point_of(library, *point))


def measures(stand: Stand) -> list[Measure]:
    return stand.session.require().measures(1)


def texts(library: LibraryController) -> list[str]:
    return [one.text for one in library.player.view.measures]


def test_two_clicks_are_a_line_and_three_an_angle(qtbot: QtBot, stand: Stand, library: LibraryController) -> None:
    library.player.commands["measure_line"].trigger()
    click(qtbot, library, (0.25, 0.5), (0.75, 0.5))
    library.player.commands["measure_angle"].trigger()
    click(qtbot, library, (0.25, 0.5), (0.5, 0.5), (0.5, 0.1))
    line, angle = measures(stand)
    np.testing.assert_allclose(line.points, ((0.25, 0.5), (0.75, 0.5)), atol=0.01)
    np.testing.assert_allclose(angle.points, ((0.25, 0.5), (0.5, 0.5), (0.5, 0.1)), atol=0.01)
    assert abs(float(texts(library)[0].removesuffix(" px")) - 200) < 4
    assert abs(float(texts(library)[1].removesuffix("°")) - 90) < 2
    click(qtbot, library, (0.1, 0.1), (0.9, 0.9))
    assert len(measures(stand)) == 2, "nobody asked"


def test_a_line_is_drawn_by_dragging(qtbot: QtBot, stand: Stand, library: LibraryController) -> None:
    library.player.commands["measure_line"].trigger()
    view, start, end = library.player.view, point_of(library, 0.2, 0.2), point_of(library, 0.8, 0.6)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    (line,) = measures(stand)
    np.testing.assert_allclose(line.points, ((0.2, 0.2), (0.8, 0.6)), atol=0.02)


def test_escape_measures_nothing(qtbot: QtBot, stand: Stand, library: LibraryController) -> None:
    library.player.commands["measure_angle"].trigger()
    click(qtbot, library, (0.25, 0.5), (0.5, 0.5))
    qtbot.keyClick(library.player.view, Qt.Key.Key_Escape)
    click(qtbot, library, (0.5, 0.1))
    assert measures(stand) == []
    assert library.player.view._points == []


def test_it_is_seen_in_its_frame_alone_and_after_a_restart(
    qtbot: QtBot, stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    library.player.commands["measure_line"].trigger()
    click(qtbot, library, (0.25, 0.5), (0.75, 0.5))
    seen = texts(library)
    library.playback.seek(5)
    qtbot.waitUntil(lambda: library.playback.shown_frame_index == 5)
    assert texts(library) == []
    assert not library.player.commands["remove_measure"].isEnabled()
    library.playback.seek(0)
    qtbot.waitUntil(lambda: library.playback.shown_frame_index == 0)
    assert texts(library) == seen
    stand.session.close()
    stand.session.open(tmp_path / "project")
    qtbot.waitUntil(lambda: texts(library) == seen)


def test_a_length_that_is_typed_is_the_scale(qtbot: QtBot, stand: Stand, library: LibraryController) -> None:
    for end in (0.75, 0.5):
        library.player.commands["measure_line"].trigger()
        click(qtbot, library, (0.25, 0.5), (end, 0.5))
    library.player.commands["set_length"].trigger()
    (dialog,) = library.player.findChildren(QInputDialog)
    dialog.setTextValue("0,9 m")
    dialog.accept()
    assert texts(library)[1] == "0.9 m"
    assert abs(float(texts(library)[0].removesuffix(" m")) - 1.8) < 0.05
    library.player.commands["set_length"].trigger()
    dialog = next(one for one in library.player.findChildren(QInputDialog) if one.isVisible())
    assert dialog.textValue() == "0.9 m"
    dialog.setTextValue("long")
    dialog.accept()
    assert texts(library)[1] == "0.9 m"


def test_the_last_one_and_all_can_be_removed_and_come_back(
    qtbot: QtBot, stand: Stand, library: LibraryController
) -> None:
    for end in (0.75, 0.5, 0.4):
        library.player.commands["measure_line"].trigger()
        click(qtbot, library, (0.25, 0.5), (end, 0.5))
    all_texts = texts(library)
    library.player.commands["remove_measure"].trigger()
    assert texts(library) == all_texts[:2]
    library.player.commands["clear_measures"].trigger()
    assert texts(library) == []
    stand.session.undo()
    stand.session.undo()
    assert texts(library) == all_texts
