"""Who is followed where several people are in view. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Point:
    """A place in one frame of a video that somebody clicked on."""

    frame: int
    x: float
    """Share of the frame's width, from the left."""
    y: float
    """Share of its height, from the top."""

    def __post_init__(self) -> None:
        if self.frame < 0 or not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise ConfigError(
                f"The person to follow is at frame {self.frame}, x {self.x:g}, y {self.y:g}: frames count from 0, and "
                "x and y are shares of the picture's width and height, from 0 to 1."
            )

    @property
    def key(self) -> str:
        """Names it in the keys of what is computed."""
        return f"at{self.frame}-{self.x:.4f}-{self.y:.4f}"


@dataclass(frozen=True, slots=True)
class Square:
    """The turned square of a picture that holds one person, in pixels."""

    x: float
    """Of its middle: the middle of the hips."""
    y: float
    side: float
    turn: float
    """Radians, clockwise in the picture: by how much the person leans from upright."""

    def holds(self, x: float, y: float) -> bool:
        """Whether a place in pixels lies in the person's circle."""
        return math.hypot(x - self.x, y - self.y) <= self.side / 2


def chosen(people: Sequence[Square], before: Square | None) -> Square | None:
    """Return whom to follow: the one nearest to where the person was lost, within a body's length, else the largest."""
    if not people:
        return None
    if before is not None:
        nearest = min(people, key=lambda person: math.hypot(person.x - before.x, person.y - before.y))
        if math.hypot(nearest.x - before.x, nearest.y - before.y) <= before.side / 2:
            return nearest
    return max(people, key=lambda person: person.side)


def pointed_at(people: Sequence[Square], x: float, y: float) -> Square | None:
    """Return the person at a place in pixels: of those whose circle holds it the one with the nearest middle."""
    holding = [person for person in people if person.holds(x, y)]
    return min(holding, key=lambda person: math.hypot(person.x - x, person.y - y), default=None)
