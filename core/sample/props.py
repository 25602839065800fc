"""Bottles and glasses: bodies of revolution, their drink and their shine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.sample.canvas import Colour, Points, darker, lighter

FORESHORTENING = 0.2
"""Height of a horizontal circle as a share of its width: how far the camera looks down."""
_PIXELS_PER_UNIT = 3
WALL = 2.4
"""Thickness of glass, world units."""


@dataclass(frozen=True)
class Vessel:
    """A body of revolution: its base at (0, 0), its mouth at (0, -height)."""

    radii: NDArray[np.float64]
    """(height + 1,) at every unit of height from the base."""
    cavity: float
    """Height at which the inside begins."""

    @property
    def height(self) -> float:
        return float(len(self.radii) - 1)

    @property
    def top_radius(self) -> float:
        return float(self.radii[-1])

    def radius(self, height: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the radius at this height above the base."""
        return np.asarray(np.interp(height, np.arange(len(self.radii)), self.radii))

    def outline(self) -> Points:
        """Return (N, 2) seen from the side."""
        heights = np.linspace(0, self.height, 24)
        side = np.column_stack([self.radius(heights), -heights])
        return np.concatenate([side * (-1, 1), side[::-1]])

    def inside(self, top: float | None = None) -> Points:
        """Return (N, 2) outline of the cavity up to this height (the mouth)."""
        heights = np.linspace(self.cavity, self.height if top is None else max(top, self.cavity + 0.01), 40)
        radii = self.radius(heights) - WALL
        corner = np.minimum(1.0, 0.72 + (heights - self.cavity) / 14)  # the bottom's edge is round
        side = np.column_stack([radii * corner, -heights])
        return np.concatenate([side * (-1, 1), side[::-1]])


def _vessel(cavity: float, *points: tuple[float, float]) -> Vessel:
    heights, radii = np.array(points).T
    dense = np.interp(np.arange(int(heights[-1]) + 1), heights, radii)
    smooth = np.convolve(np.pad(dense, 4, mode="edge"), np.hanning(11)[1:-1] / np.hanning(11).sum(), mode="valid")
    return Vessel(smooth, cavity)


BOTTLES = {
    "wine": _vessel(4, (0, 19), (3, 22), (86, 22), (102, 17), (116, 10), (126, 8.5), (152, 8.5), (153, 10), (158, 10)),
    "juice": _vessel(4, (0, 24), (3, 27), (78, 27), (104, 18), (118, 13), (135, 13), (136, 14.5), (142, 14.5)),
    "milk": _vessel(4, (0, 23), (3, 26), (76, 26), (100, 17), (112, 14), (128, 14), (130, 16.5), (136, 16.5)),
    "soda": _vessel(
        4, (0, 18), (3, 22), (28, 22.5), (50, 19), (78, 22.5), (98, 18), (122, 10), (142, 9.5), (144, 11.5), (150, 11.5)
    ),
    "carafe": _vessel(4, (0, 27), (4, 31), (40, 29), (74, 18), (96, 13), (118, 14), (132, 18)),
}
GLASSES = {
    "tumbler": _vessel(5, (0, 24), (3, 25), (68, 30)),
    "highball": _vessel(6, (0, 22), (3, 23), (92, 25)),
    "pint": _vessel(5, (0, 20), (3, 21), (30, 23), (88, 30)),
    "goblet": _vessel(34, (0, 22), (2, 20), (5, 4), (28, 3.5), (33, 8), (40, 21), (54, 29), (70, 30), (90, 25)),
}


def turn(points: Points, tilt: float) -> Points:
    """Return (N, 2) rotated about the origin, its top to the left by `tilt` radians."""
    cos, sin = np.cos(tilt), np.sin(tilt)
    return np.asarray(points @ np.array([[cos, -sin], [sin, cos]]))


