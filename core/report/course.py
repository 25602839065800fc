"""Where in the reference a video is at every moment: a path of frames as a line through time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Alignment

_LEAST_OF_WINDOW = 0.25
"""Share of a window that must lie in the shared part for its tempo to be told."""


@dataclass(frozen=True)
class Course:
    """A path in seconds, rising from both videos' first frames to their ends.

    Every frame's duration is divided evenly among the path's steps that hold it, so that a step takes some time in
    either video: three frames on one frame of the reference are three thirds of it, and frame rates, even variable
    ones, count as they are.

    Its slope is the tempo: seconds of the reference that go by in one second of the video; above 1 the video is the
    faster one. Two limits. Where both stand still, every path costs the same, and the slope there says nothing. And
    while one video stands on its first or last frame, the path only says that the other began earlier or ends later:
    that is outside the shared part and counts for no tempo.
    """

    seconds: NDArray[np.float64]
    """(P + 1,) moments of the video, rising."""
    reference_seconds: NDArray[np.float64]
    """(P + 1,) moments of the reference that belong to them, rising."""
    shared_start_seconds: float
    """From here on neither video waits on its first frame for the other to begin."""
    shared_end_seconds: float
    """Up to here neither waits on its last frame. Not after the start: nothing is shared."""

    @classmethod
    def of(
        cls, alignment: Alignment, edges_seconds: NDArray[np.float64], reference_edges_seconds: NDArray[np.float64]
    ) -> Course:
        """The course of a path.

        Args:
            alignment: A is the video, B the reference.
            edges_seconds: (A + 1,) start of every frame and end of the last.
            reference_edges_seconds: (B + 1,)
        """
        a, b = alignment.a_frames, alignment.b_frames
        seconds = _passed(a, edges_seconds)
        begun = int(np.flatnonzero((a == 0) | (b == 0))[-1])
        ending = int(np.flatnonzero((a == a[-1]) | (b == b[-1]))[0])
        start = seconds[begun + 1] if begun else seconds[0]  # a first step alone is no waiting
        end = seconds[ending] if ending < len(a) - 1 else seconds[-1]
        return cls(seconds, _passed(b, reference_edges_seconds), float(start), float(end))

    def reference_at(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The moments of the reference that belong to these of the video; any shape."""
        return np.interp(seconds, self.seconds, self.reference_seconds)

    def mean_tempo(self, times_seconds: Iterable[tuple[float, float]] | None = None) -> float:
        """The tempo over all these times together, from start to end each; None: over the whole shared part.

        Seconds of the reference divided by seconds of the video; NaN where none of it is shared.
        """
        if times_seconds is None:
            times_seconds = [(self.shared_start_seconds, self.shared_end_seconds)]
        pairs = np.array(list(times_seconds), np.float64).reshape(-1, 2)
        bounds = self._shared(pairs)
        passed = float(np.diff(bounds, axis=1).sum())
        return float(np.diff(self.reference_at(bounds), axis=1).sum()) / passed if passed > 0 else float("nan")

    def tempo(self, edges_seconds: NDArray[np.float64], window_seconds: float) -> NDArray[np.float64]:
        """(S,) the mean tempo over a window around the middle of each frame.

        Windows are cut to the shared part; NaN where less than a quarter of one is left.

        Args:
            edges_seconds: (S + 1,) of the video.
        """
        middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
        start, end = (self._shared(middles + half) for half in (-window_seconds / 2, window_seconds / 2))
        passed = end - start
        least = min(_LEAST_OF_WINDOW * window_seconds, self.shared_end_seconds - self.shared_start_seconds)
        is_told = (passed > 0) & (passed >= least * (1 - 1e-9))
        slope = (self.reference_at(end) - self.reference_at(start)) / np.where(is_told, passed, 1)
        return np.where(is_told, slope, np.nan)

    def _shared(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        end = max(self.shared_start_seconds, self.shared_end_seconds)
        return np.clip(seconds, self.shared_start_seconds, end)


def _passed(frames: NDArray[np.int64], edges_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P,) a frame a step, in order -> (P + 1,) the time at each step's start and the last one's end."""
    steps = np.bincount(frames)
    first = np.cumsum(steps) - steps
    share = (np.arange(len(frames)) - first[frames]) / steps[frames]
    starts = edges_seconds[frames] + share * np.diff(edges_seconds)[frames]
    return np.append(starts, edges_seconds[-1])
