"""Draw many points as a picture: each is a small disc; where many overlap, their colours mix and become denser."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_STAMPED = 12_000_000
"""Pixels that are coloured for one picture, counted for each point: bounds its time."""
_LARGEST_RADIUS, _SMALLEST_RADIUS = 3.5, 0.5
_DENSE, _LOOSE = 0.45, 0.9
"""How much of the background a single point covers, among a million and among few."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the map that is drawn: y grows upwards on the map and downwards in the picture."""

    x: float
    """Of the middle, on the map."""
    y: float
    scale: float
    """Pixels for a unit of the map."""
    width: int
    """In pixels."""
    height: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y on the map."""
        half = self.width / self.scale / 2, self.height / self.scale / 2
        return self.x - half[0], self.y - half[1], self.x + half[0], self.y + half[1]

    def grown(self, pixels: float) -> Window:
        """Return the same with so many more on each side."""
        more = 2 * math.ceil(pixels)
        return Window(self.x, self.y, self.scale, self.width + more, self.height + more)


@dataclass(frozen=True, slots=True)
class Ink:
    """Size and opacity of points."""

    radius: float
    """Of a disc, in pixels; up to a half it is one pixel."""
    opacity: float
    """Of a single point of weight 1."""

    @staticmethod
    def fitting(count: int, window: Window, size: float = 1.0, opacity: float = 1.0) -> Ink:
        """Return the ink for this many visible points, smaller if many; `size` and `opacity` multiply it."""
        room = math.sqrt(window.width * window.height / max(count, 1))
        radius = min(max(0.3 * room, _SMALLEST_RADIUS), _LARGEST_RADIUS) * size
        affordable = (math.sqrt(_MOST_STAMPED / max(count, 1)) - 1) / 2
        crowd = min(max(math.log10(max(count, 1)) - 4, 0) / 2, 1)
        covering = (_LOOSE + crowd * (_DENSE - _LOOSE)) * opacity
        return Ink(max(min(radius, affordable), _SMALLEST_RADIUS), min(max(covering, 0.02), 1.0))


def draw_points(
    positions: NDArray[np.float32],
    classes: NDArray[np.uint8],
    stretches: NDArray[np.int64],
    window: Window,
    ink: Ink,
    palette: NDArray[np.float32],
    background: tuple[int, int, int],
) -> NDArray[np.uint8]:
    """Draw some of the points.

    Args:
        positions: (P, 2), finite.
        classes: (P,) of each point: its row in the palette.
        stretches: (S, 2) which points are looked at: from each first to before each second.
        palette: (256, 4) red, green and blue from 0 to 255, and the weight, above 0: of two points in one place the
            heavier one colours it more.

    Returns:
        (height, width, 4) blue, green, red and 255, as Qt's RGB32 wants them.
    """
    from core.map.drawing_kernel import add_points, mix

    sums = np.zeros((window.height, window.width, 4), np.float32)
    where = np.array([window.x, window.y, window.scale])
    add_points(positions, classes, stretches, where, _stamp(ink.radius), palette, sums)
    steps = np.arange(_STEPS * _SATURATED + 1) / _STEPS
    cover = (1 - (1 - min(ink.opacity, 0.999)) ** steps).astype(np.float32)
    picture = np.empty((window.height, window.width, 4), np.uint8)
    mix(sums, cover, _STEPS, np.array(background, np.float32), picture)
    return picture


_STEPS, _SATURATED = 32, 32
"""Of the table that says how much is covered: steps for a weight of 1, and the weight that covers all."""


def _stamp(radius: float) -> NDArray[np.float32]:
    """Return (K, K) how much of each pixel a disc covers, K odd."""
    if radius <= _SMALLEST_RADIUS:
        return np.ones((1, 1), np.float32)
    reach = math.ceil(radius)
    across = np.arange(-reach, reach + 1)
    distance = np.hypot(across[:, None], across[None, :])
    return (radius + 0.5 - distance).clip(0, 1).astype(np.float32)
