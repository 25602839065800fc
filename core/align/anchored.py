"""Paths that must pass through given cells: computed piece by piece between them, and joined."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from core.base.types import Alignment

Anchor = tuple[int, int]
"""A frame of A and the frame of B that goes with it."""
Piece = tuple[slice, slice, float | None]
"""Rows, columns, and the band as a share of them."""


def check_anchors(anchors: Sequence[Anchor], num_a: int, num_b: int) -> None:
    """Raise ValueError where an anchor lies beyond the videos' ends, or both frames do not grow from each anchor to the
    next."""
    for a_frame, b_frame in anchors:
        if not (0 <= a_frame < num_a and 0 <= b_frame < num_b):
            raise ValueError(f"an anchor must be a cell of ({num_a}, {num_b}), not ({a_frame}, {b_frame})")
    for one, other in itertools.pairwise(anchors):
        if not (one[0] < other[0] and one[1] < other[1]):
            raise ValueError(f"anchors must strictly increase in both videos, not go from {one} to {other}")


def fitting_anchors(anchors: Sequence[Anchor], num_a: int, num_b: int) -> list[Anchor]:
    """Return the anchors a path can pass through, in order, without those past an end and the later of two that
    cross."""
    kept: list[Anchor] = []
    for a_frame, b_frame in sorted(anchors):
        is_inside = 0 <= a_frame < num_a and 0 <= b_frame < num_b
        if is_inside and (not kept or (kept[-1][0] < a_frame and kept[-1][1] < b_frame)):
            kept.append((a_frame, b_frame))
    return kept


def join_pieces(
    solve: Callable[[Piece], Alignment],
    cost_at: Callable[[Anchor], float],
    shape: tuple[int, int],
    band: float | None,
    anchors: Sequence[Anchor],
) -> Alignment:
    """Return the cheapest path from corner to corner through all anchors.

    Args:
        solve: the cheapest path from corner to corner of a piece, its cells counted from the piece's first.
        cost_at: of a cell, for an anchor is a corner of two pieces.
        shape: (A, B) of the whole.
        band: as `dtw` takes it, but around the line from anchor to anchor; no piece has a narrower one in frames than
            the whole would have without anchors.

    Raises:
        ValueError: see `check_anchors`.
    """
    check_anchors(anchors, *shape)
    last = shape[0] - 1, shape[1] - 1
    if band is not None and not band > 0:
        raise ValueError(f"a band must be a positive fraction of the videos' lengths, not {band}")
    corners = list(dict.fromkeys([(0, 0), *anchors, last]))
    if len(corners) == 1:
        return solve((slice(0, 1), slice(0, 1), None))
    found = [
        solve((slice(one[0], other[0] + 1), slice(one[1], other[1] + 1), share_of(band, last, one, other)))
        for one, other in itertools.pairwise(corners)
    ]
    shifted = [(corner, path) for corner, path in zip(corners, found, strict=False)]
    a_frames = np.concatenate([path.a_frames[index > 0 :] + at[0] for index, (at, path) in enumerate(shifted)])
    b_frames = np.concatenate([path.b_frames[index > 0 :] + at[1] for index, (at, path) in enumerate(shifted)])
    cost = sum(path.cost for path in found) - sum(cost_at(corner) for corner in corners[1:-1])
    return Alignment(a_frames, b_frames, cost)


def share_of(band: float | None, last: Anchor, one: Anchor, other: Anchor) -> float | None:
    """Return the band as a share of a piece: in frames of either video at least as wide as it is in the whole."""
    rows, columns = other[0] - one[0], other[1] - one[1]
    if band is None or not rows or not columns:
        return None
    return band * max(last[0] / rows, last[1] / columns)
