"""Where things lie in the heatmap: its square, its axes and their ticks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from carl_gui.models.wording import duration_words

_MOST_SLANT = 1.9
"""The longer side of the square over the shorter one, at most: else the shorter video would be a stripe."""
_MOST_STRETCH = 1.5
"""One axis may be drawn so many times as large as the other, to fill the room."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_BAR, _BAR_GAP, GAP = 10.0, 14.0, 5.0
_CLOCK_FROM_SECONDS = 120.0


@dataclass(frozen=True)
class Places:
    """The square in which the similarity is drawn, A's time to the right and B's upwards, and the bar of colours."""

    square: QRectF
    bar: QRectF
    a_seconds: float
    b_seconds: float
    """How long the videos are."""

    @classmethod
    def within(cls, room: QRectF, letters: QFontMetricsF, a_seconds: float, b_seconds: float) -> Places:
        """As large as there is room; the axes have about the same scale, unless one video is much the longer."""
        line = letters.height()
        left = line + GAP + letters.horizontalAdvance("00:00") + GAP
        right = _BAR_GAP + _BAR + GAP + letters.horizontalAdvance("−0.00")
        area = room.adjusted(left, line / 2, -right, -(2 * line + 2 * GAP))
        fair = min(max(b_seconds / a_seconds, 1 / _MOST_SLANT), _MOST_SLANT)
        filling = max(area.height(), 1.0) / max(area.width(), 1.0)
        ratio = min(max(filling, fair / _MOST_STRETCH), fair * _MOST_STRETCH)
        width = max(min(area.width(), area.height() / ratio), 1.0)
        square = QRectF(0, 0, width, width * ratio)
        square.moveCenter(QPointF(area.center().x(), area.center().y()))
        square = QRectF(square.toRect())  # lines along its edges are sharp then
        bar = QRectF(square.right() + _BAR_GAP, square.top(), _BAR, square.height())
        return cls(square, bar, a_seconds, b_seconds)

    def point(self, a_seconds: float, b_seconds: float) -> QPointF:
        """Where these two times meet."""
        square = self.square
        return QPointF(
            square.left() + a_seconds / self.a_seconds * square.width(),
            square.bottom() - b_seconds / self.b_seconds * square.height(),
        )

    def seconds_at(self, point: QPointF) -> tuple[float, float]:
        """The times of A and B there; they may lie beyond the ends."""
        square = self.square
        return (
            (point.x() - square.left()) / square.width() * self.a_seconds,
            (square.bottom() - point.y()) / square.height() * self.b_seconds,
        )


def ticks(seconds: float, length: float, apart: float) -> list[float]:
    """Round times from 0 to `seconds` along an axis of that length, at least `apart` from each other."""
    most = max(int(length / apart), 1)
    step = next((step for step in _STEPS if seconds / step <= most), seconds)
    return [place * step for place in range(int(seconds / step + 1e-9) + 1)]


def tick_text(seconds: float, longest_seconds: float) -> str:
    """`2.5` in a short video, `1:05` in a long one."""
    return duration_words(seconds) if longest_seconds >= _CLOCK_FROM_SECONDS else f"{seconds:g}"
