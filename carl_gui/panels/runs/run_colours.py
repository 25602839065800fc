"""Line styles of runs: a colour, and another dash pattern once the colours are used up."""

from __future__ import annotations

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap

from carl_gui.theme import colours_of

_KINDS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
SWATCH_WIDTH, _SWATCH_HEIGHT, _SWATCH_LINE = 22, 10, 2.4
_SCALES = (1, 2, 3)


def run_pen(slot: int, palette: QPalette, width: float) -> QPen:
    """The line of the run with this number, of a width in pixels whatever the scale of the plot."""
    series = colours_of(palette).series
    pen = QPen(QColor(series[slot % len(series)]), width, _KINDS[slot // len(series) % len(_KINDS)])
    pen.setCosmetic(True)
    return pen


def swatch(slot: int, palette: QPalette) -> QIcon:
    """A piece of that line."""
    icon = QIcon()
    for scale in _SCALES:
        pixmap = QPixmap(SWATCH_WIDTH * scale, _SWATCH_HEIGHT * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setPen(run_pen(slot, palette, _SWATCH_LINE))
        painter.drawLine(QLineF(1, _SWATCH_HEIGHT / 2, SWATCH_WIDTH - 1, _SWATCH_HEIGHT / 2))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # else Qt tints it on the chosen row
            icon.addPixmap(pixmap, mode)
    return icon
