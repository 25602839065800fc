"""The position in the reference at every moment of a video: a path of frames as a line through time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import NONE
from core.base.types import Alignment

_LEAST_OF_WINDOW = 0.25
"""Share of a window that must count for its tempo to be told."""


@dataclass(frozen=True)
class Course:
    """A path in seconds, from both videos' first frames to their ends, in R rows (`rows_of`).

    A row is a step of the path, or a frame without a partner, which takes no time in the other video. Every frame's
    duration is divided evenly among the steps that hold it, so that a step takes some time in either video: three
    frames on one frame of the reference are three thirds of it, and frame rates, even variable ones, count as they are.

    The slope of the steps is the tempo: seconds of the reference that go by in one second of the video; above 1 the
    video is the faster one. Three limits. Where both stand still, every path costs the same, and the slope there says
    nothing. Frames without a partner count for no tempo. And while one video stands on the first or last of its frames
    that have a partner, the path only says that the other began earlier or ends later: that is outside the shared part
    and counts for no tempo either.
    """

    seconds: NDArray[np.float64]
    """(R + 1,) moments of the video, never falling; rising where it takes part."""
    reference_seconds: NDArray[np.float64]
    """(R + 1,) moments of the reference that belong to them, alike."""
    is_step: NDArray[np.bool_]
    """(R,) whether a row is a step of the path; else it is a frame without a partner."""
    shared_start_seconds: float
    """From here on neither video waits on its first frame for the other to begin; NaN where nothing is matched."""
    shared_end_seconds: float
    """Up to here neither waits on its last frame. Not after the start: nothing is shared."""
    counts: NDArray[np.bool_]
    """(R,) the steps in the shared part: those that count for the tempo."""

    @classmethod
    def of(
        cls, alignment: Alignment, edges_seconds: NDArray[np.float64], reference_edges_seconds: NDArray[np.float64]
    ) -> Course:
        """Return the course of a path.

        Args:
            alignment: A is the video, B the reference.
            edges_seconds: (A + 1,) start of every frame and end of the last.
            reference_edges_seconds: (B + 1,)
        """
        a, b = rows_of(alignment)
        seconds, reference_seconds = _passed_times(a, edges_seconds), _passed_times(b, reference_edges_seconds)
        is_step = (a != NONE) & (b != NONE)
        counts = np.zeros(len(a), np.bool_)
        start = end = float("nan")
        steps = np.flatnonzero(is_step)
        if len(steps):
            first, stop = _shared(alignment)
            counts[steps[first:stop]] = True
            start = float(seconds[steps[first]]) if first < len(steps) else float(seconds[steps[-1] + 1])
            end = float(seconds[steps[stop]]) if stop < len(steps) else float(seconds[steps[-1] + 1])
        return cls(seconds, reference_seconds, is_step, start, end, counts)

    def reference_at(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the moments of the reference that belong to these of the video; any shape.

        Where the video shows what the reference lacks, that is the moment at which it does.
        """
        return np.interp(seconds, self.seconds, self.reference_seconds)

    def mean_tempo(self, times_seconds: Iterable[tuple[float, float]] | None = None) -> float:
        """Return the tempo over all these times together, from start to end each; None: over all that counts.

        Seconds of the reference divided by seconds of the video; NaN where nothing of it counts.
        """
        if times_seconds is None:
            times_seconds = [(float(self.seconds[0]), float(self.seconds[-1]))]
        bounds = np.array(list(times_seconds), np.float64).reshape(-1, 2)
        passed, reference_passed = (float(np.diff(one, axis=1).sum()) for one in self._counted(bounds))
        return reference_passed / passed if passed > 0 else float("nan")

    def tempo(self, edges_seconds: NDArray[np.float64], window_seconds: float) -> NDArray[np.float64]:
        """Return (S,) the mean tempo over a window around the middle of each frame.

        NaN where a frame has no partner, and where less than a quarter of its window counts.

        Args:
            edges_seconds: (S + 1,) of the video.
        """
        middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
        start, end = (self._counted(middles + half) for half in (-window_seconds / 2, window_seconds / 2))
        passed, reference_passed = end[0] - start[0], end[1] - start[1]
        total = self._counted(edges_seconds[[0, -1]])[0]
        least = min(_LEAST_OF_WINDOW * window_seconds, float(total[1] - total[0]))
        is_told = (passed > 1e-9) & (passed >= least * (1 - 1e-9)) & self._has_partner(middles)
        return np.where(is_told, reference_passed / np.where(is_told, passed, 1), np.nan)

    def _counted(self, seconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how much of the counted time has passed at these moments, in the video and in the reference."""
        passed, reference_passed = (
            np.append(0.0, np.cumsum(np.where(self.counts, np.diff(times), 0)))
            for times in (self.seconds, self.reference_seconds)
        )
        return np.interp(seconds, self.seconds, passed), np.interp(seconds, self.seconds, reference_passed)

    def _has_partner(self, seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the row of each moment is a step of the path; no moment is on an edge of a frame."""
        rows = np.searchsorted(self.seconds, seconds, side="right") - 1
        has: NDArray[np.bool_] = self.is_step[np.clip(rows, 0, len(self.is_step) - 1)]
        return has


def rows_of(alignment: Alignment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (R,) frames of A and (R,) of B in the order of `core.align.tables.every_frame`; `NONE`: none."""
    a, b = alignment.a_frames, alignment.b_frames
    alone_a, alone_b = np.flatnonzero(~alignment.has_partner_a), np.flatnonzero(~alignment.has_partner_b)
    before = np.concatenate([np.arange(len(a)), np.searchsorted(a, alone_a), np.searchsorted(b, alone_b)])
    kind = np.repeat([2, 0, 1], [len(a), len(alone_a), len(alone_b)])
    a_frames = np.concatenate([a, alone_a, np.full(len(alone_b), NONE)])
    b_frames = np.concatenate([b, np.full(len(alone_a), NONE), alone_b])
    order = np.lexsort((np.maximum(a_frames, b_frames), kind, before))
    return a_frames[order], b_frames[order]


def _shared(alignment: Alignment) -> tuple[int, int]:
    """Return the first step of the shared part, and the one after its last; the number of steps is the end."""
    a, b = alignment.a_frames, alignment.b_frames
    begun = int(np.flatnonzero((a == a[0]) | (b == b[0]))[-1])
    ending = int(np.flatnonzero((a == a[-1]) | (b == b[-1]))[0])
    return (begun + 1 if begun else 0), (ending if ending < len(a) - 1 else len(a))  # a single step is no waiting


def _passed_times(frames: NDArray[np.int64], edges_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map (R,) a frame a row, in order, or `NONE` -> (R + 1,) the time at each row's start and the last one's
    end."""
    there = np.flatnonzero(frames != NONE)
    present = frames[there]
    rows = np.bincount(present, minlength=len(edges_seconds) - 1)
    first = np.cumsum(rows) - rows
    share = (np.arange(len(present)) - first[present]) / rows[present]
    starts = edges_seconds[present] + share * np.diff(edges_seconds)[present]
    after = np.searchsorted(there, np.arange(len(frames) + 1))  # what takes no time lies where the next frame begins
    return np.append(starts, edges_seconds[-1])[after]
