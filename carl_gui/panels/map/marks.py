"""Marks over the points of a map: playing position and trail, selection, names, and lasso."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from carl_gui.models.map_view import MapWindow
from carl_gui.theme import ThemeColours

_RING, _LIVE_RING = 7.0, 9.0
_MOST_CORNERS = 1500
"""Of a course that is drawn: more cannot be followed by the eye."""
_WIDEST_NAME = 140


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a place of the map."""

    text: str
    x: float
    y: float


def draw_course(
    painter: QPainter, window: MapWindow, course: NDArray[np.float32], colours: ThemeColours, *, is_live: bool = False
) -> None:
    """A line through consecutive frames; of what plays live only the last part, thicker towards now."""
    if len(course) < 2:
        return
    polygon = polygon_of(window, decimate(course))
    widths = [(colours.base, 4.0), (colours.text, 2.0)] if is_live else [(colours.text, 1.0)]  # points show through
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = Qt.PenStyle.SolidLine
    for colour, width in widths:
        painter.setPen(QPen(QColor(colour), width, line, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(polygon)


def draw_ring(painter: QPainter, at: QPointF, colours: ThemeColours, *, is_live: bool = False) -> None:
    """Around a point: what plays is a ring with a dot in it, what is chosen a ring alone."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = _LIVE_RING if is_live else _RING
    for colour, width in ((colours.base, 5.0), (colours.text, 2.5)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawEllipse(at, radius, radius)
    if is_live:
        painter.setPen(QPen(QColor(colours.base), 1.5))
        painter.setBrush(QColor(colours.curve))
        painter.drawEllipse(at, 4, 4)


def draw_ends(painter: QPainter, window: MapWindow, course: NDArray[np.float32], colours: ThemeColours) -> None:
    """Where a course begins, a square, and where it ends, a filled one."""
    for place, colour in ((0, colours.base), (-1, colours.text)):
        at = QPointF(*window.to_widget(float(course[place, 0]), float(course[place, 1])))
        painter.setPen(QPen(QColor(colours.text), 1.5))
        painter.setBrush(QColor(colour))
        painter.drawRect(QRectF(at.x() - 4, at.y() - 4, 8, 8))


def draw_labels(painter: QPainter, window: MapWindow, labels: Sequence[Label], colours: ThemeColours) -> None:
    """Names on small plates; where two would lie over each other, the later one is left out."""
    letters = QFontMetricsF(painter.font())
    taken: list[QRectF] = []
    plate, edge = QColor(colours.base), QColor(colours.border)
    plate.setAlphaF(0.85)
    for label in labels:
        text = letters.elidedText(label.text, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME)
        box = QRectF(0, 0, letters.horizontalAdvance(text) + 10, letters.height() + 4)
        box.moveCenter(QPointF(*window.to_widget(label.x, label.y)))
        if any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        painter.setPen(edge)
        painter.setBrush(plate)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_lasso(painter: QPainter, outline: Sequence[QPointF], colours: ThemeColours) -> None:
    """The line as it is drawn, closed on the shortest way."""
    veil = QColor(colours.curve)
    veil.setAlphaF(0.15)
    painter.setBrush(veil)
    painter.setPen(QPen(QColor(colours.base), 3.0))
    painter.drawPolygon(QPolygonF(outline))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.curve), 1.5, Qt.PenStyle.DashLine))
    painter.drawPolygon(QPolygonF(outline))


def polygon_of(window: MapWindow, course: NDArray[np.float32]) -> QPolygonF:
    """Places of the map, (C, 2), in the widget."""
    xs = window.width / 2 + (course[:, 0].astype(np.float64) - window.x) * window.scale
    ys = window.height / 2 - (course[:, 1].astype(np.float64) - window.y) * window.scale
    far = 1e6  # what lies farther is beyond what painters can do
    pairs = zip(xs.clip(-far, far).tolist(), ys.clip(-far, far).tolist(), strict=True)
    return QPolygonF([QPointF(x, y) for x, y in pairs])


def decimate(course: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most so many corners, the ends among them."""
    if len(course) <= _MOST_CORNERS:
        return course
    return course[np.linspace(0, len(course) - 1, _MOST_CORNERS).round().astype(np.int64)]
