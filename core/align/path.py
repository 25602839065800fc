"""Dynamic time warping: the cheapest monotone path through a cost matrix (Sakoe and Chiba, 1978)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.align.anchored import Anchor, Piece, join_pieces
from core.base.types import Alignment

Block = tuple[slice, slice, NDArray[Any]]
"""Rows and columns of a part of the cost matrix, and its costs."""
_BLOCK_CELLS = 1 << 22
"""Cells of the cost matrix that are prepared at once: bounds memory to some tens of megabytes."""


def dtw(cost: ArrayLike, *, band: float | None = None, anchors: Sequence[Anchor] = ()) -> Alignment:
    """Return the cheapest path from (0, 0) to the last cell by steps (1, 1), (1, 0) and (0, 1), each cell's cost
    counted once.

    Sums are float64; backpointers take two bits a cell of the band. Where steps tie, (1, 1) is taken, then (1, 0).

    Args:
        cost: (A, B) finite numbers.
        band: how far two matched frames' places in their videos may differ, as a share of the videos' lengths:
            |a / (A - 1) - b / (B - 1)| <= band (Sakoe and Chiba's band around the line from corner to corner).
            None: no bound. A band narrower than half a frame of the shorter video counts as that, so that there
            always is a path. Cells beyond the band are neither read nor stored.
        anchors: cells that the path must pass through, in order; a band then follows the line from one to the next.

    Raises:
        ValueError: `cost` is not a matrix, is empty, or holds something that is not a finite number; `band` is not
            a positive number; anchors lie outside, or do not grow strictly in both frames.
    """
    matrix = validate_cost(cost)
    if anchors:
        return join_pieces(
            lambda piece: _dtw(matrix[piece[:2]], piece[2]),
            lambda cell: float(matrix[cell]),
            (matrix.shape[0], matrix.shape[1]),
            band,
            anchors,
        )
    return _dtw(matrix, band)


def _dtw(matrix: NDArray[Any], band: float | None) -> Alignment:
    low, high = band_of(matrix.shape[0], matrix.shape[1], band)
    return _solve(matrix_blocks(matrix, low, high), low, high)


def align_embeddings(
    a: NDArray[np.float32], b: NDArray[np.float32], *, band: float | None = None, anchors: Sequence[Anchor] = ()
) -> Alignment:
    """Return `dtw(1 - similarity(a, b), band=band, anchors=anchors)` without ever holding the whole matrix.

    Args:
        a: (A, D) embeddings of A's frames.
        b: (B, D) of B's.

    Raises:
        ValueError: see `similarity` and `dtw`.
    """
    unit_a, unit_b = unit_pair(a, b)

    def solve(piece: Piece) -> Alignment:
        return _align(unit_a[piece[0]], unit_b[piece[1]], piece[2])

    def cost_at(cell: Anchor) -> float:
        return float(1 - _cosine(unit_a[cell[0] : cell[0] + 1], unit_b[cell[1] : cell[1] + 1])[0, 0])

    if anchors:
        return join_pieces(solve, cost_at, (len(unit_a), len(unit_b)), band, anchors)
    return _align(unit_a, unit_b, band)


def _align(unit_a: NDArray[np.float32], unit_b: NDArray[np.float32], band: float | None) -> Alignment:
    low, high = band_of(len(unit_a), len(unit_b), band)
    return _solve(cosine_blocks(unit_a, unit_b, low, high), low, high)


def similarity(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return cosine of every pair of frames: (A, D), (B, D) -> (A, B) float32 within [-1, 1]; 0 beside an embedding of
    zeros.

    Raises:
        ValueError: not two matrices of the same width with at least one row each.
    """
    unit_a, unit_b = unit_pair(a, b)
    return _cosine(unit_a, unit_b)


def unit_pair(a: NDArray[np.float32], b: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (A, D) and (B, D) with rows of norm 1; zeros stay zeros. ValueError: see `similarity`."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not len(a) or not len(b):
        raise ValueError(f"embeddings must be (A, D) and (B, D) with at least one row, not {a.shape} and {b.shape}")
    return _unit(a), _unit(b)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    single = rows.astype(np.float32, copy=False)
    norms = np.linalg.norm(single, axis=1, keepdims=True)
    return (single / np.where(norms > 0, norms, 1)).astype(np.float32, copy=False)


def _cosine(unit_a: NDArray[np.float32], unit_b: NDArray[np.float32]) -> NDArray[np.float32]:
    cosine: NDArray[np.float32] = unit_a @ unit_b.T
    return np.clip(cosine, -1, 1, out=cosine)


def band_of(num_a: int, num_b: int, band: float | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last column of the band in every row, both (A,). Integers, so that A and B can be
    swapped."""
    last_a, last_b = num_a - 1, num_b - 1
    if band is not None and not band > 0:
        raise ValueError(f"a band must be a positive fraction of the videos' lengths, not {band}")
    if band is None or band >= 1 or last_a == 0 or last_b == 0:
        return np.zeros(num_a, np.int64), np.full(num_a, last_b, np.int64)
    reach = max(int(band * last_a * last_b + 1e-6), max(last_a, last_b) // 2)
    line = np.arange(num_a, dtype=np.int64) * last_b
    low = np.maximum(-((reach - line) // last_a), 0)
    high = np.minimum((line + reach) // last_a, last_b)
    return low, high


def validate_cost(cost: ArrayLike) -> NDArray[Any]:
    """Return (A, B) as an array of real numbers. Raises ValueError: it is something else, or empty."""
    matrix = np.asarray(cost)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(f"a cost matrix must be (A, B) with at least one cell, not {matrix.shape}")
    if matrix.dtype.kind not in "biuf":
        raise ValueError(f"a cost matrix must hold real numbers, not {matrix.dtype}")
    return matrix


def matrix_blocks(matrix: NDArray[Any], low: NDArray[np.int64], high: NDArray[np.int64]) -> Iterator[Block]:
    """Return the parts of a cost matrix that cover the band, in single or double precision."""
    kind = np.float32 if matrix.dtype in (np.float16, np.float32) else np.float64
    for rows, columns in _blocks(low, high):
        yield rows, columns, np.ascontiguousarray(matrix[rows, columns], dtype=kind)


def cosine_blocks(
    unit_a: NDArray[np.float32], unit_b: NDArray[np.float32], low: NDArray[np.int64], high: NDArray[np.int64]
) -> Iterator[Block]:
    """Return 1 - cosine for the same parts, each computed when its turn comes."""
    for rows, columns in _blocks(low, high):
        yield rows, columns, 1 - _cosine(unit_a[rows], unit_b[columns])


def _blocks(low: NDArray[np.int64], high: NDArray[np.int64]) -> Iterator[tuple[slice, slice]]:
    """Yield the rows and columns of the parts of the cost matrix, from the first row to the last, that cover the
    band."""
    rows = max(1, _BLOCK_CELLS // int((high - low).max() + 1))
    for start in range(0, len(low), rows):
        end = min(start + rows, len(low))
        yield slice(start, end), slice(int(low[start]), int(high[end - 1]) + 1)


def _solve(blocks: Iterable[Block], low: NDArray[np.int64], high: NDArray[np.int64]) -> Alignment:
    from core.align.kernel import sweep, trace

    last_column = int(high[-1])
    sums = np.full((2, last_column + 2), np.inf)
    sums[1, 0] = 0.0
    steps = np.empty((len(low), int((high - low).max()) // 4 + 1), np.uint8)
    for rows, columns, cost in blocks:
        bad_row = sweep(cost, rows.start, columns.start, low, high, sums, steps)
        if bad_row >= 0:
            raise ValueError(f"row {bad_row} of the cost matrix is not finite")
    total = float(sums[(len(low) + 1) % 2, last_column + 1])
    if not np.isfinite(total):
        raise ValueError("the costs along the path are too large to sum")
    a_frames, b_frames = trace(steps, low, last_column)
    return Alignment(a_frames, b_frames, total)
