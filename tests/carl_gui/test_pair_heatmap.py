"""The heatmap in the view of a pair: pictures of what is hovered, remembered colours, a video against itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.heatmap_look import HeatmapLookBox, Look
from carl_gui.explore.pair.lag_view import LagView
from carl_gui.widgets.editors import NameCombo
from core.align.repetition import repetition
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.pairs import numbers, paired_project, staged
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_video
from tests.conftest import number_of


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def view(stand: Stand, tmp_path: Path) -> PairView:
    """Both players open and the pair known."""
    made = staged(stand, paired_project(tmp_path))
    stand.qtbot.waitUntil(lambda: made.pair is not None and None not in numbers(made))
    return made


def _seen(view: PairView) -> tuple[int | None, int | None]:
    """The numbers in the pictures of what is hovered."""
    a, b = (None if one is None else number_of(_pixels(one)) for one in view.panel.heatmap._thumbnails)
    return a, b


def _pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def _hover(stand: Stand, view: PairView, a_frame: int, b_frame: int) -> None:
    stand.qtbot.waitUntil(lambda: view.panel.heatmap.is_sharp)
    for point in (QPoint(1, 1), view.panel.heatmap.spot(a_frame, b_frame).toPoint()):  # else it may be there already
        stand.qtbot.mouseMove(view.panel.heatmap, point)


def test_hovering_shows_both_frames(stand: Stand, view: PairView) -> None:
    for a_frame, b_frame in ((3, 20), (11, 0), (11, 9), (0, 23)):
        _hover(stand, view, a_frame, b_frame)
        stand.qtbot.waitUntil(lambda wanted=(13 + a_frame, 26 + b_frame): _seen(view) == wanted)
    stand.qtbot.mouseMove(view.panel.heatmap, QPoint(1, 1))
    assert _seen(view) == (None, None)


def test_frames_that_are_not_stored_come_from_the_file(
    stand: Stand, view: PairView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.video.frame_store.find_stored", lambda digest, path: None)
    _hover(stand, view, 4, 9)
    stand.qtbot.waitUntil(lambda: _seen(view) == (13 + 4, 26 + 9))


def test_a_file_that_is_gone_is_hovered_in_the_store_and_without_that_left_out(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = paired_project(tmp_path)
    (tmp_path / "films" / "film2.mp4").unlink()
    view = staged(stand, folder)
    stand.qtbot.waitUntil(lambda: view.pair is not None and numbers(view)[0] is not None)
    _hover(stand, view, 4, 9)
    stand.qtbot.waitUntil(lambda: _seen(view) == (13 + 4, 26 + 9))

    monkeypatch.setattr("core.video.frame_store.find_stored", lambda digest, path: None)
    _hover(stand, view, 5, 10)
    stand.qtbot.waitUntil(lambda: _seen(view) == (13 + 5, None))


def test_another_pair_forgets_what_was_hovered(stand: Stand, view: PairView) -> None:
    _hover(stand, view, 3, 20)
    stand.qtbot.waitUntil(lambda: _seen(view) == (13 + 3, 26 + 20))
    view.swap()
    assert _seen(view) == (None, None)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    _hover(stand, view, 20, 3)
    stand.qtbot.waitUntil(lambda: _seen(view) == (26 + 20, 13 + 3))


def test_colours_are_chosen_and_remembered(stand: Stand, view: PairView, qtbot: QtBot) -> None:
    heatmap = view.panel.heatmap
    qtbot.waitUntil(lambda: heatmap.is_sharp)
    before = heatmap.grab().toImage()
    for name, key in (("Colours of the heatmap", "gray"), ("Heatmap colour scale", "ranks")):
        combo = next(box for box in view.side.findChildren(NameCombo) if box.accessibleName() == name)
        row = next(row for row, choice in enumerate(combo._choices.rows) if choice.key == key)
        combo.setCurrentIndex(row)
        combo.activated.emit(row)
    assert view.heatmap.look == Look("gray", "ranks")
    heatmap.grab()
    qtbot.waitUntil(lambda: heatmap.is_sharp)
    after = _pixels(heatmap.grab().toImage())
    spot = heatmap.spot(6, 20).toPoint()
    assert len(set(after[spot.y(), spot.x()])) == 1, "grey"
    assert heatmap.grab().toImage() != before
    again = PairView(view.context)
    qtbot.addWidget(again.panel)
    qtbot.addWidget(again.side)
    assert again.heatmap.look == Look("gray", "ranks")
    again.close()


def test_setting_a_look_announces_nothing(qtbot: QtBot) -> None:
    box = HeatmapLookBox()
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.look_selected):
        box.set_look(Look("viridis", "of_b"))
    assert box.look == Look("viridis", "of_b")


@pytest.fixture
def jumper(stand: Stand, tmp_path: Path) -> PairView:
    """A film of 60 frames that does the same thing every 15 frames, and one that is done once."""
    films = [tiny_video(tmp_path / "films", f"film{n}.mp4", n, 60) for n in (1, 2)]
    project = new_project(tmp_path / "project", films, decodes=True)
    again = 1 - np.abs(1 - 2 * (np.arange(60) / 15 % 1))
    rows = [_smooth(again), _smooth(np.linspace(0, 1, 60))]
    embed_by_hand(project, "run-1", list(zip(films, rows, strict=True)))
    made = staged(stand, project)
    stand.qtbot.waitUntil(lambda: made.pair is not None)
    return made


def _smooth(moments: np.ndarray) -> np.ndarray:
    rows = np.exp(-((moments[:, None] - np.linspace(0, 1, 16)) ** 2) / 0.03).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_video_against_itself_says_how_it_repeats(stand: Stand, jumper: PairView, qtbot: QtBot) -> None:
    assert not jumper.panel.lags.isVisible()
    shown(jumper.side, QPushButton, "A with itself").click()
    qtbot.waitUntil(lambda: jumper.pair is not None and jumper.pair.is_self)
    assert jumper.chosen == (1, 1)
    lags = jumper.panel.lags
    assert lags.isVisible()
    assert not jumper.panel.strip.isVisible()
    assert lags.sentence == "Repeats about every 0.50 s."
    jumper.players.seek(7, 7)
    place = QPoint(round(lags.x_of(0.5)), lags.height() // 2)
    qtbot.mouseClick(lags, Qt.MouseButton.LeftButton, pos=place)
    assert jumper.players.frames == (7, 22), "one repetition later"
    lags.setFocus()
    qtbot.keyClick(lags, Qt.Key.Key_Right)
    assert jumper.players.frames == (7, 23)
    jumper.players.seek(55, 55)
    qtbot.mouseClick(lags, Qt.MouseButton.LeftButton, pos=place)
    assert jumper.players.frames == (44, 59), "A goes back where the video ends"
    jumper.choose(2, 2)
    qtbot.waitUntil(lambda: jumper.pair is not None)
    assert lags.sentence == "No repetition found."
    jumper.choose(1, 2)
    qtbot.waitUntil(lambda: jumper.pair is not None)
    assert jumper.panel.strip.isVisible()


@pytest.mark.parametrize("frames", [1, 2, 7, 300])
def test_the_profile_is_drawn_of_any_video(qtbot: QtBot, frames: int) -> None:
    lags = LagView()
    qtbot.addWidget(lags)
    lags.show()
    lags.grab()
    with qtbot.assertNotEmitted(lags.lag_selected):
        lags.set_repetition(repetition(course(np.linspace(0, 1, frames)), edges(frames)))
        lags.set_lag(0.5)
        for size in ((160, 84), (1500, 300)):
            lags.resize(*size)
            qtbot.mouseMove(lags, QPoint(lags.width() // 2, 50))
            lags.grab()
    assert lags.sentence == "No repetition found."
    with qtbot.waitSignal(lags.lag_selected):
        qtbot.mouseClick(lags, Qt.MouseButton.LeftButton, pos=QPoint(lags.width() // 2, 50))
