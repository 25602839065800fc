"""A body's skeleton over a picture: the person's left side, right side and middle in three colours."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.pose.landmarks import EDGES, NAMES

_LEFT, _RIGHT, _MIDDLE, _HALO = QColor("#ffb454"), QColor("#5cc6ff"), QColor("#f4f4f4"), QColor(0, 0, 0, 150)
"""On pictures, which are the same in the light palette and in the dark one."""


def draw_skeleton(painter: QPainter, target: QRectF, points: NDArray[np.float32]) -> None:
    """Draw where a person is found; landmarks that are guessed beyond the picture's edge are cut off there.

    Args:
        target: where the picture lies.
        points: (33, 2) shares of its width and height; NaN where nobody was found, and then nothing is drawn.
    """
    if not np.isfinite(points).all():
        return
    places = [QPointF(target.x() + x * target.width(), target.y() + y * target.height()) for x, y in points.tolist()]
    width = min(max(math.sqrt(target.width() * target.height()) / 200, 1.5), 6.0)
    lines = [(QLineF(places[one], places[other]), _colour(one, other)) for one, other in EDGES]
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line, _ in lines:
        painter.setPen(QPen(_HALO, width + 2))
        painter.drawLine(line)
    for line, colour in lines:
        painter.setPen(QPen(colour, width))
        painter.drawLine(line)
    painter.restore()


def draw_target(painter: QPainter, target: QRectF, share: tuple[float, float]) -> None:
    """Draw a ring around a point of a picture.

    Args:
        target: where the picture lies.
        share: of its width and height.
    """
    centre = QPointF(target.x() + share[0] * target.width(), target.y() + share[1] * target.height())
    radius = min(max(math.sqrt(target.width() * target.height()) / 40, 8.0), 24.0)
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((_HALO, 5.0), (_MIDDLE, 2.5)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(centre, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_MIDDLE)
    painter.drawEllipse(centre, 2.5, 2.5)
    painter.restore()


def _colour(one: int, other: int) -> QColor:
    sides = {NAMES[place].partition(" ")[0] for place in (one, other)} & {"left", "right"}
    return _MIDDLE if len(sides) != 1 else _LEFT if "left" in sides else _RIGHT
