"""The heatmap with the mouse and the keys: what is under it, zoom, the path that is pulled, spans, and colours."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.pair.heatmap_look import Look
from carl_gui.explore.pair.heatmap_pictures import Region
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.theme import DARK, LIGHT, palette_of
from core.align import similarity
from tests.carl_gui.embedded import course, edges

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def _hand_made(a: NDArray[np.float32], b: NDArray[np.float32]) -> Pair:
    return pair_of(PairSide(edges(len(a)), a), PairSide(edges(len(b)), b), least_confidence=0.0)


def _alike(a_frames: int, b_frames: int) -> Pair:
    """Two performances of one movement, at an even tempo."""
    return _hand_made(course(np.linspace(0, 1, a_frames)), course(np.linspace(0, 1, b_frames)))


@pytest.fixture
def heatmap(qtbot: QtBot) -> HeatmapView:
    made = HeatmapView()
    qtbot.addWidget(made)
    made.resize(640, 600)
    made.show()
    return made


@pytest.fixture
def aligned(heatmap: HeatmapView, qtbot: QtBot) -> HeatmapView:
    """50 frames against 60, drawn sharply."""
    heatmap.set_pair(_alike(50, 60), "a", "b")
    _settle(heatmap, qtbot)
    return heatmap


def _settle(heatmap: HeatmapView, qtbot: QtBot) -> None:
    heatmap.grab()
    qtbot.waitUntil(lambda: heatmap.is_sharp)


def _at(heatmap: HeatmapView, a_frame: int, b_frame: int) -> QPoint:
    return heatmap.spot(a_frame, b_frame).toPoint()


def _drag(heatmap: HeatmapView, qtbot: QtBot, start: QPoint, *then: QPoint) -> None:
    qtbot.mouseMove(heatmap, start)
    qtbot.mousePress(heatmap, LEFT, pos=start)
    for point in then:
        qtbot.mouseMove(heatmap, point)
    qtbot.mouseRelease(heatmap, LEFT, pos=then[-1])


def _wheel(heatmap: HeatmapView, point: QPointF, turns: int) -> None:
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        heatmap,
        QWheelEvent(
            point,
            heatmap.mapToGlobal(point),
            QPoint(),
            QPoint(0, 120 * turns),
            none,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def _menu(heatmap: HeatmapView, point: QPoint) -> dict[str, object]:
    """What the menu of that place offers, by its words."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(heatmap, QContextMenuEvent(reason, point, heatmap.mapToGlobal(point)))
    menu = heatmap.findChildren(QMenu)[-1]
    actions = {action.text(): action for action in menu.actions() if action.text()}
    menu.hide()
    return actions


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("look", [Look(), Look("viridis", "whole"), Look("gray", "ranks"), Look("cividis", "of_a")])
def test_a_spot_is_as_bright_as_its_two_frames_are_alike(
    heatmap: HeatmapView, qtbot: QtBot, colours: object, look: Look
) -> None:
    a, b = course([0.0, 0.2, 0.4, 0.6, 1.0]), course([0.6, 0.2, 0.6, 0.0])
    heatmap.setPalette(palette_of(colours))
    heatmap.set_look(look)
    heatmap.set_pair(_hand_made(a, b), "a", "b")
    heatmap.set_frames(4, 0)
    cosine = a @ b.T

    def check() -> None:
        picture = heatmap.grab().toImage()

        def brightness(a_frame: int, b_frame: int) -> int:
            spot = heatmap.spot(a_frame, b_frame).toPoint() + QPoint(12, 9)  # beside the path
            return picture.pixelColor(spot).lightness()

        measured = np.array([[brightness(i, j) for j in range(4)] for i in (0, 1, 3)])  # the others have no match
        assert measured[cosine[[0, 1, 3]] > 0.9].min() > measured[cosine[[0, 1, 3]] < 0.1].max() + 50

    check()  # at once
    _settle(heatmap, qtbot)
    check()
    corner = heatmap.spot(0, 0)
    assert heatmap.spot(1, 0).x() > corner.x(), "A's time goes to the right"
    assert heatmap.spot(0, 1).y() < corner.y(), "B's goes up"