def area(polygon: Points) -> float:
    """Return the area enclosed by a closed polygon (shoelace)."""
    if len(polygon) < 3:
        return 0.0
    x, y = polygon.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def below(polygon: Points, level: float) -> Points:
    """Return (N, 2) the part of a polygon that lies below the line y = level (y points downwards)."""
    following = np.roll(polygon, -1, axis=0)
    wet, next_wet = polygon[:, 1] >= level, following[:, 1] >= level
    kept = []
    for here, there, is_wet, will_be in zip(polygon, following, wet, next_wet, strict=True):
        if is_wet:
            kept.append(here)
        if is_wet != will_be:
            kept.append(here + (there - here) * (level - here[1]) / (there[1] - here[1]))
    return np.array(kept).reshape(-1, 2)


def level_for(polygon: Points, share: float) -> float:
    """Return the y of the liquid's surface that fills this share of a polygon."""
    wanted, high, low = share * area(polygon), float(polygon[:, 1].min()), float(polygon[:, 1].max())
    for _ in range(14):
        middle = (high + low) / 2
        high, low = (middle, low) if _area_below(polygon, middle) > wanted else (high, middle)
    return (high + low) / 2


def _area_below(polygon: Points, level: float) -> float:
    """Return `area(below(polygon, level))` by Green's theorem: the sum of x dy over the parts of the edges below the
    line."""
    x, y = polygon.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    start, end = np.maximum(y, level), np.maximum(next_y, level)
    slope = (next_x - x) / np.where(next_y == y, 1.0, next_y - y)
    return abs(float(np.sum((x + slope * ((start + end) / 2 - y)) * (end - start))))


def tilt_to_pour(bottle: Vessel, share: float) -> float:
    """Return the tilt at which drink that fills this share of the bottle reaches its lip, radians."""
    inside, lip = bottle.inside(), np.array([[-bottle.top_radius + WALL, -bottle.height]])
    low, high = 0.3, 2.3
    for _ in range(12):
        middle = (low + high) / 2
        runs = level_for(turn(inside, middle), share) <= turn(lip, middle)[0, 1]
        low, high = (low, middle) if runs else (middle, high)
    return high


class Sprite:
    """An RGBA picture in the making, colours premultiplied by opacity, in a vessel's own units."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self._left, self._top = left, top
        shape = int((bottom - top) * _PIXELS_PER_UNIT), int((right - left) * _PIXELS_PER_UNIT)
        self._rgba = np.zeros((*shape, 4))
        self.y = (np.arange(shape[0])[:, None] + 0.5) / _PIXELS_PER_UNIT + top
        self.x = (np.arange(shape[1])[None, :] + 0.5) / _PIXELS_PER_UNIT + left

    def add(self, colour: Colour | NDArray[np.float64], opacity: NDArray[np.float64]) -> None:
        """Lay a colour over it."""
        share = np.clip(opacity, 0.0, 1.0)[..., None]
        full = np.broadcast_to(np.asarray(colour, float), (*share.shape[:2], 3))
        self._rgba *= 1 - share
        self._rgba[..., :3] += full * share
        self._rgba[..., 3:] += 255 * share

    def done(self) -> tuple[NDArray[np.uint8], Points]:
        """Return the pixels, and the matrix from them to the vessel's units."""
        scale = 1 / _PIXELS_PER_UNIT
        return self._rgba.round().astype(np.uint8), np.array([[scale, 0.0, self._left], [0.0, scale, self._top]])


