"""The rows of every table: what stands beside a trained encoder, and the trained one itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.align import align_embeddings
from core.base.types import Alignment
from pairs.material import Embed, Features, Material, embedder, normalised

DIAGONAL, RAW, UNTRAINED, POSITIONS = "diagonal", "raw features", "untrained", "positions only"
UNSEEN, LEARNED_FROM = "trained, never seen", "trained, learned from"
ROWS = (RAW, UNTRAINED, POSITIONS, DIAGONAL, UNSEEN, LEARNED_FROM)
_NO_SEED = (DIAGONAL, RAW)


@dataclass(frozen=True)
class Split:
    """Places of videos in their material: what is learned from, and what is aligned."""

    learn: tuple[int, ...]
    test: tuple[int, ...]


@dataclass(frozen=True)
class Way:
    """What aligns two videos by their features."""

    embed: Embed | None
    """None: along the diagonal."""

    def align(self, a: Features, b: Features) -> Alignment:
        """The path of two videos, or of parts of them."""
        if self.embed is None:
            return diagonal(len(a), len(b))
        return align_embeddings(self.embed(a), self.embed(b))


def diagonal(num_a: int, num_b: int) -> Alignment:
    """The path of matching shares."""
    shares = np.linspace(0, 1, max(num_a, num_b))
    return Alignment(np.rint(shares * (num_a - 1)).astype(int), np.rint(shares * (num_b - 1)).astype(int), 0.0)


def seeds_of(row: str, seeds: Sequence[int]) -> Sequence[int]:
    """One will do where nothing is random."""
    return seeds[:1] if row in _NO_SEED else seeds


def way(row: str, material: Material, split: Split, seed: int) -> Way:
    """What a row aligns with. Rows that learn do so from `split.learn` alone, without labels."""
    if row == DIAGONAL:
        return Way(None)
    if row == RAW:
        return Way(normalised)
    if row == UNTRAINED:
        return Way(embedder(material.untrained(split.learn, seed)))
    return Way(embedder(material.learned(split.learn, seed), constant=row == POSITIONS))
