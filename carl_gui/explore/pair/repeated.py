"""Two videos of which one repeats the other, matched cycle by cycle. No Qt."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.pair.model import PIXELS, CycleMoments, Moments, Pair, PairSide
from core.align import align_embeddings, swap, warp_frames
from core.align.alignable import alignability
from core.align.area import Axis, mean_cosine
from core.align.repetitions import NONE, Repetitions
from core.align.warp import shown_frames
from core.base.types import Alignment
from core.repetitions.files import FoundRepetitions


@dataclass(frozen=True, eq=False)
class RepeatedMoments(Moments):
    """Every frame of the video that repeats, in order; within each repetition along its path."""

    side: int = 1
    """The video that repeats, 0 for A."""
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """(M,) the repetition of each moment, from 1; 0 outside of all."""

    @functools.cached_property
    def starts(self) -> NDArray[np.int64]:
        """(C,) the first moment of each repetition."""
        return np.searchsorted(np.maximum.accumulate(self.numbers), np.arange(1, int(self.numbers.max()) + 1))

    @functools.cached_property
    def stretches(self) -> list[tuple[int, int]]:
        """First moment and end (exclusive) of each repetition."""
        ends = [
            int(np.flatnonzero(self.numbers == repetition)[-1]) + 1 for repetition in range(1, len(self.starts) + 1)
        ]
        return list(zip(self.starts.tolist(), ends, strict=True))

    @functools.cached_property
    def cycles(self) -> CycleMoments:
        """Where the frames that are repeated stand for a moment in each repetition."""
        other, plays = self.frames[1 - self.side], self.plays[1 - self.side]
        frame_indices, frame_moments = np.arange(int(other.max()) + 1), []
        for repetition in range(1, len(self.starts) + 1):
            here = np.flatnonzero((self.numbers == repetition) & plays)
            first, beyond = (np.searchsorted(other[here], frame_indices, edge) for edge in ("left", "right"))
            frame_moments.append(here[(first + beyond - 1) // 2])
        inside = np.flatnonzero(self.numbers)
        after = np.minimum(np.searchsorted(inside, np.arange(len(self))), len(inside) - 1)
        before = np.maximum(after - 1, 0)
        at = np.arange(len(self))
        nearest = np.where(np.abs(at - inside[before]) < np.abs(inside[after] - at), before, after)
        return CycleMoments(1 - self.side, np.array(frame_moments), self.numbers[inside[nearest]] - 1)

    @functools.cached_property
    def frame_moments(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(A,) and (B,): the moment that each frame stands for; of one that is repeated, that in the first."""
        frames, plays = self.frames[self.side], self.plays[self.side]
        own = np.flatnonzero(plays)
        count = np.arange(int(frames[-1]) + 1)
        first, beyond = (np.searchsorted(frames[own], count, edge) for edge in ("left", "right"))
        own_moments, other = own[(first + beyond - 1) // 2], self.cycles.frame_moments[0]
        return (own_moments, other) if self.side == 0 else (other, own_moments)

    def seconds_of(self, side: int, edges_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (M,) how long each moment takes in a video; what is repeated takes its time in each repetition."""
        if side == self.side:
            return super().seconds_of(side, edges_seconds)
        frames, plays, durations = self.frames[side], self.plays[side], np.diff(edges_seconds)
        share = np.zeros(len(self))
        for repetition in np.unique(self.numbers[plays]).tolist():
            here = plays & (self.numbers == repetition)
            times = np.bincount(frames[here], minlength=len(durations))
            share[here] = (durations / np.maximum(times, 1))[frames[here]]
        return share


@dataclass(frozen=True, eq=False)
class RepeatedPair(Pair):
    """A pair in which one video repeats the other. The path restarts with each repetition."""

    side: int = field(kw_only=True)
    """The video that repeats, 0 for A; the other one shows it once."""
    found: Repetitions = field(kw_only=True)
    """`found.frames` are those of the other video."""
    path_numbers: NDArray[np.int64] = field(kw_only=True)
    """(P,) the repetition of each step of the path, from 1."""

    @property
    def clock_side(self) -> int:
        """The video that repeats."""
        return self.side

    @property
    def count(self) -> int:
        """The number of repetitions."""
        return self.found.count

    def repetition_at(self, a_frame: int, b_frame: int) -> int:
        """Return the number of the repetition with this frame of the repeating video, from 1; 0: none."""
        return int(self.found.numbers[(a_frame, b_frame)[self.side]])

    @functools.cached_property
    def moments(self) -> RepeatedMoments:
        """All frames of the video that repeats, in order."""
        return _moments(self)

    def _frames_beside(self, repetition: int) -> NDArray[np.int64]:
        """Return what the repeating video shows beside each frame of the other in a repetition, from 1."""
        here = self.path_numbers == repetition
        frames = self.alignment.a_frames[here], self.alignment.b_frames[here]
        other, own = frames[1 - self.side], frames[self.side]
        return warp_frames(Alignment(other, own, 0.0, len((self.a, self.b)[1 - self.side])))

    def _partner_frames(self, side: int, frames: tuple[int, int] | None = None) -> NDArray[np.int64]:
        """Return what the other side shows beside each frame of a side."""
        if side == self.side:
            return shown_frames(self.found.frames)
        nearest = self.moments.cycles.nearest
        moment = 0 if frames is None else int(self.moments.frame_moments[self.side][frames[self.side]])
        return self._frames_beside(int(nearest[moment]) + 1)

    @functools.cached_property
    def followers(self) -> NDArray[np.int64]:
        """(A,) the frame of B to show beside each of A; where B repeats, that of its first repetition."""
        return self._partner_frames(0)

    @functools.cached_property
    def leaders(self) -> NDArray[np.int64]:
        """(B,) the frame of A to show beside each of B."""
        return self._partner_frames(1)

    def followers_at(self, frames: tuple[int, int]) -> NDArray[np.int64]:
        return self._partner_frames(0, frames)

    def leaders_at(self, frames: tuple[int, int]) -> NDArray[np.int64]:
        return self._partner_frames(1, frames)

    @functools.cached_property
    def alignable_score(self) -> float:
        """The mean over the repetitions of whether the two change alike, 0 to 1."""
        return float(np.mean([self._score(repetition) for repetition in range(1, self.count + 1)]))

    def _score(self, repetition: int) -> float:
        here = self.path_numbers == repetition
        frames = [self.alignment.a_frames[here], self.alignment.b_frames[here]]
        rows = [self.a.embeddings, self.b.embeddings]
        start, end = int(frames[self.side][0]), int(frames[self.side][-1]) + 1
        frames[self.side], rows[self.side] = frames[self.side] - start, rows[self.side][start:end]
        path = Alignment(frames[0], frames[1], 0.0, len(rows[0]), len(rows[1]))
        return alignability(rows[0], rows[1], path).score

    @property
    def _matched_seconds(self) -> tuple[float, float]:
        a, b = super()._matched_seconds
        return (a, b * self.count) if self.side == 0 else (a * self.count, b)

    def step_of(self, a_frame: int, b_frame: int) -> int | None:
        matching = np.flatnonzero((self.alignment.a_frames == a_frame) & (self.alignment.b_frames == b_frame))
        return int(matching[0]) if len(matching) else None


def repeated_pair(found: FoundRepetitions, side: int) -> RepeatedPair:
    """Return the pair as it was found.

    Args:
        found: with one repetition at least.
        side: the video that repeats, 0 for A.
    """
    once, own = (PairSide(video.edges_seconds, video.embeddings) for video in (found.reference, found.video))
    a, b = (own, once) if side == 0 else (once, own)
    cosine = mean_cosine(Axis(b.embeddings, b.edges_seconds, PIXELS), Axis(a.embeddings, a.edges_seconds, PIXELS))
    paths = [_cycle(found, repetition) for repetition in range(1, found.repetitions.count + 1)]
    other, repeating = (np.concatenate(frames) for frames in zip(*paths, strict=True))
    numbers = np.repeat(np.arange(1, len(paths) + 1), [len(path[0]) for path in paths])
    confidence = np.array([span.confidence for span in found.repetitions.spans], np.float32)[numbers - 1]
    frames = (repeating, other) if side == 0 else (other, repeating)
    alignment = Alignment(*frames, found.repetitions.cost, len(a), len(b), confidence)
    return RepeatedPair(a, b, cosine, alignment, None, side=side, found=found.repetitions, path_numbers=numbers)


def turned_pair(pair: RepeatedPair) -> RepeatedPair:
    """Return the same with A and B swapped."""
    cosine = np.ascontiguousarray(pair.cosine.T)
    return replace(pair, a=pair.b, b=pair.a, cosine=cosine, alignment=swap(pair.alignment), side=1 - pair.side)


def _cycle(found: FoundRepetitions, repetition: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the path of one repetition, as `core.repetitions.repeats` found it: frames of the video with one
    repetition, and of the repeating one.
    """
    repetitions = found.repetitions
    own = np.flatnonzero((repetitions.numbers == repetition) & (repetitions.frames != NONE))
    path = align_embeddings(found.reference.embeddings, found.video.embeddings[own])
    return path.a_frames, own[path.b_frames]


def _moments(pair: RepeatedPair) -> RepeatedMoments:
    frames = pair.alignment.a_frames, pair.alignment.b_frames
    own, other = frames[pair.side], frames[1 - pair.side]
    unmatched = np.flatnonzero(pair.found.frames == NONE)
    own_moments = np.concatenate([own, unmatched])
    order = np.argsort(own_moments, kind="stable")
    own_moments = own_moments[order]
    steps = np.concatenate([np.arange(len(own)), np.full(len(unmatched), NONE)])[order]
    is_matched = steps != NONE
    beside = np.where(is_matched, other[np.maximum(steps, 0)], NONE)
    beside = shown_frames(beside)
    everywhere = np.ones(len(own_moments), np.bool_)
    both, plays = (own_moments, beside), (everywhere, is_matched)
    numbers = pair.found.numbers[own_moments]
    a, b = (0, 1) if pair.side == 0 else (1, 0)
    return RepeatedMoments(both[a], both[b], steps, plays[a], plays[b], pair.side, numbers)
