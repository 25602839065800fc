"""A frame's picture in a box, or a placeholder."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPalette, QPixmap, QPolygonF


def draw_picture(painter: QPainter, palette: QPalette, box: QRect, picture: QPixmap | None) -> None:
    """Draw it as large as fits on the middle of the box; without one, a triangle."""
    painter.save()
    painter.fillRect(box, palette.color(QPalette.ColorRole.Button))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if picture is not None and not picture.isNull():
        size = QSizeF(picture.size()).scaled(QSizeF(box.size()), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(QPointF(), size)
        target.moveCenter(QRectF(box).center())
        painter.drawPixmap(target, picture, QRectF(picture.rect()))
    else:
        middle = QRectF(box).center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Mid))
        painter.drawPolygon(QPolygonF([middle + QPointF(-5, -8), middle + QPointF(8, 0), middle + QPointF(-5, 8)]))
    painter.restore()
