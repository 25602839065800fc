"""A progress bar; while the total is unknown, a short piece of it moves back and forth."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from carl_gui.theme import colours_of

_HEIGHT = 8
_WANDERING = 0.25
"""Share of the bar that is filled while its end is not known."""
_ROUND_SECONDS = 1.6
_FRAME_MS = 40


class ProgressBar(QProgressBar):
    """Without text. With a maximum of 0 the total is unknown, and it never looks full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._wander)

    @property
    def is_busy(self) -> bool:
        """Whether its end is not known."""
        return self.maximum() <= self.minimum()

    def filled(self, moment_seconds: float) -> tuple[float, float]:
        """Return the shares of the bar between which it is filled at this moment."""
        if not self.is_busy:
            return 0.0, max(self.value() - self.minimum(), 0) / (self.maximum() - self.minimum())
        way = moment_seconds / _ROUND_SECONDS % 1.0
        start = (1.0 - _WANDERING) * (1.0 - abs(2.0 * way - 1.0))
        return start, start + _WANDERING

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, _HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """It wanders only where it is seen, and while its end is not known."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.is_busy and not self._timer.isActive():  # a change of its range paints it
            self._timer.start()
        start, end = self.filled(time.monotonic())
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        radius = groove.height() / 2
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(groove, radius, radius)
        if end > start:
            part = QRectF(groove)
            part.setLeft(groove.left() + start * groove.width())
            part.setWidth(max((end - start) * groove.width(), groove.height()))
            painter.setBrush(QColor(colours.curve if self.isEnabled() else colours.muted_text))
            painter.drawRoundedRect(part, radius, radius)
        painter.end()

    def _wander(self) -> None:
        if self.is_busy:
            self.update()
        else:
            self._timer.stop()
