"""Labels drawn beside each other with the mouse: they touch, none stretches, and nothing jumps. In the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.timelines import ALT, drag, spot
from tests.carl_gui.windows import open_project

_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FRAMES = 80


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> LabelController:
    """Two embedded videos without labels; the first phase is chosen."""
    films = tiny_videos(tmp_path / "films", 2, FRAMES)
    folder = new_project(tmp_path / "project", films, decodes=True)
    moments = np.linspace(0, 1, FRAMES)
    embed_by_hand(folder, "run-1", [(films[0], course(moments)), (films[1], course(moments**2))])
    open_project(window, folder)
    for name in ("reach", "pour"):
        window.session.do(AddPhase(name))
    window.resize(1400, 860)
    window.show_page("label")
    made = window.page("label")
    assert isinstance(made, LabelController)
    qtbot.waitUntil(lambda: made.panel.player.view.image is not None and bool(made.probe._sources))
    return made


def _drag(page: LabelController, start_x: float, end_x: float) -> None:
    """Over the row of labels, between two points in pixels."""
    timeline = page.panel.timeline
    y = round(timeline.current_layout.rows["manual"].center().y())
    xs = [round(start_x + (end_x - start_x) * share) for share in (0.0, 0.5, 1.0)]
    QTest.mousePress(timeline, _LEFT, _NONE, QPoint(xs[0], y))
    for x in xs[1:]:
        QTest.mouseMove(timeline, QPoint(x, y))
    QTest.mouseRelease(timeline, _LEFT, _NONE, QPoint(xs[-1], y))


def _spans(page: LabelController) -> list[tuple[str, int, int]]:
    return [(span.phase, span.start_frame, span.end_frame_exclusive) for span in page.spans]


def _x(page: LabelController, frame: float) -> float:
    return page.panel.timeline.x_of(frame)


@pytest.mark.parametrize("pixels", [1, 2, 4, 6, 10, 12])
def test_a_drag_that_starts_beside_a_label_draws_the_next_one_without_a_hole(
    page: LabelController, qtbot: QtBot, pixels: int
) -> None:
    page._app_context.session.do(ReplaceSpans(1, (Span("reach", 10, 30), Span("reach", 60, 70))))
    assert page.panel.timeline.state.axis.frame_width > 8
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_2)
    _drag(page, _x(page, 30) + pixels, _x(page, 44.5))
    assert _spans(page) == [("reach", 10, 30), ("pour", 30, 45), ("reach", 60, 70)]
    _drag(page, _x(page, 60) - pixels, _x(page, 50.5))
    assert _spans(page)[2:] == [("pour", 50, 60), ("reach", 60, 70)]


def test_what_is_drawn_towards_a_label_leaves_no_hole_of_one_frame(page: LabelController, qtbot: QtBot) -> None:
    page._app_context.session.do(ReplaceSpans(1, (Span("reach", 10, 30), Span("reach", 60, 70))))
    page.panel.timeline.zoom(2)
    assert page.panel.timeline.state.axis.frame_width > 20, "one frame is wider than any snapping"
    page.playback.seek(50)
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_2)
    _drag(page, _x(page, 52.5), _x(page, 58.5))
    assert _spans(page)[1] == ("pour", 52, 60), "frame 59 would have been left alone"
    page._app_context.session.undo()
    _drag(page, _x(page, 52.5), _x(page, 57.5))
    assert _spans(page)[1] == ("pour", 52, 58), "two frames are wanted"
    page._app_context.session.undo()
    page.panel.timeline.show_all()
    page.playback.seek(0)
    _drag(page, _x(page, 78.5), _x(page, 74.5))
    assert _spans(page)[-1] == ("pour", 74, 80), "nor at the end of the video"


def test_an_edge_is_grasped_inside_its_label_and_follows(page: LabelController) -> None:
    page._app_context.session.do(ReplaceSpans(1, (Span("reach", 10, 30), Span("pour", 30, 50))))
    timeline = page.panel.timeline
    y = round(timeline.current_layout.rows["manual"].center().y())
    QTest.mouseMove(timeline, QPoint(round(_x(page, 50)) + 3, y))
    assert timeline.cursor().shape() == Qt.CursorShape.CrossCursor
    QTest.mouseMove(timeline, QPoint(round(_x(page, 50)) - 3, y))
    assert timeline.cursor().shape() == Qt.CursorShape.SplitHCursor
    _drag(page, _x(page, 50) - 3, _x(page, 60))
    assert _spans(page) == [("reach", 10, 30), ("pour", 30, 60)]
    for pixels in (-3, 3):
        _drag(page, _x(page, 30) + pixels, _x(page, 20))
        assert _spans(page) == [("reach", 10, 20), ("pour", 20, 60)], "both follow"
        page._app_context.session.undo()


def test_nothing_moves_under_the_mouse_when_the_prediction_comes(page: LabelController, qtbot: QtBot) -> None:
    panel, window = page.panel, page.panel.window()

    def places() -> list[tuple[int, int, int]]:
        parts = (panel.timeline, panel.probe, panel.player, panel.probe.threshold)
        tops = [(part.mapTo(window, QPoint()), part.height()) for part in parts]
        row = panel.timeline.current_layout.rows["manual"]
        return [(at.x(), at.y(), height) for at, height in tops] + [(0, round(row.top()), round(row.height()))]

    window.grab()
    before = places()
    _drag(page, _x(page, 0) + 1, _x(page, 29.5))
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_2):
        qtbot.keyClick(panel.player.view, key)
    assert places() == before
    _drag(page, _x(page, 30) + 2, _x(page, 59.5))
    qtbot.waitUntil(lambda: panel.timeline.state.predicted is not None)
    panel.grab()
    assert places() == before
    assert _spans(page) == [("reach", 0, 30), ("pour", 30, 60)]
    page._app_context.session.undo()
    qtbot.waitUntil(lambda: panel.timeline.state.predicted is None)
    panel.grab()
    assert places() == before


def test_nothing_moves_when_the_embeddings_are_found(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    films = tiny_videos(tmp_path / "films", 1, FRAMES)
    folder = new_project(tmp_path / "project", films, decodes=True)
    open_project(window, folder)
    window.resize(1400, 860)
    window.show_page("label")
    page = window.page("label")
    assert isinstance(page, LabelController)
    qtbot.waitUntil(lambda: page.panel.player.view.image is not None and page.probe._has_scanned)
    window.grab()
    before = page.panel.timeline.mapTo(window, QPoint())
    embed_by_hand(folder, "run-1", [(films[0], course(np.linspace(0, 1, FRAMES)))])
    window.show_page("videos")
    window.show_page("label")
    qtbot.waitUntil(lambda: bool(page.probe._sources))
    window.grab()
    assert page.panel.timeline.mapTo(window, QPoint()) == before


def test_where_frames_are_narrow_a_drag_that_starts_near_a_label_touches_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    films = tiny_videos(tmp_path / "films", 1, 400)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    for name in ("reach", "pour"):
        window.session.do(AddPhase(name))
    window.session.do(ReplaceSpans(1, (Span("reach", 50, 150), Span("reach", 300, 400))))
    window.resize(1400, 860)
    window.show_page("label")
    page = window.page("label")
    assert isinstance(page, LabelController)
    qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    assert page.panel.timeline.state.axis.frame_width < 3, "ten pixels are several frames"
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_2)
    _drag(page, _x(page, 150) + 10, _x(page, 225))
    assert _spans(page)[1][1] == 150
    page._app_context.session.undo()
    timeline = page.panel.timeline
    drag(timeline, spot(timeline, 150, pixels=10), spot(timeline, 225), keys=ALT)
    assert _spans(page)[1][1] > 152, "with Alt it begins where it is drawn"
