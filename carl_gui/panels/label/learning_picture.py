"""Accuracy by number of labelled videos: a line with dots, and the spread over orders."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.numbers import percent
from carl_gui.theme import ThemeColours, colours_of

_STEPS = (0.5, 0.25, 0.1, 0.05, 0.02)
"""Of accuracy, between two lines of the grid."""


class LearningPicture(QWidget):
    """Displays what `set_points` gives it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Accuracy by number of labelled videos"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(110)
        self._points: Sequence[tuple[int, float, float]] = ()

    def sizeHint(self) -> QSize:  # noqa: N802
        """What a few points need."""
        return QSize(320, 180)

    def set_points(self, points: Sequence[tuple[int, float, float]], words: str) -> None:
        """(number of labelled videos, accuracy, spread), ascending; what they say, for those that cannot see them."""
        self._points = points
        line = self.tr("{0} labelled: {1} ± {2}")
        told = [line.format(number, percent(mean), percent(spread)) for number, mean, spread in points]
        self.setAccessibleDescription("\n".join([words, *told]))
        self.setToolTip("\n".join(told))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """All of it: there is little."""
        painter, colours, letters = QPainter(self), colours_of(self.palette()), self.fontMetrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, below = letters.horizontalAdvance(percent(1)) + 8, letters.height() + 6
        top = letters.height() // 2 + 2
        area = QRectF(left, top, self.width() - left - 12, self.height() - top - below)
        painter.fillRect(area, QColor(colours.base))
        if self._points:
            low = self._draw_grid(painter, area, colours)
            self._draw_line(painter, area, colours, low)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawRect(area)

    def _draw_grid(self, painter: QPainter, area: QRectF, colours: ThemeColours) -> float:
        """Returns the accuracy at the foot."""
        least = max(min(mean - spread for _, mean, spread in self._points), 0.0)
        room = max(area.height() / (painter.fontMetrics().height() * 1.4), 1)
        step = next((s for s in reversed(_STEPS) if (1 - least) / s + 1 <= room), _STEPS[0])
        low = min(int(least / step + 1e-9) * step, 1 - step)
        for line in range(round((1 - low) / step) + 1):
            share = low + line * step
            y = _y(share, area, low)
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted_text))
            box = QRectF(0, y - 12, area.left() - 6, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(share))
        return low

    def _draw_line(self, painter: QPainter, area: QRectF, colours: ThemeColours, low: float) -> None:
        first, last = self._points[0][0], self._points[-1][0]
        inner = area.adjusted(14, 0, -14, 0)
        xs = [inner.left() + inner.width() * (n - first) / max(last - first, 1) for n, *_ in self._points]
        shares = [(max(mean - spread, 0), mean, min(mean + spread, 1)) for _, mean, spread in self._points]
        lows, means, highs = (
            [QPointF(x, _y(one, area, low)) for x, one in zip(xs, row, strict=True)]
            for row in zip(*shares, strict=True)
        )
        veil = QColor(colours.curve)
        veil.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawPolygon(QPolygonF([*highs, *reversed(lows)]))
        painter.setPen(QPen(QColor(colours.curve), 2))
        painter.drawPolyline(QPolygonF(means))
        painter.setBrush(QColor(colours.curve))
        end = -1.0
        for (number, *_), at in zip(self._points, means, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(at, 3.5, 3.5)
            half = painter.fontMetrics().horizontalAdvance(str(number)) / 2 + 3
            if at.x() - half > end:
                painter.setPen(QColor(colours.muted_text))
                box = QRectF(at.x() - half, area.bottom() + 2, 2 * half, self.height() - area.bottom() - 2)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
                end = at.x() + half
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _y(share: float, area: QRectF, low: float) -> float:
    return area.bottom() - area.height() * (share - low) / (1 - low)
