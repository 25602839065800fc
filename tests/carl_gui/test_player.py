"""The player's widgets: what they show, what they say, and that zooming keeps the point under the cursor."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from carl_gui.player.commands import COMMANDS
from carl_gui.player.frame_view import FrameView
from carl_gui.player.player import PlayerPanel
from carl_gui.player.seek_bar import SeekBar, SeekPreview
from carl_gui.player.transport import ReadOut
from carl_gui.timecode import clock, parse_frame
from core.base.types import VideoMeta

_SECONDS = np.array([0.0, 0.1, 0.15, 0.4, 1.5, 2.0, 61.25])
_META = VideoMeta(1920, 1080, 7, 0, 25.0, 0.0, 61.3, 0, "h264")


@pytest.fixture
def panel(qtbot: QtBot) -> PlayerPanel:
    made = PlayerPanel()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.set_video("film.mp4", _META, _SECONDS, is_previewed=True)
    made.show()
    made.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    return made


@pytest.fixture
def view(qtbot: QtBot) -> FrameView:
    made = FrameView()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.set_video_size(1000, 500)
    made.set_image(np.zeros((50, 100, 3), np.uint8))
    made.show()
    return made


def _wheel(view: FrameView, at: QPointF, notches: int) -> None:
    degrees = QPoint(0, 120 * notches)
    held, moved = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, view.mapToGlobal(at), QPoint(), degrees, held, moved, phase, False)
    QApplication.sendEvent(view, event)


def test_a_time_is_written_and_read_back_to_its_frame() -> None:
    for place, seconds in enumerate(_SECONDS):
        assert parse_frame(clock(seconds), _SECONDS) == place
        assert parse_frame(str(place), _SECONDS) == place
    assert clock(3725.5) == "1:02:05.50"
    assert clock(59.999) == "1:00.00"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("99", 6),
        ("1.4", 4),
        ("1,4 s", 4),
        (" 2 s ", 5),
        ("1:00", 6),
        ("1:01:01", 6),
        ("x", None),
        ("", None),
        (".", None),
    ],
)
def test_what_people_type(text: str, place: int | None) -> None:
    assert parse_frame(text, _SECONDS) == place


def test_the_wheel_keeps_the_point_under_the_cursor(view: FrameView) -> None:
    at = QPointF(130, 200)
    before = view.video_point(at)
    for _ in range(6):
        _wheel(view, at, 1)
        after = view.video_point(at)
        assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))
    assert view.zoom == pytest.approx(0.5 * 1.25**6)
    _wheel(view, at, -50)
    assert view.fits
    assert view.zoom == pytest.approx(0.5)


def test_100_percent_is_a_pixel_of_the_video_a_pixel_of_the_screen(view: FrameView) -> None:
    view.set_zoom(1.0)
    left, right = view.video_point(QPointF(100, 0)), view.video_point(QPointF(200, 0))
    assert right.x() - left.x() == pytest.approx(100 * view.devicePixelRatioF())


def test_a_drag_moves_the_picture_with_the_mouse_and_never_out_of_sight(qtbot: QtBot, view: FrameView) -> None:
    view.set_zoom(1.0)
    held = view.video_point(QPointF(250, 200))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(250, 200))
    qtbot.mouseMove(view, QPoint(210, 180))
    now = view.video_point(QPointF(210, 180))
    assert (now.x(), now.y()) == pytest.approx((held.x(), held.y()))
    qtbot.mouseMove(view, QPoint(9000, 9000))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton)
    middle = view.video_point(QPointF(view.width() / 2, view.height() / 2))
    assert (middle.x(), middle.y()) == (0, 0)


def test_a_fitting_picture_follows_the_size_and_keeps_its_proportions(qtbot: QtBot, view: FrameView) -> None:
    view.set_image(np.full((50, 100, 3), 255, np.uint8))
    for size, box in (((500, 400), (0, 75, 500, 250)), ((600, 200), (100, 0, 400, 200))):
        view.resize(*size)
        picture = view.grab().toImage()
        white = [(x, y) for x in range(size[0]) for y in range(size[1]) if picture.pixelColor(x, y).value() > 200]
        xs, ys = zip(*white, strict=True)
        assert (min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1) == box


def test_every_command_says_what_is_wanted(qtbot: QtBot, panel: PlayerPanel) -> None:
    said: list[object] = []
    for name in ("play_toggled", "shuttled", "frames_stepped", "seconds_stepped", "frame_selected"):
        getattr(panel, name).connect(lambda *values, name=name: said.append((name, *values)))
    keys = [
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, ("play_toggled",)),
        (Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier, ("shuttled", -1)),
        (Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, ("shuttled", 0)),
        (Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier, ("shuttled", 1)),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, ("frames_stepped", -1)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, ("frames_stepped", 1)),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, ("seconds_stepped", -1.0)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, ("seconds_stepped", 1.0)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, ("frame_selected", 0)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, ("frame_selected", 6)),
    ]
    for key, modifier, _ in keys:
        qtbot.keyClick(panel.view, key, modifier)
    assert said == [wanted for _, _, wanted in keys]
    assert set(panel.commands) == {command.name for command in COMMANDS}
    shown = [key for command in COMMANDS for key in command.keys]
    assert len(shown) == len(set(shown))


def test_keys_zoom(qtbot: QtBot, panel: PlayerPanel) -> None:
    panel.set_image(np.zeros((54, 96, 3), np.uint8))
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(panel.view, Qt.Key.Key_1, control)
    assert panel.view.zoom == 1.0
    qtbot.keyClick(panel.view, Qt.Key.Key_Plus, control)
    assert panel.view.zoom == 1.25
    qtbot.keyClick(panel.view, Qt.Key.Key_Minus, control)
    qtbot.keyClick(panel.view, Qt.Key.Key_0, control)
    assert panel.view.fits


def test_while_typing_a_time_the_keys_are_the_fields(qtbot: QtBot, panel: PlayerPanel) -> None:
    read_out = panel.findChild(ReadOut)
    panel.set_frame_index(2)
    assert read_out.text == "2 / 6   0:00.15 / 1:01.30"
    read_out.edit()
    field = read_out.findChild(QLineEdit)
    qtbot.waitUntil(field.hasFocus)
    with qtbot.assertNotEmitted(panel.shuttled), qtbot.assertNotEmitted(panel.frame_selected):
        qtbot.keyClicks(field, "jkl")
        qtbot.keyClick(field, Qt.Key.Key_Home)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "Not a frame or time" in field.toolTip()
    field.clear()
    with qtbot.waitSignal(panel.frame_selected) as chosen:
        qtbot.keyClicks(field, "0:01.5")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args == [4]
    assert panel.view.hasFocus()
    read_out.edit()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert read_out.currentWidget() is not field


def test_the_bar_leads_to_the_frame_under_the_mouse(qtbot: QtBot, panel: PlayerPanel) -> None:
    bar = panel.findChild(SeekBar)
    said: list[object] = []
    panel.scrub_began.connect(lambda: said.append("began"))
    panel.frame_selected.connect(said.append)
    panel.scrub_ended.connect(lambda: said.append("ended"))
    for place in range(7):
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.x_of(place)), 10))
    assert said == [word for place in range(7) for word in ("began", place, "ended")]


def test_hovering_shows_the_time_and_wants_a_preview(qtbot: QtBot, panel: PlayerPanel) -> None:
    bar, preview = panel.findChild(SeekBar), panel.findChild(SeekPreview)
    with qtbot.waitSignal(panel.preview_requested) as wanted:
        qtbot.mouseMove(bar, QPoint(round(bar.x_of(4)), 10))
    assert wanted.args == [4]
    assert preview.isVisible()
    assert preview.caption == "0:01.50 · 4"
    assert panel.rect().contains(preview.geometry())
    with qtbot.waitSignal(panel.preview_requested) as wanted:
        bar.hovered.emit(-1)
    assert wanted.args == [-1]
    assert not preview.isVisible()


def test_setters_announce_nothing(qtbot: QtBot, panel: PlayerPanel) -> None:
    with qtbot.assertNotEmitted(panel.frame_selected), qtbot.assertNotEmitted(panel.speed_selected):
        panel.set_frame_index(3)
        panel.set_rate(-2.0, 1.0)
        panel.set_image(np.zeros((54, 96, 3), np.uint8))
        panel.set_no_video("broken.mp4", "It is broken.")
    assert panel.view.sentence == "It is broken."
    assert not any(action.isEnabled() for action in panel.commands.values())


def test_a_long_name_does_not_widen_the_player(panel: PlayerPanel) -> None:
    panel.set_video("long name " * 50, _META, _SECONDS, is_previewed=False)
    assert panel.minimumSizeHint().width() <= 480


@pytest.mark.parametrize(("width", "lines"), [(74, 2), (300, 1)])
def test_a_caption_is_whole_in_a_narrow_picture(view: FrameView, width: int, lines: int) -> None:
    view.resize(width, 150)
    view.set_video_size(60, 90)
    view.set_image(np.full((90, 60, 3), 150, np.uint8))
    view.set_caption("no match")
    drawn = view.grab().toImage()
    dark = [any(drawn.pixelColor(x, y).lightness() < 20 for x in range(width)) for y in range(drawn.height())]
    line = view.fontMetrics().lineSpacing()
    assert round((sum(dark) - 8) / line) == lines
