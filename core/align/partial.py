"""Alignment in which a frame may have no match: open ends, and parts that only one of the videos shows.

Every step pays twice 1 - cosine of its two frames, also where one video waits for the other, and every frame that is on
no step pays `price`. A stretch without partners between two matches pays `opening` besides, so that single frames are
not picked out; at the ends it does not. Where no frame may be dropped that is plain dynamic time warping: if a step
paid once for each new frame instead (the symmetric form of Sakoe and Chiba), both videos would wait in turn as gladly
as go on together wherever many frames look alike.

The cheapest such path is found exactly (a local alignment after Smith and Waterman, 1981, with Gotoh's affine gaps,
1982, in which one frame may be matched with several as in dynamic time warping; frames are dropped as in drop-DTW,
Dvornik et al., NeurIPS 2021).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.align.anchored import Anchor, check_anchors, share_of
from core.align.confidence import LEAST_CONFIDENCE, Calibration, calibrate
from core.align.path import Block, band_of, cosine_blocks, matrix_blocks, unit_pair, validate_cost
from core.align.strangers import own_rows, raise_costs, strangers
from core.align.trimming import kept_steps
from core.base.types import Alignment

_ALWAYS = 4.5
"""A price above the greatest cost of a step, twice 1 - cosine: then every frame has a partner."""
OPENING_FRAMES = 3.0
"""What a gap in the middle costs besides, in frames without a partner."""


def align_partial(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    band: float | None = None,
    anchors: Sequence[Anchor] = (),
    calibration: Calibration | None = None,
    strange_a: NDArray[np.bool_] | None = None,
    strange_b: NDArray[np.bool_] | None = None,
) -> Alignment:
    """Return which frames of A and B belong together, and how sure each match is.

    It is the cheapest path (`partial_dtw`), without what only waits at its ends (`core.align.trimming`).

    Args:
        a: (A, D) embeddings of A's frames.
        b: (B, D) of B's.
        least_confidence: how sure a match must be, 0 to 1; a frame whose best match is less sure has no partner.
            0: every frame gets one, from the first frames to the last (plain dynamic time warping).
        band: see `core.align.dtw`.
        anchors: cells that the path must pass through, in order.
        calibration: which cosines mean a match; None: estimated from the two videos.
        strange_a: (A,) frames of A that show another scene (`core.embedding.scenes`) and so have no partner, but
        through an
            anchor or where `least_confidence` is 0; None: none does.
        strange_b: (B,) of B.

    Raises:
        ValueError: see `similarity` and `dtw`; `least_confidence` is not from 0 to below 1; strange frames of another
            number.
    """
    if not 0 <= least_confidence < 1:
        raise ValueError(f"the least confidence must be from 0 to below 1, not {least_confidence}")
    unit_a, unit_b = unit_pair(a, b)
    pinned_a, pinned_b = [a_frame for a_frame, _ in anchors], [b_frame for _, b_frame in anchors]
    out_a, out_b = strangers(strange_a, len(unit_a), pinned_a), strangers(strange_b, len(unit_b), pinned_b)
    known = calibration or calibrate(own_rows(unit_a, out_a), own_rows(unit_b, out_b))
    price = known.price(least_confidence) if least_confidence else _ALWAYS

    def blocks(piece: Piece, low: NDArray[np.int64], high: NDArray[np.int64]) -> Iterator[Block]:
        plain = cosine_blocks(unit_a[piece.rows], unit_b[piece.columns], low, high)
        return raise_costs(plain, out_a[piece.rows], out_b[piece.columns]) if least_confidence else plain

    opening = OPENING_FRAMES * price
    a_frames, b_frames = _join(blocks, (len(unit_a), len(unit_b)), band, anchors, price, opening)
    if least_confidence:
        kept = kept_steps(a_frames, b_frames, unit_a, unit_b, known.least_own, anchors)
        a_frames, b_frames = a_frames[kept], b_frames[kept]
    cosine = np.einsum("pd,pd->p", unit_a[a_frames], unit_b[b_frames])
    sure = known.confidence(cosine).astype(np.float32)
    found = Alignment(a_frames, b_frames, 0.0, len(a), len(b), sure)
    return replace(found, cost=_total(found, 1 - cosine, price, opening))


def partial_dtw(
    cost: ArrayLike,
    price: float,
    *,
    opening: float = 0.0,
    band: float | None = None,
    anchors: Sequence[Anchor] = (),
) -> Alignment:
    """Return the cheapest path through a cost matrix on which a frame may have no partner.

    Args:
        cost: (A, B) finite numbers.
        price: of each frame without a partner, finite.
        opening: what a stretch without partners between two matches costs besides.
        band: see `core.align.dtw`.
        anchors: cells that the path must pass through, in order.

    Raises:
        ValueError: as `core.align.dtw`.
    """
    matrix = validate_cost(cost)

    def blocks(piece: Piece, low: NDArray[np.int64], high: NDArray[np.int64]) -> Iterator[Block]:
        return matrix_blocks(matrix[piece.rows, piece.columns], low, high)

    shape = matrix.shape[0], matrix.shape[1]
    found = Alignment(*_join(blocks, shape, band, anchors, price, opening), 0.0, *shape)
    return replace(found, cost=_total(found, matrix[found.a_frames, found.b_frames], price, opening))


@dataclass(frozen=True)
class Piece:
    """A part of both videos, between two fixed cells of the path, or up to a free end."""

    rows: slice
    columns: slice
    band: float | None
    is_start_free: bool
    is_end_free: bool


_Blocks = Callable[[Piece, NDArray[np.int64], NDArray[np.int64]], Iterator[Block]]


def _join(
    blocks: _Blocks,
    shape: tuple[int, int],
    band: float | None,
    anchors: Sequence[Anchor],
    price: float,
    opening: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Solve from anchor to anchor, and from the outermost ones to the videos' ends; both frames of every match."""
    check_anchors(anchors, *shape)
    if not (price >= 0 and opening >= 0):
        raise ValueError(f"prices must be at least 0, not {price} and {opening}")
    rows, columns = [], []
    for index, piece in enumerate(_pieces(shape, band, anchors)):
        low, high = band_of(piece.rows.stop - piece.rows.start, piece.columns.stop - piece.columns.start, piece.band)
        a_frames, b_frames = _solve(blocks(piece, low, high), low, high, price, opening, piece)
        first = int(index > 0)  # the anchor where two pieces meet is in both
        rows.append(a_frames[first:] + piece.rows.start)
        columns.append(b_frames[first:] + piece.columns.start)
    return np.concatenate(rows), np.concatenate(columns)


