"""Rank pairs of videos from best to worst alignment, in the order in which a person should look at them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import BOUNDARY_SCORE, alignability
from core.align.bounds import band_for
from core.align.partial import align_partial
from core.align.warp import confidences
from core.base.control import Control

MOST_PAIRS = 66
"""All pairs of twelve videos; of more videos, some pairs of each."""
MOST_CELLS = 400_000_000
"""Of all the matrices together: some seconds on two cores."""
_THREADS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class RankedPair:
    """How well two videos align."""

    a: int
    b: int
    """Their places among the videos, `a` below `b`."""
    score: float
    """Whether they change alike along the path, 0 to 1 (`core.align.alignable`)."""
    confidence: float
    """Mean over A's frames that have a partner, 0 to 1."""
    matched_share: float
    """Of both videos' frames, those with a partner, 0 to 1."""
    a_frame: int
    b_frame: int
    """The first two frames that are matched; 0 and 0 where none are."""

    @property
    def worth(self) -> float:
        """Return how good the pair is, 0 to 1: sure matches, of most frames, that move alike."""
        return self.score * self.confidence * self.matched_share

    @property
    def is_alignable(self) -> bool:
        """Whether the two are likelier of one action than not."""
        return self.matched_share > 0 and self.score >= BOUNDARY_SCORE


def rank_pairs(
    videos: Sequence[NDArray[np.float32]],
    *,
    actions: Sequence[str] = (),
    strange: Sequence[NDArray[np.bool_] | None] = (),
    most_pairs: int = MOST_PAIRS,
    most_cells: int = MOST_CELLS,
    control: Control | None = None,
) -> list[RankedPair]:
    """Return pairs of videos, the best first; none where there are fewer than two videos.

    Every video is in one of the first pairs that are tried, so that a bound on their number leaves none out before its
    time. Takes seconds: call it in a thread.

    Args:
        videos: (S, D) embeddings of each, rows of norm 1.
        actions: what each shows; two that are known to show different ones are no pair, unless there is no other.
        strange: (S,) frames of each that show another scene; None: none.
        most_cells: of the matrices of all pairs together; the first pair is tried in any case.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()
    pairs = _choose_pairs([len(video) for video in videos], actions, most_pairs, most_cells)

    def one(pair: tuple[int, int]) -> RankedPair:
        control.obey()
        a, b = pair
        marked = [strange[place] if strange else None for place in pair]
        return _rank(a, b, videos[a], videos[b], marked[0], marked[1])

    with ThreadPoolExecutor(max_workers=_THREADS) as pool:  # the search releases Python's lock
        found = list(pool.map(one, pairs))
    return sorted(found, key=lambda pair: (-pair.worth, pair.a, pair.b))


def _rank(
    place_a: int,
    place_b: int,
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    strange_a: NDArray[np.bool_] | None,
    strange_b: NDArray[np.bool_] | None,
) -> RankedPair:
    path = align_partial(a, b, band=band_for(len(a), len(b)), strange_a=strange_a, strange_b=strange_b)
    if not len(path):
        return RankedPair(place_a, place_b, 0.0, 0.0, 0.0, 0, 0)
    has_a, has_b = path.has_partner_a, path.has_partner_b
    return RankedPair(
        place_a,
        place_b,
        alignability(a, b, path).score,
        float(confidences(path)[has_a].mean()),
        float(has_a.sum() + has_b.sum()) / (len(a) + len(b)),
        int(path.a_frames[0]),
        int(path.b_frames[0]),
    )


def _choose_pairs(
    lengths: Sequence[int], actions: Sequence[str], most_pairs: int, most_cells: int
) -> list[tuple[int, int]]:
    """Return neighbours first, then those two places apart, and so on: each round has every video once or twice."""
    count = len(lengths)
    every = [
        (min(at, (at + step) % count), max(at, (at + step) % count))
        for step in range(1, count // 2 + 1)
        for at in range(count)
    ]
    pairs = list(dict.fromkeys(every))
    if actions:
        alike = [(a, b) for a, b in pairs if actions[a] == actions[b] or not (actions[a] and actions[b])]
        pairs = alike or pairs
    cells = itertools.accumulate(lengths[a] * lengths[b] for a, b in pairs)
    kept = [
        pair for index, (pair, so_far) in enumerate(zip(pairs, cells, strict=True)) if not index or so_far <= most_cells
    ]
    return kept[:most_pairs]
