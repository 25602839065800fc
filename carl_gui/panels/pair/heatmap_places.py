"""Layout of the heatmap: its square, axes, ticks, and colour bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from carl_gui.models.heatmap_region import Region
from carl_gui.models.messages import duration_words
from carl_gui.models.pair import Pair

_MOST_SLANT = 1.9
"""The longer side of the square over the shorter one, at most: else the shorter video would be a stripe."""
_MOST_STRETCH = 1.5
"""One axis may be drawn so many times as large as the other, to fill the room."""
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_LONG_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)
_BAR, _BAR_GAP, GAP = 10.0, 14.0, 5.0
_CLOCK_FROM_SECONDS = 120.0
BAR_SAMPLE = "≤ −0.00"
"""The longest text beside the bar of colours."""


@dataclass(frozen=True)
class Places:
    """The square of the similarity, with A's time to the right and B's upwards, and the colour bar."""

    square: QRectF
    bar: QRectF
    region: Region
    """What of both videos is in the square."""

    @classmethod
    def within(cls, room: QRectF, letters: QFontMetricsF, pair: Pair, region: Region) -> Places:
        """As large as there is room; the axes have about the same scale, unless one video is much the longer."""
        line = letters.height()
        left = line + 2 * GAP + label_width(letters, pair.b.end_seconds)
        right = _BAR_GAP + _BAR + GAP + letters.horizontalAdvance(BAR_SAMPLE) + line
        area = room.adjusted(left, line / 2, -right, -(2 * line + 2 * GAP))
        slant = pair.b.duration_seconds / pair.a.duration_seconds
        fair = min(max(slant, 1 / _MOST_SLANT), _MOST_SLANT)
        filling = max(area.height(), 1.0) / max(area.width(), 1.0)
        ratio = 1.0 if pair.is_self else min(max(filling, fair / _MOST_STRETCH), fair * _MOST_STRETCH)
        width = max(min(area.width(), area.height() / ratio), 1.0)
        square = QRectF(0, 0, width, max(width * ratio, 1.0))
        square.moveCenter(area.center())
        square = QRectF(square.toRect())  # lines along its edges are sharp then
        return cls(square, QRectF(square.right() + _BAR_GAP, square.top(), _BAR, square.height()), region)

    def point(self, a_seconds: float, b_seconds: float) -> QPointF:
        """Where these two times meet; beyond the square where they are not seen."""
        square, a, b = self.square, self.region.a, self.region.b
        return QPointF(
            square.left() + (a_seconds - a.start) / a.length * square.width(),
            square.bottom() - (b_seconds - b.start) / b.length * square.height(),
        )

    def seconds_at(self, point: QPointF) -> tuple[float, float]:
        """The times of A and B there; they may lie beyond the ends."""
        square, a, b = self.square, self.region.a, self.region.b
        return (
            a.start + (point.x() - square.left()) / square.width() * a.length,
            b.start + (square.bottom() - point.y()) / square.height() * b.length,
        )

    @property
    def pixels_per_second(self) -> tuple[float, float]:
        """Along A's time, and along B's."""
        return self.square.width() / self.region.a.length, self.square.height() / self.region.b.length

    def rect_of(self, region: Region) -> QRectF:
        """Where that part of both videos lies."""
        return QRectF(self.point(region.a.start, region.b.end), self.point(region.a.end, region.b.start))


def label_width(letters: QFontMetricsF, seconds: float) -> float:
    """Room for the texts of ticks of a video so long, however near it is seen: what is zoomed does not jump."""
    if seconds >= _CLOCK_FROM_SECONDS:
        return letters.horizontalAdvance(duration_words(seconds) + ".0")
    return letters.horizontalAdvance("0.00" if seconds < 10 else "00.00")


def ticks(start: float, end: float, length: float, apart: float) -> list[float]:
    """Round times from `start` to `end`, in seconds, along an axis of that length, at least `apart` from each other."""
    step = next((step for step in (*_STEPS, *_LONG_STEPS) if step * length >= (end - start) * apart), None)
    if step is None:
        return [0.0] if start == 0 else []
    first, last = math.ceil(start / step - 1e-6), math.floor(end / step + 1e-6)
    return [round(place * step, 6) for place in range(first, last + 1)]


def tick_text(seconds: float, start: float, end: float, longest: float = 0.0) -> str:
    """`2.5` in what is short, `1:05` in what is long, `1:05.5` where a short part of something long is seen.

    Args:
        longest: how long the whole is of which `start` to `end` is seen, where that is more.
    """
    if max(end, longest) < _CLOCK_FROM_SECONDS:
        return f"{seconds:g}"
    if end - start >= _CLOCK_FROM_SECONDS / 2:
        return duration_words(seconds)
    whole, rest = divmod(round(seconds, 3), 1)
    return duration_words(whole) + f"{rest:.3f}"[1:].rstrip("0").rstrip(".")
