"""Lines and angles over a frame, with their values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

_INK, _HALO, _GROUND = QColor("#ffe066"), QColor(0, 0, 0, 170), QColor(0, 0, 0, 190)
"""On pictures, which are the same in the light palette and in the dark one."""
_DOT, _PAD, _ARC = 3.5, 5.0, 26.0


@dataclass(frozen=True, slots=True)
class DrawnMeasure:
    """What is drawn of a line or an angle."""

    points: tuple[tuple[float, float], ...]
    """One or more, in shares of the picture's width and height; the corner of an angle is the second of three."""
    text: str = ""


def draw_measures(painter: QPainter, target: QRectF, measures: Sequence[DrawnMeasure]) -> None:
    """Draw lines and angles.

    Args:
        target: where the picture lies.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for one in measures:
        points = [QPointF(target.x() + x * target.width(), target.y() + y * target.height()) for x, y in one.points]
        for colour, width in ((_HALO, 5.0), (_INK, 2.0)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(points)
            if len(points) == 3:
                _draw_arc(painter, points)
        painter.setPen(QPen(_HALO, 1.5))
        painter.setBrush(_INK)
        for point in points:
            painter.drawEllipse(point, _DOT, _DOT)
        if one.text:
            _draw_text(painter, target, points, one.text)
    painter.restore()


def _draw_arc(painter: QPainter, points: Sequence[QPointF]) -> None:
    one, corner, other = points
    angles = [math.degrees(math.atan2(corner.y() - end.y(), end.x() - corner.x())) for end in (one, other)]
    span = (angles[1] - angles[0] + 180) % 360 - 180
    radius = min(_ARC, *(math.hypot(end.x() - corner.x(), end.y() - corner.y()) for end in (one, other)))
    box = QRectF(corner.x() - radius, corner.y() - radius, 2 * radius, 2 * radius)
    painter.drawArc(box, round(angles[0] * 16), round(span * 16))


def _draw_text(painter: QPainter, target: QRectF, points: Sequence[QPointF], text: str) -> None:
    """Draw the value beside the middle of a line, or the corner of an angle, within the picture."""
    letters = painter.fontMetrics()
    anchor = points[1] if len(points) == 3 else (points[0] + points[-1]) / 2
    box = QRectF(0, 0, letters.horizontalAdvance(text) + 2 * _PAD, letters.height() + _PAD)
    box.moveTopLeft(anchor + QPointF(10, 10))
    box.moveRight(min(box.right(), target.right()))
    box.moveBottom(min(box.bottom(), target.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(_INK)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