def _total(found: Alignment, cost: NDArray[np.floating], price: float, opening: float) -> float:
    """Return the cost of a path.

    Args:
        cost: (P,) of its steps.
    """
    down, right = np.diff(found.a_frames), np.diff(found.b_frames)
    num_gaps = int(((down > 1) | (right > 1)).sum())
    missing = int((~found.has_partner_a).sum() + (~found.has_partner_b).sum())
    return 2 * float(cost.sum()) + (missing and missing * price) + num_gaps * opening


def _pieces(shape: tuple[int, int], band: float | None, anchors: Sequence[Anchor]) -> Iterator[Piece]:
    last = shape[0] - 1, shape[1] - 1
    corners = [None, *anchors, None]
    for one, other in itertools.pairwise(corners):
        start, end = one or (0, 0), other or last
        yield Piece(
            slice(start[0], end[0] + 1),
            slice(start[1], end[1] + 1),
            share_of(band, last, start, end),
            one is None,
            other is None,
        )


def _solve(
    blocks: Iterator[Block],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    price: float,
    opening: float,
    piece: Piece,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the matches of a piece, both (P,)."""
    from core.align.partial_kernel import sweep, trace

    start = 0.0 if piece.is_start_free else np.inf
    matched = np.full((2, int(high[-1]) + 2), np.inf)
    gaps = np.full_like(matched, start)
    gaps[1, 0] = 0.0
    steps = np.empty((len(low), int((high - low).max()) + 1), np.uint8)
    end = np.full(2, -1)
    least = np.array([0.0 if piece.is_start_free and piece.is_end_free else np.inf])
    prices = (price, opening, start)
    for rows, columns, cost in blocks:
        bad_row = sweep(cost, rows.start, columns.start, low, high, prices, matched, gaps, steps, end, least)
        if bad_row >= 0:
            raise ValueError(f"row {bad_row} of the cost matrix is not finite")
    if not piece.is_end_free:
        end[:] = len(low) - 1, high[-1]
        least[0] = matched[(len(low) - 1) % 2, high[-1] + 1]
    if end[0] < 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    a_frames, b_frames = trace(steps, low, int(end[0]), int(end[1]))
    return a_frames, b_frames
