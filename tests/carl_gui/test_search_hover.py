"""A hit under the mouse plays the second around it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.search import pictures as search_hover
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.hits import Hit
from carl_gui.explore.search.pictures import stretch_around
from carl_gui.models.scene import FrameRef, VideoRange
from tests.carl_gui.projects import Stand, standing
from tests.carl_gui.searches import searched_project
from tests.conftest import number_of


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def view(stand: Stand, tmp_path: Path) -> SearchView:
    """With frames that were chosen: one in the middle of a video, one at its start, one of another video."""
    stand.session.open(searched_project(tmp_path))
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("search")
    stand.qtbot.waitUntil(lambda: page.context.embedded is not None)
    page.context.moments_requested.emit([FrameRef(3, 45), FrameRef(1, 0), FrameRef(2, 39)], "Chosen")
    return page.views["search"]


def _number(image: QImage) -> int:
    pixels = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), pixels.bytesPerLine())
    return number_of(rows[:, : 3 * pixels.width()].reshape(pixels.height(), pixels.width(), 3))


def _leave(view: SearchView) -> None:
    QApplication.sendEvent(view.panel.hits, QEvent(QEvent.Type.Leave))


@pytest.mark.parametrize(("row", "first", "last"), [(0, 39 + 30, 39 + 60), (1, 13, 13 + 15), (2, 26 + 24, 26 + 39)])
def test_it_plays_half_a_second_on_either_side(
    stand: Stand, view: SearchView, monkeypatch: pytest.MonkeyPatch, row: int, first: int, last: int
) -> None:
    now = [0.0]
    hover = view.pictures.hover
    hover._clock = lambda: now[0]
    seen: list[int] = []
    hover.frame_ready.connect(lambda at, image: seen.append(_number(image)) if at == row else seen.append(-1))
    stand.qtbot.mouseMove(view.panel.hits.viewport(), view.panel.hits.center_of(row))
    stand.qtbot.waitUntil(lambda: len(seen) > 0)
    for _ in range(2 * (last - first + 1)):
        before = len(seen)
        now[0] += 1 / 30
        stand.qtbot.waitUntil(lambda before=before: len(seen) > before)
    assert set(seen) == set(range(first, last + 1)), "all of it, again and again"
    assert seen[: last - first + 1] == list(range(first, last + 1)), "in order"


def test_it_stops_when_the_mouse_leaves(stand: Stand, view: SearchView) -> None:
    hits, model = view.panel.hits, view.panel.model
    stand.qtbot.waitUntil(lambda: model.picture(0) is not None)
    own = model.picture(0).toImage()
    stand.qtbot.mouseMove(hits.viewport(), hits.center_of(0))
    stand.qtbot.waitUntil(lambda: model.picture(0).toImage() != own)
    _leave(view)
    assert view.pictures.hover.row == -1
    assert model.picture(0).toImage() == own
    assert view.pictures.hover._reader is None
    stand.qtbot.mouseMove(hits.viewport(), hits.center_of(1))
    assert view.pictures.hover.row == 1
    stand.qtbot.mouseMove(hits.viewport(), QPoint(hits.viewport().width() - 1, hits.viewport().height() - 1))
    assert view.pictures.hover.row == -1, "beside the hits"


def test_the_mouse_that_only_passes_opens_nothing(
    stand: Stand, view: SearchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    real = search_hover.LatestFrameReader
    monkeypatch.setattr(search_hover, "LatestFrameReader", lambda *given: opened.append(1) or real(*given))
    for row in (0, 1, 0, 2):
        stand.qtbot.mouseMove(view.panel.hits.viewport(), view.panel.hits.center_of(row))
    assert opened == []
    stand.qtbot.waitUntil(lambda: opened == [1])


def test_space_plays_the_chosen_hit_and_another_view_ends_it(stand: Stand, view: SearchView) -> None:
    hits = view.panel.hits
    hits.setCurrentIndex(view.panel.model.index(2))
    hits.setFocus()
    stand.qtbot.keyClick(hits, Qt.Key.Key_Space)
    assert view.pictures.hover.row == 2
    stand.qtbot.keyClick(hits, Qt.Key.Key_Space)
    assert view.pictures.hover.row == -1
    stand.qtbot.keyClick(hits, Qt.Key.Key_Space)
    view.pause()
    assert view.pictures.hover.row == -1


def test_a_video_whose_frames_are_gone_plays_from_its_file(
    stand: Stand, view: SearchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.video.frame_store.find_stored", lambda *_: None)
    seen: list[int] = []
    view.pictures.hover.frame_ready.connect(lambda row, image: seen.append(_number(image)))
    stand.qtbot.mouseMove(view.panel.hits.viewport(), view.panel.hits.center_of(0))
    stand.qtbot.waitUntil(lambda: len(seen) > 1)
    assert set(seen) <= set(range(39 + 30, 39 + 61))


def test_a_span_is_played_as_a_whole() -> None:
    edges = np.arange(200) / 30
    assert stretch_around(Hit(VideoRange(1, 20, 90), 0.0, 0.0, 1.0), edges) == range(20, 90)
    assert stretch_around(Hit(VideoRange(1, 60, 61), 0.0, 0.0, 1.0), edges) == range(45, 76)
    uneven = np.array([0.0, 0.4, 0.6, 5.0, 5.5, 6.0])
    assert stretch_around(Hit(VideoRange(1, 3, 4), 0.0, 0.0, 1.0), uneven) == range(3, 5)
