"""Whether two videos can be aligned at all: a path is trusted if both embeddings change in step along it.

Frames of one scene look alike whatever is done in it, and dynamic time warping makes the best of any two videos; so the
similarity along a path says little. But in two videos of one action the embeddings also *move* alike: from frame to
frame in the same direction. In shuffled, foreign or resting footage they do not. What all frames of a video share (the
camera, the room, the person) falls out of the changes. Time that runs backwards is only seen as far as the encoder sees
it: an action that looks the same backwards can be aligned with itself reversed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import Alignment

REACH = 0.08
"""A change is that from this share of a video's matched frames before a frame to as many after."""
BOUNDARY = 0.68
"""Agreement of the changes at which two videos are as likely of one action as not (benchmarks/alignability.py)."""
WIDTH = 0.05
"""By how much the agreement grows where the odds grow by e."""
BOUNDARY_SCORE = 0.5
"""The score there."""
_REST = 1e-6
"""Product of two changes' lengths below which nothing moves: their agreement is 0."""


@dataclass(frozen=True, slots=True)
class Alignability:
    """How far a path between two videos can be trusted; 0.5 is the threshold."""

    score: float
    """Of the pair, 0 to 1: as likely of one action as not at 0.5."""
    agreement: float
    """What `score` is made of: the mean cosine of both sides' changes along the path, -1 to 1."""
    of_a: NDArray[np.float32]
    """(A,) of the stretch around each frame of A, 0 to 1; 0 where the frame has no partner."""
    of_b: NDArray[np.float32]
    """(B,) of B's."""

    def __repr__(self) -> str:
        return f"Alignability(score {self.score:.2f} of 1, agreement {self.agreement:.2f})"

    @property
    def is_alignable(self) -> bool:
        """Whether the two are likelier of one action than not."""
        return self.score >= BOUNDARY_SCORE


def alignability(a: NDArray[np.float32], b: NDArray[np.float32], path: Alignment) -> Alignability:
    """Return whether A and B show one action, judged by how their embeddings change along a path between them.

    The pair is as good as its worse side: the mean over the frames of A that have a partner, or over those of B. Takes
    time and memory in proportion to the path. Swapping A and B changes nothing, nor does a vector that is added to all
    frames of one video. Where nothing moves there is nothing to align by: the score is near 0.

    Args:
        a: (A, D) embeddings of A's frames.
        b: (B, D) of B's.
        path: between the two; a frame on no step has no partner. One of no steps scores 0.

    Raises:
        ValueError: not two matrices of the same width with at least one row each, or the path leads beyond them.
    """
    _check(a, b, path)
    if not len(path):
        return Alignability(0.0, 0.0, np.zeros(len(a), np.float32), np.zeros(len(b), np.float32))
    reach_a, reach_b = (_reach(frames) for frames in (path.a_frames, path.b_frames))
    agreed = _cosine(_changes(a, reach_a)[path.a_frames], _changes(b, reach_b)[path.b_frames])  # (P,)
    sides = [_of_frames(path.a_frames, agreed, len(a)), _of_frames(path.b_frames, agreed, len(b))]
    agreement = min(float(np.nanmean(side)) for side in sides)
    of_a, of_b = (_of_stretches(side, reach) for side, reach in zip(sides, (reach_a, reach_b), strict=True))
    return Alignability(float(calibrate_score(np.float64(agreement))), agreement, of_a, of_b)


def calibrate_score(agreement: NDArray[np.floating] | np.floating) -> NDArray[np.float64]:
    """Return the agreement of changes, -1 to 1, as a score of 0 to 1; any shape."""
    return np.asarray(1 / (1 + np.exp((BOUNDARY - np.asarray(agreement, np.float64)) / WIDTH)))


def _check(a: NDArray[np.float32], b: NDArray[np.float32], path: Alignment) -> None:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not len(a) or not len(b):
        raise ValueError(f"embeddings must be (A, D) and (B, D) with at least one row, not {a.shape} and {b.shape}")
    for name, frames, count in (("A", path.a_frames, len(a)), ("B", path.b_frames, len(b))):
        if len(frames) and int(frames[-1]) >= count:
            raise ValueError(f"the path ends at frame {frames[-1]} of {name}, which has {count}")


def _reach(frames: NDArray[np.int64]) -> int:
    """Return the frames from the middle of a change to either end, of a path's frames on one side."""
    matched = 1 + int(np.count_nonzero(np.diff(frames)))
    return max(1, round(REACH * matched))


def _changes(rows: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return (S, D) from `reach` frames before to as many after; beyond either end the end is taken."""
    at = np.arange(len(rows))
    changes: NDArray[np.float32] = rows[np.minimum(at + reach, len(rows) - 1)] - rows[np.maximum(at - reach, 0)]
    return changes


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (P,) of rows; near 0 where one of them does not move."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosine: NDArray[np.float64] = np.einsum("pd,pd->p", one, other).astype(np.float64) / (lengths + _REST)
    return cosine


def _of_frames(frames: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return (count,) mean over the steps of each frame; NaN where it has none."""
    steps = np.bincount(frames, minlength=count)
    sums = np.bincount(frames, values, minlength=count)
    means: NDArray[np.float64] = np.divide(sums, steps, out=np.full(count, np.nan), where=steps > 0)
    return means


def _of_stretches(agreed: NDArray[np.float64], reach: int) -> NDArray[np.float32]:
    """Return (S,) the calibrated mean of the frames with a partner within reach; 0 where a frame has none."""
    has_partner = np.isfinite(agreed)
    ends = np.minimum(np.arange(len(agreed)) + reach + 1, len(agreed))
    starts = np.maximum(np.arange(len(agreed)) - reach, 0)
    sums, counts = (np.append(0, np.cumsum(one)) for one in (np.where(has_partner, agreed, 0.0), has_partner))
    means = (sums[ends] - sums[starts]) / np.maximum(counts[ends] - counts[starts], 1)
    return np.where(has_partner, calibrate_score(means), 0).astype(np.float32)
