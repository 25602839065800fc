"""Pictures of frames in lists: their boxes, and one that keeps its shape."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget


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


class WidePicture(QWidget):
    """A 16:9 area with the frame as large as fits, or only the background."""

    def __init__(self, name: str, highest: int) -> None:
        """Of this name for screen readers, and at most so many pixels high."""
        super().__init__()
        self._highest = highest
        self.setAccessibleName(name)
        self._picture: QPixmap | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def set_picture(self, picture: QImage | None) -> None:
        """Show this frame; None: it is not read yet."""
        self._picture = None if picture is None else QPixmap.fromImage(picture)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 113)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return min(width * 9 // 16, self._highest)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        draw_picture(painter, self.palette(), self.rect(), self._picture)
        painter.end()


PICTURE_SIZE = QSize(64, 36)
"""Logical pixels."""


def fitted(image: QImage, pixel_ratio: float) -> QPixmap:
    """Return the picture scaled once, so that drawing a row only copies it."""
    size = PICTURE_SIZE * pixel_ratio
    mode = Qt.TransformationMode.SmoothTransformation
    picture = QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode))
    picture.setDevicePixelRatio(pixel_ratio)
    return picture


def draw_thumbnail(painter: QPainter, palette: QPalette, box: QRect, picture: QPixmap | None) -> None:
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
