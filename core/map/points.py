"""The points of a map in the cells of a grid, to find visible, near or lassoed points quickly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_POINTS_A_CELL, _MOST_CELLS = 4, 512
"""Cells along a side: about so many points each, but no more than that."""


@dataclass(frozen=True, eq=False)
class Points:
    """The frames that have a position."""

    positions: NDArray[np.float32]
    """(P, 2) in the order of the cells, row by row."""
    frames: NDArray[np.int64]
    """(P,) which frame each is, counted through all videos."""
    order: NDArray[np.int64]
    """(N,) which point each frame is; -1: it has no place."""
    bounds: tuple[float, float, float, float]
    """Least x, least y, greatest x, greatest y; zeros where there is no point."""
    starts: NDArray[np.int64]
    """(G * G + 1,) of each cell's points."""

    @staticmethod
    def of(positions: NDArray[np.float32]) -> Points:
        """Return (N, 2) positions of all frames; those that are not finite have no place."""
        there = np.flatnonzero(np.isfinite(positions).all(axis=1))
        placed = positions[there]
        low, high = (placed.min(axis=0), placed.max(axis=0)) if len(placed) else (np.zeros(2), np.zeros(2))
        bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        cells = min(max(math.isqrt(len(placed) // _POINTS_A_CELL), 1), _MOST_CELLS)
        cell = _cells(placed, bounds, cells)
        number = cell[:, 1] * cells + cell[:, 0]
        sort = np.argsort(number, kind="stable")
        order = np.full(len(positions), -1, np.int64)
        order[there[sort]] = np.arange(len(sort))
        starts = np.searchsorted(number[sort], np.arange(cells * cells + 1)).astype(np.int64)
        return Points(np.ascontiguousarray(placed[sort], np.float32), there[sort], order, bounds, starts)

    def __len__(self) -> int:
        return len(self.frames)

    def stretches(self, low_x: float, low_y: float, high_x: float, high_y: float) -> NDArray[np.int64]:
        """Return (S, 2) first and end of the points among which all within this rectangle are; perhaps some others
        too."""
        outside = high_x < self.bounds[0] or high_y < self.bounds[1] or low_x > self.bounds[2] or low_y > self.bounds[3]
        if outside or not len(self):
            return np.empty((0, 2), np.int64)
        cells = math.isqrt(len(self.starts) - 1)
        (left, bottom), (right, top) = _cells(np.array([[low_x, low_y], [high_x, high_y]]), self.bounds, cells)
        rows = np.arange(bottom, top + 1) * cells
        found = np.stack([self.starts[rows + left], self.starts[rows + right + 1]], axis=1)
        if left == 0 and right == cells - 1:
            return np.array([[found[0, 0], found[-1, 1]]])
        return found[found[:, 0] < found[:, 1]]

    def within(self, low_x: float, low_y: float, high_x: float, high_y: float) -> NDArray[np.int64]:
        """Return the points among which all within this rectangle are, one after the other."""
        found = [np.arange(first, end) for first, end in self.stretches(low_x, low_y, high_x, high_y)]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """Return the frame whose point is nearest to that place, at most `reach` away; of equal ones the first."""
        near = self.within(x - reach, y - reach, x + reach, y + reach)
        if not len(near):
            return None
        squares = ((self.positions[near].astype(np.float64) - (x, y)) ** 2).sum(axis=1)
        least = squares.min()
        return int(self.frames[near[squares == least]].min()) if least <= reach * reach else None

    def inside(self, outline: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the frames inside a closed outline, (E, 2), ascending; self-intersections follow the even-odd rule."""
        if len(outline) < 3:
            return np.empty(0, np.int64)
        from core.map.points_kernel import crossings

        near = self.within(*outline.min(axis=0), *outline.max(axis=0))
        is_inside: NDArray[np.bool_] = crossings(self.positions, near, outline) % 2 == 1
        found: NDArray[np.int64] = np.sort(self.frames[near[is_inside]])
        return found

    def place_of(self, frame: int) -> tuple[float, float] | None:
        """Return the position of a frame, counted through all videos; None: it has none."""
        point = int(self.order[frame])
        return None if point < 0 else (float(self.positions[point, 0]), float(self.positions[point, 1]))

    def course(self, start_frame: int, end_frame_exclusive: int) -> NDArray[np.float32]:
        """Return (C, 2) where consecutive frames lie; those without a place are left out."""
        points = self.order[start_frame:end_frame_exclusive]
        return self.positions[points[points >= 0]]


def _cells(positions: NDArray[Any], bounds: tuple[float, float, float, float], cells: int) -> NDArray[np.int64]:
    """Return (P, 2) column and row of the cell of each; the outer ones stand for what lies beyond.

    The same arithmetic for points and for rectangles: whatever is rounded, a point in a rectangle is in its cells.
    """
    low = np.array(bounds[:2])
    extent = np.maximum(np.array(bounds[2:]) - low, 1e-30)
    found: NDArray[np.int64] = ((positions - low) / extent * cells).clip(0, cells - 1).astype(np.int64)
    return found
