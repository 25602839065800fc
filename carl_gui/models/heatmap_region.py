"""The visible part of the heatmap: a range of A's time and one of B's, zoomed and panned. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from carl_gui.models.pair import Pair
from carl_gui.models.pair import PairSide as Video

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
