"""Pairs that can be aligned, and pairs that only look as if: of one scene, or of other videos altogether."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairs.material import Features

SAME, REVERSED, SHUFFLED, BEFORE, FOREIGN = (
    "one action",
    "reversed",
    "shuffled in blocks",
    "before the action",
    "foreign",
)
LOOK_ALIKE = (REVERSED, SHUFFLED, BEFORE)
_BLOCKS = (4, 7)
"""At least, and fewer than."""
_FEWEST_BEFORE = 15
"""Frames before the first event without which a video has no such part."""
_FOREIGN_EACH = 2
_MOST_FOREIGN = 2
"""Times as long as B, at most."""


@dataclass(frozen=True)
class Pair:
    """Features of two videos before an encoder saw them."""

    kind: str
    a: Features
    b: Features


def pairs_of(
    a: Features, b: Features, first_event: int, others: list[Features], generator: np.random.Generator
) -> Iterator[Pair]:
    """A with B, with what can be made of B, and with parts of other videos.

    Args:
        first_event: frame of B where the action begins; 0 where the data set has no footage before it.
    """
    yield Pair(SAME, a, b)
    yield Pair(REVERSED, a, b[::-1].copy())
    yield Pair(SHUFFLED, a, shuffled(b, generator))
    if first_event >= _FEWEST_BEFORE:
        yield Pair(BEFORE, a, b[:first_event])
    for _ in range(_FOREIGN_EACH):
        other = others[int(generator.integers(len(others)))]
        count = min(len(other), _MOST_FOREIGN * len(b))
        start = int(generator.integers(0, len(other) - count + 1))
        yield Pair(FOREIGN, a, other[start : start + count])


def shuffled(features: Features, generator: np.random.Generator) -> Features:
    """Four to six blocks in another order, no two of them still one after the other."""
    blocks = np.array_split(features, int(generator.integers(*_BLOCKS)))
    while True:
        order: NDArray[np.int64] = generator.permutation(len(blocks))
        if (np.diff(order) != 1).all():
            return np.concatenate([blocks[place] for place in order])
