"""Plot of a video's periodicity: similarity by the time between moments, and the period."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.explore.pair.heatmap_pictures import tick_text, ticks
from carl_gui.explore.pair.read_out import digits
from carl_gui.theme import ThemeColours, colours_of
from core.align.repetition import Repetition

_MARGIN, _GAP = 10.0, 4.0
_MOST_POINTS = 2000
_NEAR = 6.0
"""Pixels around the period that snap to it."""
_LEAST_SPAN = 0.02
"""The least range of cosines from bottom to top, so that a still video is a flat line."""


class LagView(QWidget):
    """Time between two moments to the right, from none to half the video. Displays what `set_*` gives it."""

    lag_selected = Signal(float)
    """How much later than A to show B, in seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Repetition within the video"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._found: Repetition | None = None
        self._lag_seconds = 0.0
        self._hovered = -1.0

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 84)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, 130)

    @property
    def sentence(self) -> str:
        """The result, in words."""
        if self._found is None:
            return ""
        if self._found.period_seconds is None:
            return self.tr("No repetition found.")
        return self.tr("Repeats about every {0} s.").format(digits(self._found.period_seconds))

    def set_repetition(self, found: Repetition | None) -> None:
        """Set the measurement to show; None: nothing yet."""
        if found is not self._found:
            self._found, self._hovered = found, -1.0
            self.setAccessibleDescription(
                self.tr("{0} Left and right change how far B lags behind A.").format(self.sentence)
            )
            self.update()

    def set_lag(self, seconds: float) -> None:
        """Set the time between the current frames of the players."""
        if seconds != self._lag_seconds:
            self._lag_seconds = seconds
            self.update()

    def x_of(self, seconds: float) -> float:
        """Return the position of that time in this widget."""
        plot = self._plot()
        return plot.left() + seconds / self._longest() * plot.width()

    def lag_at(self, x: float) -> float:
        """Return the nearest measured time, in seconds; the period where it is near."""
        assert self._found is not None
        period, plot = self._found.period_seconds, self._plot()
        if period is not None and abs(self.x_of(period) - x) <= _NEAR:
            return period
        share = min(max((x - plot.left()) / plot.width(), 0.0), 1.0)
        return float(self._found.lags_seconds[round(share * (len(self._found.lags_seconds) - 1))])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._found is not None:
            self._draw(painter, self._found, colours_of(self.palette()))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._found is not None:
            self._hover(self.lag_at(event.position().x()))
        self._choose(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is None or self._found is None or len(self._found.lags_seconds) < 2:
            super().keyPressEvent(event)
            return
        lags = self._found.lags_seconds
        index = int(np.abs(lags - self._lag_seconds).argmin()) + by
        self.lag_selected.emit(float(lags[min(max(index, 0), len(lags) - 1)]))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _choose(self, event: QMouseEvent) -> None:
        if self._found is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.lag_selected.emit(self.lag_at(event.position().x()))

    def _hover(self, seconds: float) -> None:
        if seconds != self._hovered:
            self._hovered = seconds
            self.update()

    def _longest(self) -> float:
        return max(float(self._found.lags_seconds[-1]), 1e-9) if self._found is not None else 1.0

    def _plot(self) -> QRectF:
        line = QFontMetricsF(self.font()).height()
        room = QRectF(self.rect()).adjusted(_MARGIN, line + 2 * _GAP, -_MARGIN, -(line + 2 * _GAP))
        return QRectF(room.topLeft(), QPointF(max(room.right(), room.left() + 1), max(room.bottom(), room.top() + 1)))

    def _draw(self, painter: QPainter, found: Repetition, colours: ThemeColours) -> None:
        plot = self._plot()
        low, high = float(found.cosine.min()), max(float(found.cosine.max()), float(found.cosine.min()) + _LEAST_SPAN)
        painter.fillRect(plot, QColor(colours.base))
        self._draw_times(painter, plot, colours)
        kept = np.unique(np.linspace(0, len(found.cosine) - 1, _MOST_POINTS).astype(np.int64))
        heights = plot.bottom() - (found.cosine[kept] - low) / (high - low) * plot.height()
        points = [
            QPointF(self.x_of(lag), y)
            for lag, y in zip(found.lags_seconds[kept].tolist(), heights.tolist(), strict=True)
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.curve), 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(colours.curve if self.hasFocus() else colours.border))
        painter.drawRect(plot)
        if found.period_seconds is not None:
            self._draw_line(painter, found.period_seconds, QPen(QColor(colours.series[1]), 2, Qt.PenStyle.DashLine))
        if self._lag_seconds <= self._longest():
            self._draw_line(painter, self._lag_seconds, QPen(QColor(colours.text), 2))
        if self._hovered >= 0:
            self._draw_line(painter, self._hovered, QPen(QColor(colours.muted_text), 1))
        self._draw_words(painter, plot, found, colours)

    def _draw_line(self, painter: QPainter, seconds: float, pen: QPen) -> None:
        plot, x = self._plot(), self.x_of(seconds)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _draw_times(self, painter: QPainter, plot: QRectF, colours: ThemeColours) -> None:
        letters, longest = QFontMetricsF(self.font()), self._longest()
        caption = self.tr("seconds apart")
        end = plot.right() - letters.horizontalAdvance(caption) - _MARGIN
        right, top = Qt.AlignmentFlag.AlignRight, plot.bottom() + _GAP
        painter.setPen(QColor(colours.muted_text))
        painter.drawText(QRectF(end, top, plot.right() - end, letters.height()), right, caption)
        for seconds in ticks(0, longest, plot.width(), letters.horizontalAdvance("0:00:00")):
            x, text = self.x_of(seconds), tick_text(seconds, 0, longest)
            width = letters.horizontalAdvance(text)
            painter.setPen(QColor(colours.border))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + _GAP - 1))
            painter.setPen(QColor(colours.muted_text))
            if x + width / 2 <= end:
                painter.drawText(QPointF(max(x - width / 2, plot.left()), top + letters.ascent()), text)

    def _draw_words(self, painter: QPainter, plot: QRectF, found: Repetition, colours: ThemeColours) -> None:
        """Draw the result, and the time under the mouse."""
        letters = QFontMetricsF(self.font())
        line = QRectF(plot.left(), _GAP, plot.width(), letters.height())
        lag_seconds = self._hovered if self._hovered >= 0 else min(self._lag_seconds, self._longest())
        cosine = float(np.interp(lag_seconds, found.lags_seconds, found.cosine))
        figures = self.tr("{0} s apart: mean similarity {1}").format(
            f"{lag_seconds:.2f}", f"{cosine:.2f}".replace("-", "−")
        )
        painter.setPen(QColor(colours.text))
        room = line.width() - letters.horizontalAdvance(figures) - _MARGIN
        sentence = letters.elidedText(self.sentence, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, sentence)
        if room >= letters.horizontalAdvance(sentence):
            painter.setPen(QColor(colours.muted_text))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, figures)
