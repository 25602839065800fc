"""Where frames lie on a heatmap, and its pictures, region by region."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QFontMetricsF, QImage

from carl_gui.explore.pair.heatmap_look import ColourScale, Look, colour_table, scale_of
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.model import PairSide as Video
from carl_gui.models.messages import duration_text
from carl_gui.tasks import Tasks, in_thread
from core.align.area import Axis, mean_cosine

_LEAST_FRAMES = 4.0
"""Of a video that are seen at most zoomed."""
_STEP_IN = 0.15
"""Where what is followed comes in after it left, as a share of the stretch."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of a video's time, in seconds of the medium's clock."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    def zoomed(self, about: float, factor: float, video: Video) -> TimeRange:
        """So many times as near; `about`, in seconds, stays where it is seen unless the video ends before."""
        least = min(_LEAST_FRAMES * video.duration_seconds / len(video), video.duration_seconds)
        length = min(max(self.length / factor, least), video.duration_seconds)
        return _within(about - (about - self.start) * length / self.length, length, video)

    def moved(self, by_seconds: float, video: Video) -> TimeRange:
        """As far as the video goes."""
        return _within(self.start + by_seconds, self.length, video)

    def following(self, seconds: float, video: Video) -> TimeRange:
        """The same where that moment is in it; else moved so that it is, with most of what comes next."""
        if self.start <= seconds <= self.end:
            return self
        share = _STEP_IN if seconds > self.end else 1 - _STEP_IN
        return _within(seconds - self.length * share, self.length, video)


@dataclass(frozen=True, slots=True)
class Region:
    """The visible region."""

    a: TimeRange
    b: TimeRange

    @classmethod
    def whole(cls, pair: Pair) -> Region:
        """All of both videos."""
        return cls(*(TimeRange(one.start_seconds, one.end_seconds) for one in (pair.a, pair.b)))

    def zoomed(self, a_seconds: float, b_seconds: float, factor: float, pair: Pair) -> Region:
        """Nearer to that place, or farther."""
        return Region(self.a.zoomed(a_seconds, factor, pair.a), self.b.zoomed(b_seconds, factor, pair.b))

    def moved(self, a_seconds: float, b_seconds: float, pair: Pair) -> Region:
        """Along both videos."""
        return Region(self.a.moved(a_seconds, pair.a), self.b.moved(b_seconds, pair.b))

    def following(self, a_seconds: float, b_seconds: float, pair: Pair) -> Region:
        """So that this place is seen."""
        return Region(self.a.following(a_seconds, pair.a), self.b.following(b_seconds, pair.b))


def _within(start: float, length: float, video: Video) -> TimeRange:
    start = max(min(start, video.end_seconds - length), video.start_seconds)
    return TimeRange(start, min(start + length, video.end_seconds))


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
        return letters.horizontalAdvance(duration_text(seconds) + ".0")
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
        return duration_text(seconds)
    whole, rest = divmod(round(seconds, 3), 1)
    return duration_text(whole) + f"{rest:.3f}"[1:].rstrip("0").rstrip(".")


_MOST_PIXELS = 2048
"""Of a picture's sides, however large the screen is."""


@dataclass(frozen=True, eq=False)
class HeatmapPicture:
    """The similarity of a part of both videos, coloured."""

    region: Region
    image: QImage
    look: Look
    scale: ColourScale
    """What its colours stand for."""


@dataclass(frozen=True, eq=False)
class _Question:
    pair: Pair
    look: Look
    region: Region
    pixels: tuple[int, int]
    """Across and down."""

    def is_same(self, other: _Question | None) -> bool:
        return (
            other is not None
            and (self.pair.a, self.pair.b) == (other.pair.a, other.pair.b)
            and (self.look, self.region, self.pixels) == (other.look, other.region, other.pixels)
        )


class HeatmapPictures(QObject):
    """The pictures to draw at any moment, the last on top. The whole matrix is never in memory."""

    changed = Signal()
    """A sharper one is there."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._look = Look()
        self._asked: _Question | None = None
        self._answered: _Question | None = None
        self._coarse: HeatmapPicture | None = None
        self._sharp: HeatmapPicture | None = None
        self._tasks = Tasks(self, self._forget_question)

    @property
    def shown(self) -> list[HeatmapPicture]:
        """From the lowest to the uppermost."""
        return [one for one in (self._coarse, self._sharp) if one is not None]

    def is_sharp(self, region: Region) -> bool:
        """Return whether that part is there as it was asked for last, in the colours that are wanted now."""
        answer = self._answered
        return answer is not None and answer is self._asked and (answer.region, answer.look) == (region, self._look)

    def set_pair(self, pair: Pair | None) -> None:
        """Of which videos; the coarse picture is there at once."""
        self._pair = pair
        self._coarse = self._sharp = self._asked = self._answered = None
        self._tasks.cancel("draw")
        if pair is not None:
            self._coarse = _coloured(Region.whole(pair), pair.cosine, self._look)

    def set_look(self, look: Look) -> None:
        """How they are coloured; what is there stays until the new one is."""
        self._look = look

    def ask(self, region: Region, size: QSize) -> None:
        """Make a sharp picture of that part, of so many pixels; what was asked for before is not made any more."""
        if self._pair is None:
            return
        pixels = min(size.width(), _MOST_PIXELS), min(size.height(), _MOST_PIXELS)
        question = _Question(self._pair, self._look, region, pixels)
        if not question.is_same(self._asked):
            self._asked = question
            self._tasks.start("draw", self._draw(question))

    async def _draw(self, question: _Question) -> None:
        self._coarse, self._sharp = await in_thread(lambda control: _answer(question))
        self._answered = question
        self.changed.emit()

    def _forget_question(self, sentence: str) -> None:
        """The coarse picture stays; the next look is drawn anew."""
        self._asked = None


def _answer(question: _Question) -> tuple[HeatmapPicture, HeatmapPicture]:
    """The whole again in the colours of the part, so that nothing jumps where both are seen; and the part."""
    pair, region = question.pair, question.region
    across, down = question.pixels
    cosine = mean_cosine(
        Axis(pair.b.embeddings, pair.b.edges_seconds, down, region.b.start, region.b.end),
        Axis(pair.a.embeddings, pair.a.edges_seconds, across, region.a.start, region.a.end),
    )
    sharp = _coloured(region, cosine, question.look)
    common = sharp.scale if sharp.scale.stops.ndim == 1 else None
    return _coloured(Region.whole(pair), pair.cosine, question.look, common), sharp


def _coloured(
    region: Region, cosine: NDArray[np.float32], look: Look, scale: ColourScale | None = None
) -> HeatmapPicture:
    """B's time upwards."""
    scale = scale or scale_of(look.scaling, cosine)
    shades = np.ascontiguousarray(scale.shades(cosine)[::-1])
    height, width = shades.shape
    image = QImage(shades.data, width, height, width, QImage.Format.Format_Indexed8)
    table = colour_table(look.colours).astype(np.uint32)
    image.setColorTable((0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2]).tolist())
    return HeatmapPicture(region, image.convertToFormat(QImage.Format.Format_RGB32), look, scale)
