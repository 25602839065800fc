"""The thumbnail of a video in a row, or a placeholder."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPalette, QPixmap, QPolygonF

PICTURE_SIZE = QSize(64, 36)
"""Logical pixels."""


def fitted(image: QImage, pixel_ratio: float) -> QPixmap:
    """The picture scaled once, so that drawing a row only copies it."""
    size = PICTURE_SIZE * pixel_ratio
    mode = Qt.TransformationMode.SmoothTransformation
    picture = QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode))
    picture.setDevicePixelRatio(pixel_ratio)
    return picture


def draw_picture(painter: QPainter, palette: QPalette, box: QRect, picture: QPixmap | None) -> None:
    """Draw it on the middle of the box; without one, a triangle."""
    painter.fillRect(box, palette.color(QPalette.ColorRole.Button))
    if picture is not None:
        size = picture.deviceIndependentSize().toSize()
        left_top = box.center() - QRect((box.topLeft()), size).center() + box.topLeft()
        painter.drawPixmap(left_top, picture)
        return
    middle = QPointF(box.center())
    triangle = QPolygonF([middle + QPointF(-4, -6), middle + QPointF(6, 0), middle + QPointF(-4, 6)])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Mid))
    painter.drawPolygon(triangle)
    painter.restore()
