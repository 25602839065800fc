"""Pure index arithmetic over the frames of a video: crops, their overlap, sampled frames, times.

Lengths and positions are counts of frames; randomness comes in as a numpy Generator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Crop:
    """A run of consecutive frames."""

    start_frame: int
    num_frames: int

    @property
    def end_frame_exclusive(self) -> int:
        return self.start_frame + self.num_frames

    def overlap(self, other: Crop) -> int:
        """Return the number of frames in both crops."""
        first = max(self.start_frame, other.start_frame)
        return max(0, min(self.end_frame_exclusive, other.end_frame_exclusive) - first)


def overlapping_crops(
    num_frames: int, shortest: int, longest: int, beta: float, generator: np.random.Generator
) -> tuple[Crop, Crop]:
    """Return two crops of a video that share at least `beta` of their frames, whatever is drawn.

    "Share at least beta" means: for both crops, overlap >= beta * that crop's length. The first crop is drawn uniformly
    (length, then start); the second uniformly among the lengths and then the starts that keep the promise, of which
    the first crop itself is always one.

    Args:
        num_frames: frames of the (padded) video, at least `longest`.
        shortest: least length of a crop, at least 1.
        longest: largest length of a crop, at least `shortest`.
        beta: in [0, 1].

    Raises:
        ValueError: the lengths do not nest as said, or beta is out of range.
    """
    if not 1 <= shortest <= longest <= num_frames or not 0.0 <= beta <= 1.0:
        raise ValueError(f"no crops of {shortest} to {longest} of {num_frames} frames are possible with beta = {beta}")
    first_length = int(generator.integers(shortest, longest, endpoint=True))
    # The overlap is at most the shorter crop, and must be at least beta of the longer one.
    least_length = max(shortest, math.ceil(beta * first_length))
    most_length = longest if beta * longest <= first_length else int(first_length / beta)
    most_length -= beta * most_length > first_length  # the division may have been rounded up
    second_length = int(generator.integers(least_length, most_length, endpoint=True))
    shared = math.ceil(beta * max(first_length, second_length))
    first_start = int(generator.integers(0, num_frames - first_length, endpoint=True))
    earliest, latest = 0, num_frames - second_length
    if shared:
        earliest = max(earliest, first_start + shared - second_length)
        latest = min(latest, first_start + first_length - shared)
    second_start = int(generator.integers(earliest, latest, endpoint=True))
    return Crop(first_start, first_length), Crop(second_start, second_length)


def random_positions(length: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return `count` of `length` positions (all of them if there are fewer), none twice, ascending: (min(count,
    length),)."""
    drawn = generator.choice(length, size=min(count, length), replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64)


def even_positions(length: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw positions like `random_positions`, but evenly
    spaced: one step of length / count, one random phase (the paper's Table 10)."""
    if length <= count:
        return np.arange(length, dtype=np.int64)
    steps: NDArray[np.int64] = ((np.arange(count) + generator.random()) * (length / count)).astype(np.int64)
    return steps.clip(max=length - 1)  # rounding of the last product must not leave the crop


def warped_positions(
    length: int, count: int, strength: float, generator: np.random.Generator, *, knots: int = 4
) -> NDArray[np.int64]:
    """Return `count` of `length` positions, ascending, at a tempo that changes at random (ours): (count,).

    The logarithm of how densely frames are drawn is a broken line through `knots` normal draws of standard deviation
    `strength`; one step is drawn from each of `count` equal shares of that density. Where the density is high, or the
    crop short, a position comes more than once.
    """
    line = np.interp(np.linspace(0, knots - 1, length), np.arange(knots), generator.normal(size=knots))
    reached = np.cumsum(np.exp(strength * line))
    drawn = (np.arange(count) + generator.random(count)) / count * reached[-1]
    positions: NDArray[np.int64] = np.searchsorted(reached, drawn, side="right").clip(max=length - 1)
    return positions
