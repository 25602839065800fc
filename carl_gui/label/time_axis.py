"""Time as pixels: the axis, its ruler, spans on it, and what an edge snaps to."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span

_LEAST_FRAMES = 10.0
"""That many at least fill the width."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Maps frames `first` to `first + shown` to x = `left` to x = `left + width`; both may be fractions."""

    num_frames: int = 0
    left: float = 0.0
    width: float = 1.0
    first: float = 0.0
    shown: float = 0.0

    @property
    def shows_all(self) -> bool:
        """Whether every frame is visible."""
        return self.shown >= self.num_frames

    @property
    def frame_width(self) -> float:
        """In pixels."""
        return self.width / self.shown if self.shown else 0.0

    def x_of(self, frame: float) -> float:
        """Return the x at which that frame begins."""
        return self.left + (frame - self.first) * self.frame_width

    def xs_of(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the x at which each of these frames begins."""
        return self.left + (frames.astype(np.float64) - self.first) * self.frame_width

    def position_at(self, x: float) -> float:
        """Return the position at x, in frames: the inverse of `x_of`, within the video."""
        at = self.first + (x - self.left) / self.frame_width if self.shown else 0.0
        return min(max(at, 0.0), float(self.num_frames))

    def frame_at(self, x: float) -> int:
        """Return the frame at x, clamped to the video."""
        return min(int(self.position_at(x)), max(self.num_frames - 1, 0))

    def for_video(self, num_frames: int) -> TimeAxis:
        """Return the axis of another video, all of it visible."""
        return replace(self, num_frames=num_frames, first=0.0, shown=float(num_frames))

    def with_geometry(self, left: float, width: float) -> TimeAxis:
        """Return the same frames at another position."""
        return replace(self, left=left, width=max(width, 1.0))

    def zoomed(self, factor: float, x: float) -> TimeAxis:
        """Return the axis enlarged by that factor, with the frame at x staying there where there is room."""
        if not self.num_frames:
            return self
        shown = min(max(self.shown / factor, min(_LEAST_FRAMES, self.num_frames)), float(self.num_frames))
        anchor = self.first + (x - self.left) / self.width * self.shown
        return replace(self, shown=shown).starting_at(anchor - (x - self.left) / self.width * shown)

    def panned(self, frames: float) -> TimeAxis:
        """Return the axis moved by so many frames, as far as there are any."""
        return self.starting_at(self.first + frames)

    def starting_at(self, first: float) -> TimeAxis:
        """Return the axis from that frame on, as far as there are enough."""
        return replace(self, first=min(max(first, 0.0), self.num_frames - self.shown))

    def showing(self, frame: int) -> TimeAxis:
        """Return the axis with that frame visible; if it was not, at a tenth of the width."""
        if self.first <= frame < self.first + self.shown:
            return self
        return self.starting_at(frame - self.shown / 10)


_FRAME_STEPS = (1, 2, 5)
_SECOND_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LETTER = 7.0
"""Pixels a letter of a mark may take, and a gap of two."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick."""

    frame: float
    """Where it stands; a fraction where a time lies within a frame."""
    text: str
    """Empty for the small marks between the large ones."""


def ticks_in_frames(axis: TimeAxis) -> list[Tick]:
    """Return ticks at round frame numbers, each at the beginning of its frame."""
    if not axis.num_frames:
        return []
    room = (len(str(axis.num_frames)) + 2) * _LETTER
    step = _frame_step(room / axis.frame_width)
    small = _minor_step(step)
    first = math.ceil(axis.first / small) * small
    last = math.floor(axis.first + axis.shown)
    return [Tick(frame, str(frame) if frame % step == 0 else "") for frame in range(first, last + 1, small)]


def ticks_in_seconds(axis: TimeAxis, edges_seconds: NDArray[np.float64]) -> list[Tick]:
    """Return ticks at round times, wherever those lie among frames of different durations.

    Args:
        edges_seconds: (S + 1,) start of every frame and end of the last, by the medium's clock.
    """
    if not axis.num_frames or len(edges_seconds) != axis.num_frames + 1:
        return []
    start, stop = (_seconds_at(position, edges_seconds) for position in (axis.first, axis.first + axis.shown))
    room = (len(clock(float(edges_seconds[-1]), 0.01)) + 2) * _LETTER
    min_step = (stop - start) * room / axis.width
    step = next((one for one in _SECOND_STEPS if one >= min_step), _SECOND_STEPS[-1])
    numbers = range(math.ceil(start / step - 1e-9), math.floor(stop / step + 1e-9) + 1)
    ticks = [Tick(_position_at(number * step, edges_seconds), clock(number * step, step)) for number in numbers]
    return _without_crowded_texts(ticks, axis, room)


def clock(seconds: float, step: float = 1.0) -> str:
    """Format a time as `1:05`, `0:01.2`, `0:01.25`: as exact as ticks `step` apart need it."""
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    minutes, rest = divmod(round(seconds, digits), 60)
    hours, minutes = divmod(int(minutes), 60)
    start = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{start}:{rest:0{3 + digits if digits else 2}.{digits}f}"


def _without_crowded_texts(ticks: Sequence[Tick], axis: TimeAxis, room: float) -> list[Tick]:
    """Remove the texts of ticks that lie too close together: where frames last long, times lie closer."""
    kept, free = list(ticks[:1]), axis.x_of(ticks[0].frame) + room if ticks else 0.0
    for _, tick in pairwise(ticks):
        x = axis.x_of(tick.frame)
        kept.append(tick if x >= free - 1 else Tick(tick.frame, ""))
        free = x + room if x >= free - 1 else free
    return kept


def _seconds_at(position: float, edges_seconds: NDArray[np.float64]) -> float:
    frame = min(int(position), len(edges_seconds) - 2)
    start, end = edges_seconds[frame : frame + 2]
    return float(start + (position - frame) * (end - start))


def _position_at(seconds: float, edges_seconds: NDArray[np.float64]) -> float:
    """Return the inverse of `_seconds_at`."""
    frame = min(max(int(np.searchsorted(edges_seconds, seconds, side="right")) - 1, 0), len(edges_seconds) - 2)
    start, end = edges_seconds[frame : frame + 2]
    return float(frame + min((seconds - start) / max(end - start, 1e-12), 1.0))


def _frame_step(at_least: float) -> int:
    """Return the least of 1, 2, 5, 10, ... that is at least as large."""
    power = 1
    while True:
        for step in _FRAME_STEPS:
            if step * power >= at_least:
                return step * power
        power *= 10


def _minor_step(step: int) -> int:
    """Return the step between minor ticks: a fifth of the major step, or a half where that is no whole number."""
    return step // 5 if step % 5 == 0 else step // 2 if step % 2 == 0 else step


FALLBACK = "#888888"
"""Of a phase that has no colour."""


class SpanStrip:
    """Segments in time order, without overlap, stored as arrays.

    Args:
        colours: `#rrggbb` of each phase.
        is_veiled: whether a span is the more transparent the less its confidence.
    """

    def __init__(self, spans: Sequence[Span], colours: Mapping[str, str], *, is_veiled: bool = False) -> None:
        self.spans = spans
        self.starts = np.array([span.start_frame for span in spans], np.int64)
        self.ends = np.array([span.end_frame_exclusive for span in spans], np.int64)
        self.is_predicted = [span.is_predicted for span in spans]
        """(N,) whether the span is predicted."""
        names = {name: index for index, name in enumerate(dict.fromkeys(span.phase for span in spans))}
        palette = np.array([_rgba(colours.get(name, FALLBACK)) for name in names] or [_rgba(FALLBACK)])
        rgba = palette[[names[span.phase] for span in spans]] if spans else np.zeros((0, 4))  # (N, 4)
        if is_veiled:
            rgba = rgba * np.array([opacity(span.confidence) for span in spans])[:, None]
        edges = np.empty(2 * len(spans) + 1, np.int64)
        edges[0] = 0
        edges[1::2], edges[2::2] = self.starts, self.ends
        sums = np.zeros((len(edges), 4))
        sums[2::2] = np.cumsum(rgba * (self.ends - self.starts)[:, None], axis=0)
        sums[1::2] = sums[:-1:2]
        self._edges, self._sums = edges, sums

    def pixels(self, positions: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return (W, 4) premultiplied red, green, blue and opacity of the pixels between W + 1 positions in frames.

        A pixel's colour is the mean over its frames, those without a span being transparent: nothing flickers, and no
        span is too short to be seen.
        """
        at = np.stack([np.interp(positions, self._edges, self._sums[:, channel]) for channel in range(4)], axis=1)
        widths = np.maximum(np.diff(positions), 1e-9)
        mean = np.diff(at, axis=0) / widths[:, None]
        return (mean * 255 + 0.5).clip(0, 255).astype(np.uint8)

    def indices_between(self, first: float, last: float) -> range:
        """Return the indices of the spans that have a frame between those positions."""
        start = int(np.searchsorted(self.ends, first, side="right"))
        return range(start, max(start, int(np.searchsorted(self.starts, last, side="left"))))

    def index_at(self, frame: int) -> int | None:
        """Return the index of the span that covers that frame; None: there is none."""
        index = int(np.searchsorted(self.starts, frame, side="right")) - 1
        return index if index >= 0 and frame < self.ends[index] else None

    def span_at(self, frame: int) -> Span | None:
        """Return the span that covers that frame; None: there is none."""
        index = self.index_at(frame)
        return None if index is None else self.spans[index]


def opacity(confidence: float) -> float:
    """Return the opacity of a predicted span: doubtful ones are still visible."""
    return 0.2 + 0.8 * confidence


class ValueStrip:
    """One value per frame, (S,), as a row of pixels."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values = values
        self._sums = np.concatenate(([0.0], np.cumsum(values)))
        self._frames = np.arange(len(self._sums), dtype=np.float64)

    def pixels(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (W,) mean over the frames of each pixel, between W + 1 positions in frames."""
        at = np.interp(positions, self._frames, self._sums)
        means: NDArray[np.float64] = np.diff(at) / np.maximum(np.diff(positions), 1e-9)
        return means


def _rgba(colour: str) -> tuple[float, float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0


class SnapTargets:
    """Positions between frames, sorted."""

    def __init__(self, targets: Iterable[int]) -> None:
        self._targets = sorted(set(targets))

    def nearest(self, position: float, reach: float, lowest: float, highest: float) -> int | None:
        """Return the nearest target within `reach` frames and from `lowest` to `highest`; None: there is none."""
        index = bisect.bisect_left(self._targets, position)
        around = [target for target in self._targets[max(index - 1, 0) : index + 1] if lowest <= target <= highest]
        nearest = min(around, key=lambda target: abs(target - position), default=None)
        return nearest if nearest is not None and abs(nearest - position) <= reach else None


def edges_of(spans: Sequence[Span]) -> set[int]:
    """Return the frames at which spans begin and end."""
    return {edge for span in spans for edge in (span.start_frame, span.end_frame_exclusive)}
