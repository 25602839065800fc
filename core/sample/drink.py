"""The drink: in the bottle, in the air, in the glass."""

from __future__ import annotations

import numpy as np

from core.sample.canvas import Canvas, Gradient, Points, darker, ellipse, lighter
from core.sample.props import FORESHORTENING, WALL, Vessel, below, level_for
from core.sample.take import Drink, Take


class DrinkInGlass:
    """What is in the glass.

    Args:
        level: how full, as a share of the cavity's height.
    """

    def __init__(self, take: Take, glass: Vessel, level: float) -> None:
        self._take, self._glass, self._level = take, glass, level
        self._depth = (glass.height - glass.cavity) * level
        self._radius = float(glass.radius(glass.cavity + self._depth)) - WALL
        self.surface_y = take.base_y - glass.cavity - self._depth
        """World units."""

    def paint(self, canvas: Canvas, index: int) -> None:
        """Paint it as it is at this frame."""
        if self._level < 0.015:
            return
        take, x, y, radius = self._take, self._take.glass_x, self.surface_y, self._radius
        colour, ry = take.drink.colour, self._radius * FORESHORTENING
        body = self._glass.inside(self._glass.cavity + self._depth) + np.array([x, take.base_y])
        low_radius = (float(self._glass.radius(self._glass.cavity)) - WALL) * 0.72
        low, top = ellipse(x, take.base_y - self._glass.cavity, low_radius, 3.0), ellipse(x, y, radius, ry)
        edges = darker(colour, 0.28), darker(colour, 0.12), darker(colour, 0.34)
        light = edges[0], lighter(colour, 0.06), lighter(colour, 0.18), colour, edges[1], edges[2]
        canvas.fill(body, low, top, paint=Gradient((x - radius, 0), (x + radius, 0), light), alpha=take.drink.opacity)
        shine = lighter(colour, 0.2), lighter(colour, 0.42), lighter(colour, 0.16)
        canvas.fill(top, paint=Gradient((x - radius, y - ry), (x + radius, y + ry), shine), alpha=0.96)
        if take.drink.fizz:
            self._bubbles(canvas, index)

    def _bubbles(self, canvas: Canvas, index: int) -> None:
        generator = np.random.default_rng(self._take.grain_seed)
        x, y, rx = self._take.glass_x, self.surface_y, self._radius
        colour, ry = self._take.drink.colour, 0.8 * self._radius * FORESHORTENING
        around, sizes = np.arange(15), generator.uniform(2, 4, 15)
        foam = [
            ellipse(x + (k / 7 - 1) * rx * 0.93, y + np.sin(k * 2.4) * ry - 1, r, r * 0.75)
            for k, r in zip(around, sizes, strict=True)
        ]
        canvas.fill(*foam, paint=lighter(colour, 0.6), alpha=0.75)
        rising = []
        for start, aside, r, speed in generator.uniform((0, -0.7, 0.7, 0.6), (1, 0.7, 1.5, 1.6), (14, 4)):
            climbed = (start * self._depth + index * speed) % max(self._depth, 1.0)
            rising.append(ellipse(x + aside * rx, y + self._depth - climbed, r, r))
        canvas.fill(*rising, paint=lighter(colour, 0.7), alpha=0.6)


def paint_stream(
    canvas: Canvas, take: Take, lip: Points, wet: tuple[float, float], surface_y: float, index: int
) -> None:
    """Paint the drink between the lip and the glass, with its splash.

    Args:
        lip: (2,) where it leaves the bottle, world units.
        wet: the part of the way that is wet, 0 at the lip to 1.
    """
    tail, head = wet
    if head <= tail:
        return
    way = np.linspace(tail, head, 18)
    end_x = take.glass_x + 1.5 * np.sin(index * 0.9)
    x = lip[0] + (end_x - lip[0]) * np.sqrt(way) + 0.5 * np.sin(way * 9 - index * 1.3) * way
    y = lip[1] + (surface_y + 1 - lip[1]) * way
    half = 3.6 - 1.5 * way + 0.35 * np.sin(way * 14 - index * 2.1)
    half[[0, -1]] *= 0.75
    colour, opacity = take.drink.colour, min(1.0, take.drink.opacity + 0.1)
    light = lighter(colour, 0.3), colour, darker(colour, 0.15)
    paint = Gradient((float(x.min()) - 3, 0), (float(x.max()) + 3, 0), light)
    start = ellipse(float(x[0]), float(y[0]), 3.2, 2.6)
    canvas.fill(_ribbon(x - half, x + half, y), start, paint=paint, alpha=opacity)
    canvas.fill(_ribbon(x - 0.55 * half, x - 0.2 * half, y), paint=(255, 255, 255), alpha=0.4)
    if head >= 1.0:
        _splash(canvas, take, float(x[-1]), surface_y, index)


def _ribbon(left: Points, right: Points, y: Points) -> Points:
    return np.concatenate([np.column_stack([left, y]), np.column_stack([right, y])[::-1]])


def _splash(canvas: Canvas, take: Take, x: float, y: float, index: int) -> None:
    colour = take.drink.colour
    for ring in range(2):
        grown = ((index * 0.21 + ring * 0.5) % 1.0) * 13 + 5
        canvas.fill(ellipse(x, y, grown, grown * FORESHORTENING), paint=lighter(colour, 0.6), alpha=0.28)
    drops = [
        ellipse(x + 9 * np.sin(index * 2.3 + k * 2.1), y - 3 - 5 * abs(np.sin(index * 1.7 + k)), 1.1, 1.1)
        for k in range(3)
    ]
    canvas.fill(*drops, paint=lighter(colour, 0.25), alpha=0.9)


def paint_in_bottle(canvas: Canvas, drink: Drink, inside: Points, centre: Points, side: Points, full: float) -> None:
    """Paint what is left in the bottle, with a level surface however the bottle is tilted.

    Args:
        inside: (N, 2) outline of the cavity, in the world.
        centre: (2,) a point on the bottle's axis.
        side: (2,) from the axis to the bottle's side.
        full: share of the cavity that is filled.
    """
    level, colour = level_for(inside, full), drink.colour
    wet = below(inside, level)
    sides = darker(colour, 0.32), colour, lighter(colour, 0.15), colour, darker(colour, 0.15), darker(colour, 0.38)
    ends = centre - side, centre + side
    start, end = ((float(x), float(y)) for x, y in ends)
    canvas.fill(wet, paint=Gradient(start, end, sides), alpha=drink.opacity)
    surface = wet[abs(wet[:, 1] - level) < 0.01, 0]
    if len(surface) >= 2:
        left, right = float(surface.min()), float(surface.max())
        half = (right - left) / 2
        top = ellipse((left + right) / 2, level, half, min(0.14 * half, 5.0))
        canvas.fill(top, paint=lighter(colour, 0.35), alpha=0.9, within=inside)
