"""The layout of a heatmap, and its pictures, region by region."""

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
"""The least number of visible frames at the largest zoom."""
_STEP_IN = 0.15
"""The position at which a followed moment reappears, as a share of the range."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of a video's time, in seconds of the medium's clock."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    def zoomed(self, about: float, factor: float, video: Video) -> TimeRange:
        """Return the range zoomed by a factor; `about`, in seconds, keeps its position unless the video ends before."""
        least = min(_LEAST_FRAMES * video.duration_seconds / len(video), video.duration_seconds)
        length = min(max(self.length / factor, least), video.duration_seconds)
        return _within(about - (about - self.start) * length / self.length, length, video)

    def moved(self, by_seconds: float, video: Video) -> TimeRange:
        """Return the range moved, at most to the ends of the video."""
        return _within(self.start + by_seconds, self.length, video)

    def following(self, seconds: float, video: Video) -> TimeRange:
        """Return the same range if that moment is in it; else move it there, with most of what comes next."""
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
        """Return all of both videos."""
        return cls(*(TimeRange(one.start_seconds, one.end_seconds) for one in (pair.a, pair.b)))

    def zoomed(self, a_seconds: float, b_seconds: float, factor: float, pair: Pair) -> Region:
        """Return the region zoomed around that point."""
        return Region(self.a.zoomed(a_seconds, factor, pair.a), self.b.zoomed(b_seconds, factor, pair.b))

    def moved(self, a_seconds: float, b_seconds: float, pair: Pair) -> Region:
        """Return the region moved along both videos."""
        return Region(self.a.moved(a_seconds, pair.a), self.b.moved(b_seconds, pair.b))

    def following(self, a_seconds: float, b_seconds: float, pair: Pair) -> Region:
        """Return the region moved so that this point is visible."""
        return Region(self.a.following(a_seconds, pair.a), self.b.following(b_seconds, pair.b))


def _within(start: float, length: float, video: Video) -> TimeRange:
    start = max(min(start, video.end_seconds - length), video.start_seconds)
    return TimeRange(start, min(start + length, video.end_seconds))


_MOST_SLANT = 1.9
"""The largest ratio of the sides of the square, so that a short video is no stripe."""
_MOST_STRETCH = 1.5
"""The largest ratio of the scales of the axes, to fill the room."""
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_LONG_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)
_BAR, _BAR_GAP, GAP = 10.0, 14.0, 5.0
_CLOCK_FROM_SECONDS = 120.0
BAR_SAMPLE = "≤ −0.00"
"""The longest text beside the bar of colours."""


@dataclass(frozen=True)
class HeatmapLayout:
    """The square of the similarity, with A's time to the right and B's upwards, and the colour bar."""

    square: QRectF
    bar: QRectF
    region: Region
    """The region of both videos in the square."""

    @classmethod
    def within(cls, room: QRectF, letters: QFontMetricsF, pair: Pair, region: Region) -> HeatmapLayout:
        """Return the largest layout; the axes have about the same scale, unless one video is much longer."""
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
        """Return the position of these two times; outside of the square where they are not visible."""
        square, a, b = self.square, self.region.a, self.region.b
        return QPointF(
            square.left() + (a_seconds - a.start) / a.length * square.width(),
            square.bottom() - (b_seconds - b.start) / b.length * square.height(),
        )

    def seconds_at(self, point: QPointF) -> tuple[float, float]:
        """Return the times of A and B there; they may lie beyond the ends."""
        square, a, b = self.square, self.region.a, self.region.b
        return (
            a.start + (point.x() - square.left()) / square.width() * a.length,
            b.start + (square.bottom() - point.y()) / square.height() * b.length,
        )

    @property
    def pixels_per_second(self) -> tuple[float, float]:
        """The scale along A's time, and along B's."""
        return self.square.width() / self.region.a.length, self.square.height() / self.region.b.length

    def rect_of(self, region: Region) -> QRectF:
        """Return the rectangle of that part of both videos."""
        return QRectF(self.point(region.a.start, region.b.end), self.point(region.a.end, region.b.start))


def label_width(letters: QFontMetricsF, seconds: float) -> float:
    """Return the width of tick labels of a video of that length at any zoom, so that the layout does not jump."""
    if seconds >= _CLOCK_FROM_SECONDS:
        return letters.horizontalAdvance(duration_text(seconds) + ".0")
    return letters.horizontalAdvance("0.00" if seconds < 10 else "00.00")


def ticks(start: float, end: float, length: float, min_gap: float) -> list[float]:
    """Return round times from `start` to `end`, in seconds, along an axis of that length, at least `min_gap` from each
    other.
    """
    step = next((step for step in (*_STEPS, *_LONG_STEPS) if step * length >= (end - start) * min_gap), None)
    if step is None:
        return [0.0] if start == 0 else []
    first, last = math.ceil(start / step - 1e-6), math.floor(end / step + 1e-6)
    return [round(multiple * step, 6) for multiple in range(first, last + 1)]


def tick_text(seconds: float, start: float, end: float, longest: float = 0.0) -> str:
    """Return `2.5` for short ranges, `1:05` for long ones, `1:05.5` for a short part of a long one.

    Args:
        longest: how long the whole is of which `start` to `end` is seen, where that is more.
    """
    if max(end, longest) < _CLOCK_FROM_SECONDS:
        return f"{seconds:g}"
    if end - start >= _CLOCK_FROM_SECONDS / 2:
        return duration_text(seconds)
    seconds_only, fraction = divmod(round(seconds, 3), 1)
    return duration_text(seconds_only) + f"{fraction:.3f}"[1:].rstrip("0").rstrip(".")


_MOST_PIXELS = 2048
"""The largest side of a picture, on any screen."""


@dataclass(frozen=True, eq=False)
class HeatmapPicture:
    """The similarity of a part of both videos, coloured."""

    region: Region
    image: QImage
    look: Look
    scale: ColourScale
    """The scale of its colours."""


@dataclass(frozen=True, eq=False)
class _Request:
    pair: Pair
    look: Look
    region: Region
    pixels: tuple[int, int]
    """Width and height."""

    def is_same(self, other: _Request | None) -> bool:
        return (
            other is not None
            and (self.pair.a, self.pair.b) == (other.pair.a, other.pair.b)
            and (self.look, self.region, self.pixels) == (other.look, other.region, other.pixels)
        )


class HeatmapPictures(QObject):
    """The pictures to draw at any moment, the last on top. The whole matrix is never in memory."""

    changed = Signal()
    """A sharper picture is ready."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._look = Look()
        self._requested: _Request | None = None
        self._drawn: _Request | None = None
        self._coarse: HeatmapPicture | None = None
        self._sharp: HeatmapPicture | None = None
        self._tasks = Tasks(self, self._on_failure)

    @property
    def shown(self) -> list[HeatmapPicture]:
        """The pictures from the lowest to the uppermost."""
        return [one for one in (self._coarse, self._sharp) if one is not None]

    def is_sharp(self, region: Region) -> bool:
        """Return whether that part is ready as requested last, in the current colours."""
        drawn = self._drawn
        return drawn is not None and drawn is self._requested and (drawn.region, drawn.look) == (region, self._look)

    def set_pair(self, pair: Pair | None) -> None:
        """Set the pair; its coarse picture is ready at once."""
        self._pair = pair
        self._coarse = self._sharp = self._requested = self._drawn = None
        self._tasks.cancel("draw")
        if pair is not None:
            self._coarse = _coloured(Region.whole(pair), pair.cosine, self._look)

    def set_look(self, look: Look) -> None:
        """Set the colours; current pictures stay until the new ones are ready."""
        self._look = look

    def ask(self, region: Region, size: QSize) -> None:
        """Request a sharp picture of that part, of this many pixels; replaces an earlier request."""
        if self._pair is None:
            return
        pixels = min(size.width(), _MOST_PIXELS), min(size.height(), _MOST_PIXELS)
        request = _Request(self._pair, self._look, region, pixels)
        if not request.is_same(self._requested):
            self._requested = request
            self._tasks.start("draw", self._draw(request))

    async def _draw(self, request: _Request) -> None:
        self._coarse, self._sharp = await in_thread(lambda control: _draw_pictures(request))
        self._drawn = request
        self.changed.emit()

    def _on_failure(self, sentence: str) -> None:
        """Keep the coarse picture after an error; the next request is drawn anew."""
        self._requested = None


