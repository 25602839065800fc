"""Parts of videos, and with foreign frames in them, joined as features before an encoder sees them; and what is true of
their frames' partners.

The course of a video runs from event to event, evenly in between. A frame has a partner where the other piece shows its
place in the course. Where nothing moves before the first event and after the last one, any frame of that phase will do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.events import random_cut
from pairs.material import Features

EDGE = 2
"""Frames beside a change between partner and none that are not counted."""
FEWEST_STILL = 3
"""Frames of a still phase that the other piece must show to count as a partner; fewer are not counted."""
FOREIGN_SHARE = 0.2
NONE, PARTNER, NOT_COUNTED = 0, 1, -1


@dataclass(frozen=True)
class Piece:
    """What is left of a video, or what was added to it."""

    features: Features
    origin: NDArray[np.int64]
    """(S,) frame of the video; -1 where it is foreign."""
    events: NDArray[np.int64]
    """(E,) frames of the whole video's events in order; -1 where it lacks one."""
    num_frames: int
    """Of the whole video."""

    def part(self, start_frame: int, end_frame_exclusive: int) -> Piece:
        """These frames alone."""
        chosen = slice(start_frame, end_frame_exclusive)
        return Piece(self.features[chosen], self.origin[chosen], self.events, self.num_frames)

    def at(self, frame: int) -> int:
        """Where the piece shows a frame of the video; -1: nowhere."""
        places = np.flatnonzero(self.origin == frame)
        return int(places[0]) if len(places) else -1


def whole(features: Features, events: NDArray[np.int64]) -> Piece:
    """A video as it is."""
    return Piece(features, np.arange(len(features)), events, len(features))


def third(piece: Piece, generator: np.random.Generator) -> Piece:
    """A third of it, anywhere."""
    count = max(len(piece.features) // 3, 1)
    start = int(generator.integers(0, len(piece.features) - count + 1))
    return piece.part(start, start + count)


def without_ends(piece: Piece, generator: np.random.Generator) -> Piece:
    """It loses up to 35 % at either end."""
    return piece.part(*random_cut(len(piece.features), generator))


def with_foreign(piece: Piece, others: list[Features], generator: np.random.Generator) -> Piece:
    """A fifth as many frames of another video, in one block somewhere in the middle."""
    other = others[int(generator.integers(len(others)))]
    count = min(round(FOREIGN_SHARE * len(piece.features)), len(other))
    start = int(generator.integers(0, len(other) - count + 1))
    at = int(generator.uniform(0.3, 0.7) * len(piece.features))
    features = np.concatenate((piece.features[:at], other[start : start + count], piece.features[at:]))
    origin = np.concatenate((piece.origin[:at], np.full(count, -1), piece.origin[at:]))
    return Piece(features, origin, piece.events, piece.num_frames)


def course(piece: Piece, common: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(S,) place between the events that both videos have: 1, 2, ... at the events, 0 and one more at the ends; NaN
    where a frame is foreign."""
    frames = [*piece.events[common], piece.num_frames]
    places = list(range(1, len(frames) + 1))
    if frames[0] > 0:
        frames, places = [0, *frames], [0, *places]
    return np.where(piece.origin < 0, np.nan, np.interp(piece.origin, frames, places))


def truth(a: Piece, b: Piece, *, still_ends: bool) -> NDArray[np.int64]:
    """(A,) whether a frame of A has a partner in B: PARTNER, NONE or NOT_COUNTED.

    Args:
        still_ends: nothing moves before the first event and after the last one.
    """
    common = (a.events >= 0) & (b.events >= 0)
    here, there = course(a, common), course(b, common)
    shown = there[np.isfinite(there)]
    with np.errstate(invalid="ignore"):
        found = np.where((here >= shown.min()) & (here <= shown.max()), PARTNER, NONE)
        if still_ends:
            last = int(common.sum())
            for own, other in ((here < 1, shown < 1), (here >= last, shown >= last)):
                enough = other.sum() >= FEWEST_STILL
                found[own] = PARTNER if enough else NOT_COUNTED if other.any() else NONE
    changes = np.flatnonzero(np.diff(found))
    for change in changes:
        found[max(change - EDGE + 1, 0) : change + EDGE + 1] = NOT_COUNTED
    return found
