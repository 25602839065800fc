"""Drag and drop as Qt sends it."""

from __future__ import annotations

from PySide6 import __version_info__
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

_COPY, _LEFT, _NO_KEYS = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag_enter(at: QPoint, data: QMimeData) -> QDragEnterEvent:
    """Return the event of `data` dragged into a widget at `at`."""
    # Qt 6.12 brought the QPointF and deprecated the QPoint.
    return QDragEnterEvent(QPointF(at) if __version_info__ >= (6, 12) else at, _COPY, data, _LEFT, _NO_KEYS)


def drop(at: QPoint, data: QMimeData) -> QDropEvent:
    """Return the event of `data` dropped on a widget at `at`."""
    return QDropEvent(QPointF(at), _COPY, data, _LEFT, _NO_KEYS)