def _soft_step(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 inside, 0 outside, over a pixel."""
    return np.clip(distance * _PIXELS_PER_UNIT + 0.5, 0.0, 1.0)


def _band(u: NDArray[np.float64], at: float, width: float) -> NDArray[np.float64]:
    return np.exp(-(((u - at) / width) ** 2))


@dataclass(frozen=True)
class Body:
    """A vessel's two pictures: what is seen behind its drink, and before it."""

    back: tuple[NDArray[np.uint8], Points]
    front: tuple[NDArray[np.uint8], Points]


def _surface(vessel: Vessel, picture: Sprite) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the coordinate across the body from -1 to 1, and the share of each pixel that it covers."""
    radius = vessel.radius(-picture.y)
    across = np.clip(picture.x / radius, -1.0, 1.0)
    curve = FORESHORTENING * 0.8 * np.sqrt(1 - across**2)
    top = vessel.height - 0.5 * vessel.top_radius * curve
    covered = (
        _soft_step(radius - abs(picture.x))
        * _soft_step(top + picture.y)
        * _soft_step(vessel.radii[0] * curve - picture.y)
    )
    return across, covered


def bottle_body(bottle: Vessel, tint: Colour, label: Colour, accent: Colour) -> Body:
    """Draw a bottle of tinted glass with a paper label."""
    reach = float(bottle.radii.max()) + 3
    back, front = (Sprite(-reach, -bottle.height - 3, reach, 9) for _ in range(2))
    across, covered = _surface(bottle, back)
    back.add(darker(tint, 0.15), covered * (0.34 + 0.4 * across**4))
    back.add(lighter(tint, 0.5), covered * _band(across, 0.45, 0.3) * 0.25)
    front.add(tint, covered * (0.16 + 0.1 * across**2))
    front.add(darker(tint, 0.6), covered * 0.55 * abs(across) ** 9)
    front.add(darker(tint, 0.4), covered * 0.35 * _soft_step(front.y + 5))
    _label(front, across, covered, bottle, label, accent)
    front.add((255, 255, 255), covered * (0.5 * _band(across, -0.6, 0.1) + 0.2 * _band(across, 0.74, 0.05)))
    lip = covered * _soft_step(-front.y - bottle.height + 6)
    front.add(lighter(tint, 0.35), lip * 0.5)
    front.add((255, 255, 255), lip * 0.7 * _band(across, -0.5, 0.2))
    return Body(back.done(), front.done())


def _label(front: Sprite, across: Points, covered: Points, bottle: Vessel, paper: Colour, accent: Colour) -> None:
    low, high = 0.13 * bottle.height, 0.5 * bottle.height
    sag = 2.2 * np.sqrt(1 - across**2)
    y = front.y - sag
    on = covered * _soft_step(-y - low) * _soft_step(high + y)
    light = (1.04 - 0.5 * (across + 0.25) ** 2)[..., None]
    front.add(np.clip(np.array(paper) * light, 0, 255), on)
    ink = np.clip(np.array(accent) * light, 0, 255)
    front.add(ink, on * np.maximum(_soft_step(-y - high + 5) * _soft_step(high - 2 + y), _soft_step(y + low + 5)))
    middle = -(low + high) / 2
    front.add(ink, on * _soft_step(9.5 - np.hypot(25 * np.arcsin(across), y - middle)))


def glass_body(glass: Vessel) -> Body:
    """Draw a clear drinking glass."""
    reach = float(glass.radii.max()) + 3
    back, front = (Sprite(-reach, -glass.height - 9, reach, 9) for _ in range(2))
    across, covered = _surface(glass, back)
    rim = np.hypot(back.x / glass.top_radius, (back.y + glass.height) / (FORESHORTENING * glass.top_radius))
    ring = _soft_step((0.06 - abs(rim - 0.96)) * FORESHORTENING * glass.top_radius)
    back.add((226, 238, 242), covered * (0.16 + 0.2 * across**4))
    back.add((255, 255, 255), ring * 0.5)
    front.add((238, 246, 248), covered * (0.05 + 0.3 * abs(across) ** 8))
    front.add((60, 80, 95), covered * 0.3 * abs(across) ** 18)
    solid = covered * _soft_step(front.y + glass.cavity)
    front.add((215, 230, 236), solid * 0.3)
    front.add((255, 255, 255), covered * (0.42 * _band(across, -0.66, 0.09) + 0.22 * _band(across, 0.78, 0.04)))
    front.add((255, 255, 255), ring * np.clip(0.25 + 0.65 * (front.y + glass.height > 0), 0, 1))
    return Body(back.done(), front.done())
