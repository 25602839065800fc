"""All frames of a pair in playback order: matched ones together, the others alone. No Qt."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import NONE
from core.align.tables import every_frame
from core.base.types import Alignment
from core.report.along import AlongPath, along_path

_MOST_PEAKS = 12
_LEAST_OF_HIGHEST = 0.1
"""Of the highest peak above the median: what is lower is no news."""


@dataclass(frozen=True, eq=False)
class CyclePlaces:
    """The moments of each frame of a video that the other one repeats."""

    side: int
    """The video that is repeated, 0 for A."""
    places: NDArray[np.int64]
    """(C, S) moment of each of its frames in each repetition."""
    nearest: NDArray[np.int64]
    """(M,) the repetition that each moment lies in or next to, from 0."""

    def place_of(self, frame: int, near: int) -> int:
        """Return the moment of a frame in the repetition at the moment `near`."""
        places = self.places[self.nearest[min(max(near, 0), len(self.nearest) - 1)]]
        return int(places[min(max(frame, 0), len(places) - 1)])


@dataclass(frozen=True, eq=False)
class Moments:
    """M moments. Each shows a step of the path, or an unmatched frame while the other video is frozen."""

    a_frames: NDArray[np.int64]
    """(M,) what is shown of A, never decreasing; where it is held, what was shown before."""
    b_frames: NDArray[np.int64]
    """(M,)"""
    steps: NDArray[np.int64]
    """(M,) step of the path, or `NONE`."""
    a_plays: NDArray[np.bool_]
    """(M,) whether A shows a frame of its own; else it is held, since B's frame has no partner."""
    b_plays: NDArray[np.bool_]

    @classmethod
    def of(cls, alignment: Alignment) -> Moments:
        """Return the moments of a path."""
        rows = np.array(list(every_frame(alignment)), np.int64).reshape(-1, 3)
        plays = rows[:, :2] != NONE
        shown = np.maximum.accumulate(rows[:, :2], axis=0).clip(0)
        return cls(shown[:, 0], shown[:, 1], rows[:, 2], plays[:, 0], plays[:, 1])

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def cycles(self) -> CyclePlaces | None:
        """Where the frames of one video stand for several moments each."""
        return None

    @property
    def frames(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.a_frames, self.b_frames

    @property
    def plays(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return self.a_plays, self.b_plays

    @functools.cached_property
    def of_step(self) -> NDArray[np.int64]:
        """(P,) the moment of each step of the path."""
        return np.flatnonzero(self.steps != NONE)

    @functools.cached_property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(A,) and (B,): the moment that each frame stands for, the middle one of those in which it plays."""
        return _places(self.a_frames, self.a_plays), _places(self.b_frames, self.b_plays)

    def seconds_of(self, side: int, edges_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (M,) how long each moment takes in a video, 0 for A: a frame's time is divided among its moments."""
        frames, plays = self.frames[side], self.plays[side]
        times = np.bincount(frames[plays], minlength=len(edges_seconds) - 1)
        share: NDArray[np.float64] = np.where(plays, np.diff(edges_seconds)[frames] / np.maximum(times[frames], 1), 0)
        return share

    def alone(self) -> list[tuple[int, int, int]]:
        """Return every stretch without matches: first moment, end (exclusive), and the side that plays, 0 for A."""
        who = np.where(self.a_plays & self.b_plays, NONE, np.where(self.a_plays, 0, 1))
        turns = np.flatnonzero(np.diff(who, prepend=-2, append=-2))
        stretches = zip(turns[:-1].tolist(), turns[1:].tolist(), strict=True)
        return [(start, end, int(who[start])) for start, end in stretches if who[start] != NONE]


@dataclass(frozen=True, eq=False)
class PairCurves:
    """Curves over the M moments of a pair; NaN where a frame has no match."""

    distance: NDArray[np.float64]
    """(M,) `AlongPath.distance`."""
    tempo: NDArray[np.float64]
    """(M,) `AlongPath.tempo`."""
    peaks: NDArray[np.int64]
    """Moments at which the distance has its highest peaks, in order of time."""


def curves_of(
    alignment: Alignment,
    moments: Moments,
    embeddings: Sequence[NDArray[np.float32]],
    edges_seconds: Sequence[NDArray[np.float64]],
) -> PairCurves:
    """Return the curves of a path, each stretch between two gaps by itself.

    Args:
        embeddings: (A, D) and (B, D), rows of norm 1.
        edges_seconds: (A + 1,) and (B + 1,)
    """
    distance, tempo = np.full((2, len(moments)), np.nan)
    peaks: list[int] = []
    for start, end in matched_stretches(alignment):
        found = _along(alignment, slice(start, end), embeddings, edges_seconds)
        here = moments.of_step[start:end]
        distance[here], tempo[here] = found.distance, found.tempo
        peaks += here[found.peaks].tolist()
    return PairCurves(distance, tempo, _highest(peaks, distance))


def matched_stretches(alignment: Alignment) -> list[tuple[int, int]]:
    """Return first step and end of every stretch of the path without a gap."""
    if not len(alignment):
        return []
    turns = [0, *gaps_of(alignment).tolist(), len(alignment)]
    return list(itertools.pairwise(turns))


def gaps_of(alignment: Alignment) -> NDArray[np.int64]:
    """Return the steps before which frames of A or B have no partner, or from which on the path begins anew (as each
    repetition does); the first step is no gap."""
    moves = np.diff(alignment.a_frames), np.diff(alignment.b_frames)
    return np.flatnonzero(np.any([(one > 1) | (one < 0) for one in moves], axis=0)) + 1


def missing_stretches(has_partner: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first frame and end of every stretch of (S,) frames without a partner."""
    turns = np.flatnonzero(np.diff(~has_partner, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in turns.reshape(-1, 2)]


def _highest(peaks: Sequence[int], distance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Those that are peaks of the whole path, not only of their stretch, in order."""
    if not peaks:
        return np.empty(0, np.int64)
    median = float(np.nanmedian(distance))
    least = median + _LEAST_OF_HIGHEST * (float(np.nanmax(distance)) - median)
    highest = sorted((peak for peak in peaks if distance[peak] >= least), key=lambda peak: -distance[peak])
    return np.array(sorted(highest[:_MOST_PEAKS]), np.int64)


def _along(
    alignment: Alignment,
    steps: slice,
    embeddings: Sequence[NDArray[np.float32]],
    edges_seconds: Sequence[NDArray[np.float64]],
) -> AlongPath:
    """Of some steps without a gap, as if the videos held nothing else."""
    frames = [one[steps] for one in (alignment.a_frames, alignment.b_frames)]
    first, last = [int(one[0]) for one in frames], [int(one[-1]) for one in frames]
    rows = [one[start : end + 1] for one, start, end in zip(embeddings, first, last, strict=True)]
    edges = [one[start : end + 2] for one, start, end in zip(edges_seconds, first, last, strict=True)]
    path = Alignment(frames[0] - first[0], frames[1] - first[1], 0.0)
    return along_path(path, rows[0], rows[1], edges[0], edges[1])


def _places(frames: NDArray[np.int64], plays: NDArray[np.bool_]) -> NDArray[np.int64]:
    moments = np.flatnonzero(plays)
    numbers = np.arange(int(frames[-1]) + 1)
    first = np.searchsorted(frames[moments], numbers, side="left")
    beyond = np.searchsorted(frames[moments], numbers, side="right")
    found: NDArray[np.int64] = moments[(first + beyond - 1) // 2]
    return found