def _draw_pictures(request: _Request) -> tuple[HeatmapPicture, HeatmapPicture]:
    """Draw the part, and the whole in its colours, so that nothing jumps where both are visible."""
    pair, region = request.pair, request.region
    across, down = request.pixels
    cosine = mean_cosine(
        Axis(pair.b.embeddings, pair.b.edges_seconds, down, region.b.start, region.b.end),
        Axis(pair.a.embeddings, pair.a.edges_seconds, across, region.a.start, region.a.end),
    )
    sharp = _coloured(region, cosine, request.look)
    common = sharp.scale if sharp.scale.stops.ndim == 1 else None
    return _coloured(Region.whole(pair), pair.cosine, request.look, common), sharp


def _coloured(
    region: Region, cosine: NDArray[np.float32], look: Look, scale: ColourScale | None = None
) -> HeatmapPicture:
    """Return the picture, with B's time upwards."""
    scale = scale or scale_of(look.scaling, cosine)
    shades = np.ascontiguousarray(scale.shades(cosine)[::-1])
    height, width = shades.shape
    image = QImage(shades.data, width, height, width, QImage.Format.Format_Indexed8)
    table = colour_table(look.colours).astype(np.uint32)
    image.setColorTable((0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2]).tolist())
    return HeatmapPicture(region, image.convertToFormat(QImage.Format.Format_RGB32), look, scale)
