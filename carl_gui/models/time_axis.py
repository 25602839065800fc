"""The frames shown by a timeline, and their positions; every frame has the same width. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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
    def is_whole(self) -> bool:
        """Whether every frame is in sight."""
        return self.shown >= self.num_frames

    @property
    def frame_width(self) -> float:
        """In pixels."""
        return self.width / self.shown if self.shown else 0.0

    def x_of(self, frame: float) -> float:
        """Where that frame begins."""
        return self.left + (frame - self.first) * self.frame_width

    def xs_of(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """`x_of` many."""
        return self.left + (frames.astype(np.float64) - self.first) * self.frame_width

    def position_at(self, x: float) -> float:
        """What lies at x, in frames: the inverse of `x_of`, within the video."""
        at = self.first + (x - self.left) / self.frame_width if self.shown else 0.0
        return min(max(at, 0.0), float(self.num_frames))

    def frame_at(self, x: float) -> int:
        """The frame at x; the ends stand for what lies beyond them."""
        return min(int(self.position_at(x)), max(self.num_frames - 1, 0))

    def of_video(self, num_frames: int) -> TimeAxis:
        """All of another video."""
        return replace(self, num_frames=num_frames, first=0.0, shown=float(num_frames))

    def laid(self, left: float, width: float) -> TimeAxis:
        """The same frames at another place."""
        return replace(self, left=left, width=max(width, 1.0))

    def zoomed(self, factor: float, x: float) -> TimeAxis:
        """Larger by that factor, with what lies at x staying there where there is room."""
        if not self.num_frames:
            return self
        shown = min(max(self.shown / factor, min(_LEAST_FRAMES, self.num_frames)), float(self.num_frames))
        held = self.first + (x - self.left) / self.width * self.shown
        return replace(self, shown=shown).begun_at(held - (x - self.left) / self.width * shown)

    def panned(self, frames: float) -> TimeAxis:
        """By so many frames, as far as there are any."""
        return self.begun_at(self.first + frames)

    def begun_at(self, first: float) -> TimeAxis:
        """From that frame on, as far as there are enough."""
        return replace(self, first=min(max(first, 0.0), self.num_frames - self.shown))

    def with_sight_of(self, frame: int) -> TimeAxis:
        """With that frame in sight: where it is not, it comes to a tenth of the width, so that what follows is seen."""
        if self.first <= frame < self.first + self.shown:
            return self
        return self.begun_at(frame - self.shown / 10)
