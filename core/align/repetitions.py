"""Repetitions in a clip of what a reference shows once: the frames of each, and their matches in the reference.

A left-to-right model with a restart edge, solved exactly by dynamic programming: the clip is explained frame by frame
at the least price. A frame is matched with a frame of the reference, at one minus their cosine, or with none, at the
price of a gap. Within a repetition the reference goes on by 0 to `Prices.most` frames a frame, so that the tempo may
change, and frames may be dropped, each at the price of a gap. A repetition may begin late in the reference and end
early, and pays for each frame that it lacks. O(N * M) time; a byte a cell is kept.

Every frame of the clip is paid for once, whatever the tempo. In classic subsequence DTW, where the steps of the path
are paid for, a fast repetition costs as many steps as the reference has frames, and is dropped for its speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.align.path import similarity

_BLOCK_CELLS = 1 << 22
"""Cells of the cost matrix that are prepared at once: bounds memory to some tens of megabytes."""
_SHARE = 0.5
"""Price of a gap, on the way from the cost of the nearest frame (0) to that of any two frames (1)."""
_LEAST_GAP = 1e-3
"""So that a clip of equal frames has a price too."""
_SAMPLED = 1024
"""Frames of either side that the price of a gap is taken from."""
NONE = -1
"""In place of a frame of the reference: matched with none."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Costs of the alternatives to a match, which costs one minus the cosine."""

    gap: float
    """Of a frame of the clip that is matched with none; above 0."""
    skip: float
    """Of a frame of the reference that a repetition lacks at its beginning or end."""
    start: float = 0.0
    """Of a repetition, whatever its length."""
    most: int = 5
    """Frames of the reference by which one frame goes on at most: how many times as fast a repetition may be."""

    def __post_init__(self) -> None:
        from core.align.repetitions_kernel import FASTEST

        if not (0 < self.gap < np.inf and 0 <= self.skip < np.inf and 0 <= self.start < np.inf):
            raise ValueError(f"prices must be finite, that of a gap above 0 and the others at least 0, not {self}")
        if not 1 <= self.most <= FASTEST:
            raise ValueError(f"a frame must advance by 1 to {FASTEST} frames of the reference at most, not {self.most}")


@dataclass(frozen=True, slots=True)
class RepetitionSpan:
    """One repetition in the clip."""

    number: int
    """From 1, in order of time."""
    start_frame: int
    end_frame_exclusive: int
    confidence: float
    """0..1: what matching its frames saves, as a share of the price of dropping them all."""

    def __len__(self) -> int:
        return self.end_frame_exclusive - self.start_frame


@dataclass(frozen=True, eq=False)
class Repetitions:
    """All repetitions of a reference in a clip of N frames."""

    spans: tuple[RepetitionSpan, ...]
    """In order of time; they do not overlap."""
    frames: NDArray[np.int64]
    """(N,) frame of the reference that each frame is matched with; `NONE` where it is matched with none. Never
    decreasing within a repetition."""
    numbers: NDArray[np.int64]
    """(N,) number of the repetition that each frame lies in; 0 outside of all."""
    cost: float
    """The price of it all."""
    prices: Prices

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.spans)

    @property
    def cycles(self) -> list[tuple[int, int]]:
        """Start and end (exclusive) of each, in order."""
        return [(span.start_frame, span.end_frame_exclusive) for span in self.spans]

    @property
    def explained(self) -> float:
        """0..1: what the matches save, as a share of the price of dropping every frame."""
        return 1 - self.cost / (self.prices.gap * len(self.frames))


def find_repetitions(
    reference: NDArray[np.float32], clip: NDArray[np.float32], *, prices: Prices | None = None
) -> Repetitions:
    """Find where a clip repeats a reference, and match it cycle by cycle.

    Embeddings of whole videos suffer where a video holds several repetitions and the encoder learned from single ones;
    `core.repetitions.repeats` embeds the clip so that this does no harm.

    Args:
        reference: (M, D) embeddings of one repetition.
        clip: (N, D) of a clip with any number of them.
        prices: None: those of `prices_for`.

    Raises:
        ValueError: not two matrices of the same width with at least one row each.
    """
    prices = prices or prices_for(reference, clip)
    similarity(reference[:1], clip[:1])  # refuses shapes
    rows = max(1, _BLOCK_CELLS // len(reference))

    def blocks() -> Iterator[NDArray[np.float32]]:
        for first in range(0, len(clip), rows):
            yield 1 - similarity(clip[first : first + rows], reference)

    return _solve(blocks(), (len(clip), len(reference)), prices)


def explain(cost: ArrayLike, prices: Prices) -> Repetitions:
    """Return the cheapest explanation of a cost matrix.

    Args:
        cost: (N, M) finite numbers, of each frame of the clip with each of the reference.

    Raises:
        ValueError: `cost` is not a matrix, is empty, or holds something that is not a finite number.
    """
    matrix = np.asarray(cost, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(f"a cost matrix must be (N, M) with at least one cell, not {matrix.shape}")
    return _solve(iter([matrix]), (matrix.shape[0], matrix.shape[1]), prices)


def prices_for(reference: NDArray[np.float32], clip: NDArray[np.float32]) -> Prices:
    """Return prices for two embedded videos: a gap lies between what a match costs here, and what any two frames do.

    What a match costs: the median, over the clip's frames, of the cost of the nearest frame of the reference. Any two:
    the mean cost of all pairs.
    """
    cost = 1 - similarity(_sample(clip), _sample(reference))
    return compute_prices(float(np.median(cost.min(axis=1))), float(cost.mean()))


def compute_prices(match: float, any_two: float, *, most: int = 5, share: float = _SHARE) -> Prices:
    """Return prices from the cost of a match and of any two frames.

    Args:
        share: of the way from one to the other, where the price of a gap lies.
    """
    gap = max(match + share * (any_two - match), _LEAST_GAP)
    return Prices(gap, gap, most=most)


def _sample(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLED)).astype(np.int64))]


def _solve(blocks: Iterator[NDArray[np.floating]], shape: tuple[int, int], prices: Prices) -> Repetitions:
    from core.align.repetitions_kernel import sweep, trace

    num_clip, num_reference = shape
    sums = np.full((2, num_reference), np.inf)
    steps = np.empty(shape, np.uint8)
    exits, costs = np.empty(num_clip, np.int64), np.empty(num_clip + 1)
    costs[0], first = 0.0, 0
    for cost in blocks:
        bad_row = sweep(cost, first, prices.gap, prices.skip, prices.start, prices.most, sums, steps, exits, costs)
        if bad_row >= 0:
            raise ValueError(f"row {bad_row} of the cost matrix is not finite")
        first += len(cost)
    frames, numbers = trace(steps, exits)
    count = -int(numbers.min(initial=0))
    numbers = np.where(numbers < 0, numbers + count + 1, 0)
    spans = tuple(_span(costs, numbers, number, prices) for number in range(1, count + 1))
    return Repetitions(spans, frames, numbers, float(costs[-1]), prices)


def _span(costs: NDArray[np.float64], numbers: NDArray[np.int64], number: int, prices: Prices) -> RepetitionSpan:
    """Return the repetition that ends there; `costs`: (N + 1,) price of the clip up to each frame; between the ends of
    a repetition they grow by its own."""
    rows = np.flatnonzero(numbers == number)
    start, end = int(rows[0]), int(rows[-1]) + 1
    paid = costs[end] - costs[start]
    return RepetitionSpan(number, start, end, float(np.clip(1 - paid / (prices.gap * (end - start)), 0, 1)))