@pytest.mark.parametrize("frames", [(1, 1), (1, 300), (300, 1), (40, 50), (1, 50_000)])
@pytest.mark.parametrize("size", [(240, 200), (1600, 300), (300, 1200)])
def test_every_frame_is_found_under_its_spot(
    heatmap: HeatmapView, qtbot: QtBot, frames: tuple[int, int], size: tuple[int, int]
) -> None:
    heatmap.resize(*size)
    heatmap.set_pair(_alike(*frames), "a" * 300, "b" * 300)
    _settle(heatmap, qtbot)
    for wanted in ((0, 0), (frames[0] - 1, frames[1] - 1), (frames[0] // 2, frames[1] // 3)):
        assert heatmap.sheet.frames_near(heatmap.spot(*wanted)) == wanted
        assert heatmap.rect().contains(_at(heatmap, *wanted))
    for factor in (1e6, 1e-6):
        heatmap.sheet.zoom(factor, heatmap.spot(0, 0))
        _settle(heatmap, qtbot)


def test_what_is_zoomed_is_what_was_under_the_cursor(aligned: HeatmapView, qtbot: QtBot) -> None:
    place = heatmap_spot = aligned.spot(10, 45)
    _wheel(aligned, heatmap_spot, 3)
    region = aligned.sheet.region
    assert region.a.length < 50 / 30 / 1.9
    assert region.b.length < 60 / 30 / 1.9
    assert (aligned.spot(10, 45) - place).manhattanLength() < 1
    _settle(aligned, qtbot)
    _wheel(aligned, place, -9)
    assert aligned.sheet.region == Region.whole(aligned.pair)


def test_the_zoomed_picture_shows_the_frames_of_its_place(aligned: HeatmapView, qtbot: QtBot) -> None:
    """Frames of A and B that lie far off the path are dark there, and those on it are bright, at any zoom."""
    aligned.set_look(Look("gray", "whole"))
    for centre in ((25, 30), (25, 8)):
        aligned.sheet.fit()
        aligned.sheet.zoom(4, aligned.spot(*centre))
        _settle(aligned, qtbot)
        picture = aligned.grab().toImage()
        pair = aligned.pair
        for offset in (QPoint(14, 0), QPoint(0, 40), QPoint(-60, 9)):
            point = _at(aligned, *centre) + offset
            a_frame, b_frame = aligned.sheet.frames_near(QPointF(point))
            cosine = similarity(pair.a.embeddings, pair.b.embeddings)[a_frame, b_frame]
            wanted = (float(cosine) + 1) / 2 * 255
            if abs(point.y() - aligned.spot(a_frame, a_frame * 59 // 49).y()) > 12:  # off the white path
                assert picture.pixelColor(point).lightness() == pytest.approx(wanted, abs=3)


def test_what_is_seen_is_moved_by_the_middle_button_and_by_shift(aligned: HeatmapView, qtbot: QtBot) -> None:
    for button, modifier in ((MIDDLE, Qt.KeyboardModifier.NoModifier), (LEFT, Qt.KeyboardModifier.ShiftModifier)):
        aligned.sheet.fit()
        aligned.sheet.zoom(4, aligned.spot(25, 30))
        grip = _at(aligned, 25, 28)
        with qtbot.assertNotEmitted(aligned.frames_selected):
            qtbot.mousePress(aligned, button, modifier, pos=grip)
            qtbot.mouseMove(aligned, grip + QPoint(40, -30))
            qtbot.mouseRelease(aligned, button, modifier, pos=grip + QPoint(40, -30))
        moved = aligned.spot(25, 28) - QPointF(grip)
        assert abs(moved.x() - 40) < 8
        assert abs(moved.y() + 30) < 8
        qtbot.mousePress(aligned, button, modifier, pos=grip)
        qtbot.mouseMove(aligned, grip + QPoint(4000, 0))
        qtbot.mouseRelease(aligned, button, modifier, pos=grip)
        assert aligned.sheet.region.a.start == 0, "the first frame is the end of it"


def test_keys_zoom_and_what_plays_is_followed(aligned: HeatmapView, qtbot: QtBot) -> None:
    aligned.setFocus()
    aligned.set_frames(3, 4)
    for _ in range(4):
        qtbot.keyClick(aligned, "+")
    near = aligned.sheet.region
    assert near.a.start <= aligned.pair.a.middle(3) <= near.a.end < aligned.pair.a.duration_seconds / 3
    for frame in range(4, 50):
        aligned.set_frames(frame, frame + 1)
        region, middle = aligned.sheet.region, aligned.pair.a.middle(frame)
        assert region.a.start <= middle <= region.a.end
        assert region.a.length == pytest.approx(near.a.length)
    aligned.sheet.zoom(2, aligned.spot(0, 0))
    seen = aligned.sheet.region
    if not seen.a.start <= aligned.pair.a.middle(49) <= seen.a.end:
        aligned.set_frames(40, 41)
        assert aligned.sheet.region == seen, "who looks elsewhere is not torn away"
    qtbot.keyClick(aligned, "-")
    assert aligned.sheet.region.a.length > seen.a.length
    qtbot.keyClick(aligned, "0")
    assert aligned.sheet.region == Region.whole(aligned.pair)


def test_what_is_seen_stays_with_a_new_path_and_not_with_other_videos(aligned: HeatmapView) -> None:
    aligned.sheet.zoom(3, aligned.spot(20, 20))
    seen, pair = aligned.sheet.region, aligned.pair
    aligned.set_pair(Pair(pair.a, pair.b, pair.cosine, pair.alignment, pair.band), "a", "b")
    assert aligned.sheet.region == seen
    aligned.set_pair(_alike(50, 60), "a", "b")
    assert aligned.sheet.region == Region.whole(aligned.pair)


def test_a_click_off_the_path_goes_there_and_a_click_on_it_to_its_frames(aligned: HeatmapView, qtbot: QtBot) -> None:
    chosen: list[tuple[int, int]] = []
    aligned.frames_selected.connect(lambda a, b: chosen.append((a, b)))
    qtbot.mouseClick(aligned, LEFT, pos=_at(aligned, 10, 50))
    assert chosen == [(10, 50)]
    path = dict(zip(*(frames.tolist() for frames in _steps(aligned)), strict=True))
    qtbot.mouseClick(aligned, LEFT, pos=_at(aligned, 20, path[20]) + QPoint(3, 3))
    assert len(chosen) == 2
    assert chosen[1] in list(zip(*(frames.tolist() for frames in _steps(aligned)), strict=True))
    _drag(aligned, qtbot, _at(aligned, 5, 40), _at(aligned, 6, 41), _at(aligned, 7, 45))
    assert chosen[2:] == [(5, 40), (6, 41), (7, 45)]


def _steps(heatmap: HeatmapView) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return heatmap.pair.alignment.a_frames, heatmap.pair.alignment.b_frames


def test_the_path_is_pulled_to_make_a_pin(aligned: HeatmapView, qtbot: QtBot) -> None:
    step = int(np.flatnonzero(_steps(aligned)[0] == 25)[0])
    start = (25, int(_steps(aligned)[1][step]))
    wanted: list[tuple[int, ...]] = []
    aligned.anchor_requested.connect(lambda *numbers: wanted.append(numbers))
    before = aligned.grab().toImage()
    with qtbot.assertNotEmitted(aligned.frames_selected):
        qtbot.mouseMove(aligned, _at(aligned, *start))
        assert aligned.cursor().shape() == Qt.CursorShape.OpenHandCursor
        qtbot.mousePress(aligned, LEFT, pos=_at(aligned, *start))
        assert aligned.cursor().shape() == Qt.CursorShape.ClosedHandCursor
        qtbot.mouseMove(aligned, _at(aligned, 22, 40))
        assert aligned.grab().toImage() != before, "the path bends meanwhile"
        assert wanted == []
        qtbot.mouseRelease(aligned, LEFT, pos=_at(aligned, 22, 40))
    assert len(wanted) == 1
    assert wanted[0][2:] == (22, 40)
    assert wanted[0][:2] in list(zip(*(frames.tolist() for frames in _steps(aligned)), strict=True))
    assert abs(wanted[0][0] - 25) <= 1


def test_escape_lets_go_of_the_path(aligned: HeatmapView, qtbot: QtBot) -> None:
    aligned.setFocus()
    start = _at(aligned, 25, int(_steps(aligned)[1][np.flatnonzero(_steps(aligned)[0] == 25)[0]]))
    with qtbot.assertNotEmitted(aligned.anchor_requested), qtbot.assertNotEmitted(aligned.frames_selected):
        qtbot.mousePress(aligned, LEFT, pos=start)
        qtbot.mouseMove(aligned, start + QPoint(0, -60))
        qtbot.keyClick(aligned, Qt.Key.Key_Escape)
        qtbot.mouseRelease(aligned, LEFT, pos=start + QPoint(0, -60))


def test_a_pin_is_moved_between_its_neighbours_and_no_farther(aligned: HeatmapView, qtbot: QtBot) -> None:
    aligned.set_anchors([(10, 12), (25, 30), (40, 48)])
    moved: list[tuple[int, ...]] = []
    aligned.anchor_moved.connect(lambda *numbers: moved.append(numbers))
    for target, wanted in (((22, 34), (22, 34)), ((45, 58), (39, 47)), ((2, 35), (11, 35)), ((0, 0), (11, 13))):
        _drag(aligned, qtbot, _at(aligned, 25, 30), _at(aligned, *target))
        assert moved.pop() == (1, *wanted)
    _drag(aligned, qtbot, _at(aligned, 10, 12), QPoint(0, aligned.height()))
    assert moved.pop() == (0, 0, 0)
    assert moved == []


def test_a_pin_is_removed_by_key_by_double_click_and_from_the_menu(aligned: HeatmapView, qtbot: QtBot) -> None:
    aligned.set_anchors([(10, 12), (25, 30)])
    removed: list[int] = []
    aligned.anchor_removed.connect(removed.append)
    aligned.setFocus()
    qtbot.keyClick(aligned, Qt.Key.Key_Delete)
    assert removed == [], "none was chosen"
    with qtbot.waitSignal(aligned.frames_selected) as chosen:
        qtbot.mouseClick(aligned, LEFT, pos=_at(aligned, 25, 30))
    assert chosen.args == [25, 30]
    qtbot.keyClick(aligned, Qt.Key.Key_Delete)
    assert removed == [1]
    qtbot.mouseDClick(aligned, LEFT, pos=_at(aligned, 10, 12))
    assert removed == [1, 0]
    aligned.set_anchors([(10, 12)])
    aligned.set_frames(10, 12)
    qtbot.keyClick(aligned, Qt.Key.Key_Delete)
    assert removed == [1, 0, 0], "the one that the players show"
    _menu(aligned, _at(aligned, 10, 12))["Remove this pin"].trigger()
    assert removed == [1, 0, 0, 0]


def test_the_menu_pins_and_searches(aligned: HeatmapView, qtbot: QtBot) -> None:
    said: list[tuple[object, ...]] = []
    aligned.search_requested.connect(lambda *numbers: said.append(("search", *numbers)))
    aligned.anchor_requested.connect(lambda *numbers: said.append(("pin", *numbers[2:])))
    menu = _menu(aligned, _at(aligned, 30, 10))
    for words in ("Find frames like A’s", "Find frames like B’s", "Pin these two frames"):
        menu[words].trigger()
    assert said == [("search", 0, 30), ("search", 1, 10), ("pin", 30, 10)]
    aligned.set_anchors([(20, 40)])
    assert not _menu(aligned, _at(aligned, 30, 10))["Pin these two frames"].isEnabled(), "it would cross"


def test_a_span_is_marked_along_the_way_of_the_mouse(aligned: HeatmapView, qtbot: QtBot) -> None:
    spans: list[tuple[int, ...]] = []
    aligned.span_requested.connect(lambda *numbers: spans.append(numbers))
    alt, start = Qt.KeyboardModifier.AltModifier, _at(aligned, 30, 10)
    with qtbot.assertNotEmitted(aligned.frames_selected):
        for target in ((40, 11), (31, 3), (12, 12)):
            qtbot.mousePress(aligned, LEFT, alt, pos=start)
            qtbot.mouseMove(aligned, _at(aligned, *target))
            aligned.grab()
            qtbot.mouseRelease(aligned, LEFT, pos=_at(aligned, *target))
        _menu(aligned, start)["Mark a span of B to search for"].trigger()
        _drag(aligned, qtbot, start, _at(aligned, 45, 14))
        qtbot.mousePress(aligned, LEFT, alt, pos=start)
        qtbot.mouseRelease(aligned, LEFT, pos=start)
    assert spans == [(0, 30, 41), (1, 3, 11), (0, 12, 31), (1, 10, 15)]


def test_the_cursor_says_what_a_press_would_do(aligned: HeatmapView, qtbot: QtBot) -> None:
    aligned.set_anchors([(10, 12)])
    for point, shape in (
        (_at(aligned, 10, 50), Qt.CursorShape.CrossCursor),
        (_at(aligned, 10, 12), Qt.CursorShape.OpenHandCursor),
        (QPoint(2, 2), Qt.CursorShape.ArrowCursor),
    ):
        qtbot.mouseMove(aligned, point)
        assert aligned.cursor().shape() == shape


@pytest.mark.parametrize("size", [(640, 600), (420, 380), (340, 300), (300, 250), (1400, 900)])
def test_pictures_of_what_is_hovered_stand_in_a_corner_away_from_the_mouse(
    heatmap: HeatmapView, qtbot: QtBot, size: tuple[int, int]
) -> None:
    heatmap.resize(*size)
    heatmap.set_pair(_alike(50, 60), "a", "b")
    _settle(heatmap, qtbot)
    wanted: list[tuple[int, int]] = []
    heatmap.thumbnails_requested.connect(lambda a, b: wanted.append((a, b)))
    colour, other = QColor("#123456"), QColor("#fedcba")
    pictures = [QImage(160, 90, QImage.Format.Format_RGB32) for _ in range(2)]
    for picture, fill in zip(pictures, (colour, other), strict=True):
        picture.fill(fill)
    for frames in ((5, 55), (45, 55), (5, 5), (45, 5), (25, 30)):
        qtbot.mouseMove(heatmap, _at(heatmap, *frames))
        assert wanted[-1] == frames
        heatmap.set_thumbnails(*pictures)
        drawn = heatmap.grab().toImage()
        for fill in (colour, other):
            ys, xs = np.nonzero(_pixels(drawn) == fill.rgb())
            assert len(xs) > 1000
            assert np.hypot(xs - _at(heatmap, *frames).x(), ys - _at(heatmap, *frames).y()).min() > 20
    qtbot.mouseMove(heatmap, QPoint(1, 1))
    assert wanted[-1] == (-1, -1)
    assert not (_pixels(heatmap.grab().toImage()) == colour.rgb()).any()


def _pixels(image: QImage) -> NDArray[np.uint32]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())


def test_a_video_against_itself_is_square_and_has_no_path(heatmap: HeatmapView, qtbot: QtBot) -> None:
    side = PairSide(edges(40), course(np.linspace(0, 1, 40)))
    pair = pair_of(side, side)
    assert pair.is_self
    heatmap.resize(900, 400)
    heatmap.set_pair(pair, "a", "a")
    _settle(heatmap, qtbot)
    square = heatmap.sheet.layout.square
    assert square.width() == pytest.approx(square.height(), abs=1)
    with qtbot.assertNotEmitted(heatmap.anchor_requested), qtbot.waitSignal(heatmap.frames_selected):
        _drag(heatmap, qtbot, _at(heatmap, 20, 20), _at(heatmap, 20, 30))
    assert "Pin these two frames" not in _menu(heatmap, _at(heatmap, 20, 30))


def test_setters_announce_nothing(heatmap: HeatmapView, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(heatmap.frames_selected),
        qtbot.assertNotEmitted(heatmap.hovered),
        qtbot.assertNotEmitted(heatmap.anchor_requested),
        qtbot.assertNotEmitted(heatmap.anchor_moved),
        qtbot.assertNotEmitted(heatmap.anchor_removed),
    ):
        heatmap.set_pair(_alike(20, 30), "a", "b")
        heatmap.set_frames(3, 4)
        heatmap.set_anchors([(4, 5)])
        heatmap.set_look(Look("gray", "of_b"))
        heatmap.set_thumbnails(None, None)
        heatmap.grab()
        heatmap.set_pair(None, "", "")
        heatmap.grab()
