"""The mouse on a timeline, in frames instead of pixels."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.label.timeline import PhaseTimeline
from carl_gui.label.timeline_drawing import RowKind

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def spot(timeline: PhaseTimeline, frame: float, row: RowKind = "manual", pixels: float = 0.0) -> QPointF:
    """Where that frame begins, or so many pixels beside it, in the middle of a row."""
    return QPointF(timeline.x_of(frame) + pixels, timeline.current_layout.rows[row].center().y())


def press(
    timeline: PhaseTimeline, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE
) -> None:
    """And hold."""
    _send(timeline, QMouseEvent.Type.MouseButtonPress, at, button, button, keys)


def move(timeline: PhaseTimeline, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    """With a button held."""
    _send(timeline, QMouseEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button, keys)


def release(
    timeline: PhaseTimeline, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE
) -> None:
    """The button."""
    _send(timeline, QMouseEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, keys)


def drag(
    timeline: PhaseTimeline,
    start: QPointF,
    end: QPointF,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    """In three moves, as a hand does."""
    press(timeline, start, button, keys)
    for share in (0.4, 0.8, 1.0):
        move(timeline, start + (end - start) * share, button, keys)
    release(timeline, end, button, keys)


def click(qtbot: QtBot, timeline: PhaseTimeline, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    """With the left button."""
    qtbot.mouseClick(timeline, LEFT, keys, QPoint(round(at.x()), round(at.y())))


def double_click(qtbot: QtBot, timeline: PhaseTimeline, at: QPointF) -> None:
    """As a hand does: the first click is one too."""
    click(qtbot, timeline, at)
    qtbot.mouseDClick(timeline, LEFT, NONE, QPoint(round(at.x()), round(at.y())))


def turn(timeline: PhaseTimeline, at: QPointF, notches: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """The wheel."""
    event = QWheelEvent(
        at,
        timeline.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(timeline, event)


def _send(
    timeline: PhaseTimeline,
    kind: QMouseEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    buttons: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
) -> None:
    QApplication.sendEvent(timeline, QMouseEvent(kind, at, timeline.mapToGlobal(at), button, buttons, keys))
