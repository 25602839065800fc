"""Repetitions within one clip, without a reference: finds the range that explains the rest at the lowest cost.

Each stretch of many lengths and places is tried as the reference of the whole clip (`core.align.repetitions`). A long
stretch explains much, but has to be there itself: its frames are priced as gaps. So the shortest description wins,
which is one repetition and what the others differ in: half a repetition leaves the other halves unexplained, two at
once cost twice as much to be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.area import over_time
from core.align.path import similarity
from core.align.repetitions import NONE, Prices, Repetitions, RepetitionSpan, compute_prices, explain

_SAMPLES = 256
"""Of a clip: bounds the time, to about a second of one core."""
_LEAST_SAMPLES = 8
"""Of a repetition, and between frames that count as moments of their own."""
_RATIO = 2**0.5
"""Of one length of stretches to the next."""
_PLACES = 6
"""Stretches tried that begin within the length of one."""
_MOST_UNEXPLAINED = 0.85
"""Share of the clip above which a stretch explains nothing that chance would not."""


@dataclass(frozen=True, eq=False)
class OwnRepetitions:
    """The repetitions within a clip."""

    reference_start_frame: int
    """Of the repetition that the others are matched with; `Repetitions.frames` count from it."""
    reference_end_frame_exclusive: int
    repetitions: Repetitions
    unexplained: float
    """0..1: share of the clip that this leaves unexplained, the reference itself included."""


def find_own_repetitions(rows: NDArray[np.floating]) -> OwnRepetitions | None:
    """Find how a clip repeats itself; None where it does not, or is too short to tell.

    What all its frames have in common is taken off first, so that features of a fixed network do as well as
    embeddings. Those of an encoder that sees whole videos do worse: it tells repetitions apart by their places.

    Args:
        rows: (N, D) of consecutive frames.
    """
    num_frames = len(rows)
    samples = min(num_frames, _SAMPLES)
    if samples < 2 * _LEAST_SAMPLES:
        return None
    means = over_time(np.asarray(rows, np.float32), np.arange(num_frames + 1.0), samples)
    means = means - means.mean(axis=0)
    cost = 1 - similarity(means, means)
    at = np.arange(samples)
    nearest = np.where(np.abs(at[:, None] - at) >= _LEAST_SAMPLES, cost, 2).min(axis=1)
    prices = compute_prices(float(np.median(nearest)), float(cost.mean()), most=3)
    tried = (_try_range(cost, start, end, prices) for start, end in _stretches(samples))
    unexplained, start, end, found = min(tried, key=lambda one: one[0])
    if found.count < 2 or unexplained > _MOST_UNEXPLAINED:
        return None
    edges = np.linspace(0, num_frames, samples + 1).round().astype(int)
    reference = int(edges[start]), int(edges[end])
    return OwnRepetitions(*reference, _in_frames(found, edges, start, reference), unexplained)


def _stretches(samples: int) -> Iterator[tuple[int, int]]:
    length = float(_LEAST_SAMPLES)
    while length <= samples * 0.75:
        size = round(length)
        for start in range(0, samples - size + 1, max(1, size // _PLACES)):
            yield start, start + size
        length *= _RATIO


def _try_range(cost: NDArray[np.floating], start: int, end: int, prices: Prices) -> tuple[float, int, int, Repetitions]:
    found = explain(cost[:, start:end], prices)
    return 1 - found.explained + (end - start) / len(cost), start, end, found


def _in_frames(found: Repetitions, edges: NDArray[np.int64], first: int, reference: tuple[int, int]) -> Repetitions:
    """Convert samples to frames of the clip and of the reference."""
    spans = tuple(
        RepetitionSpan(span.number, int(edges[span.start_frame]), int(edges[span.end_frame_exclusive]), span.confidence)
        for span in found.spans
    )
    sizes = np.diff(edges)
    within = edges[first + np.maximum(found.frames, 0)] - reference[0]
    frames = np.repeat(np.where(found.frames == NONE, NONE, within), sizes)
    return Repetitions(spans, frames, np.repeat(found.numbers, sizes), found.cost, found.prices)
