"""Lines and angles that were drawn on a frame: their lengths in pixels or by a known length, their degrees."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

Points = tuple[tuple[float, float], ...]
"""Two ends of a line, or three points of an angle with its corner in the middle: shares of the picture's width and
height, from its upper left corner."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A line or an angle in a frame."""

    frame: int
    number: int
    """In the frame, in the order in which they were drawn."""
    points: Points
    length: float = 0.0
    """The known length of a line; 0 where it is not known."""
    unit: str = ""

    @property
    def is_angle(self) -> bool:
        return len(self.points) == 3

    def pixels(self, width: int, height: int) -> float:
        """Return the length of a line in a picture of that size."""
        (x, y), (other_x, other_y) = self.points[0], self.points[-1]
        return math.hypot((other_x - x) * width, (other_y - y) * height)

    def degrees(self, width: int, height: int) -> float:
        """Return an angle, 0 to 180, in a picture of that size."""
        (x, y), (corner_x, corner_y), (other_x, other_y) = self.points
        one = complex((x - corner_x) * width, (y - corner_y) * height)
        other = complex((other_x - corner_x) * width, (other_y - corner_y) * height)
        product = one.conjugate() * other
        return math.degrees(abs(math.atan2(product.imag, product.real)))


@dataclass(frozen=True, slots=True)
class Scale:
    """Length per pixel of a video, where a line of known length was drawn."""

    per_pixel: float
    unit: str


def scale_of(measures: Iterable[Measure], width: int, height: int) -> Scale | None:
    """Return the scale by the line of known length that comes last; None where there is none."""
    known = [one for one in measures if one.length > 0 and one.pixels(width, height) > 0]
    return Scale(known[-1].length / known[-1].pixels(width, height), known[-1].unit) if known else None


def describe(one: Measure, width: int, height: int, scale: Scale | None) -> str:
    """Return what stands beside it: `93.4°`, `212 px` or `1.06 m`."""
    if one.is_angle:
        return f"{one.degrees(width, height):.1f}°"
    pixels = one.pixels(width, height)
    if scale is None:
        return f"{pixels:.0f} px"
    return f"{pixels * scale.per_pixel:.4g} {scale.unit}".rstrip()


def encode(points: Points) -> str:
    """Return points as JSON, as the project keeps them."""
    return json.dumps(points, separators=(",", ":"))


def decode(text: str) -> Points:
    """Turn back from `encode`. ValueError: they are not two or three points."""
    try:
        points = tuple((float(x), float(y)) for x, y in json.loads(text))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError("not a list of points") from error
    if len(points) not in (2, 3) or not all(map(math.isfinite, (value for point in points for value in point))):
        raise ValueError("not two or three points")
    return points
