"""Export the visible part of the map as a sharp picture, with names and legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from carl_gui.models.map_view import MapWindow
from carl_gui.panels.map.marks import Label, draw_labels
from carl_gui.panels.map.rendering import Scatter, rendered
from carl_gui.theme import ThemeColours

SHARPNESS = 2.0
"""Pixels of the picture for one of the widget's."""
_GAP = 8


@dataclass(frozen=True, eq=False)
class MapPicture:
    """The contents of the picture; `drawn` may be called by any thread."""

    scatter: Scatter
    window: MapWindow
    labels: Sequence[Label]
    legend: QImage
    colours: ThemeColours

    def drawn(self) -> QImage:
        """Return the picture."""
        points = rendered(self.scatter, self.window, SHARPNESS).image
        wide, high = self.window.width, self.window.height
        below = self.legend.height() / SHARPNESS + 2 * _GAP
        image = QImage(round(wide * SHARPNESS), round((high + below) * SHARPNESS), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        image.fill(QColor(self.colours.base))
        painter = QPainter(image)
        painter.drawImage(QRectF(0, 0, wide, high), points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_labels(painter, self.window, self.labels, self.colours)
        painter.drawImage(QPoint(_GAP, round(high) + _GAP), self.legend)
        painter.end()
        return image


def image_of(widget: QWidget, ground: str) -> QImage:
    """Return a widget as a sharp picture on a ground of that colour."""
    size = QSize(round(widget.width() * SHARPNESS), round(widget.height() * SHARPNESS))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(QColor(ground))
    painter = QPainter(image)
    widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image
