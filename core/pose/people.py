"""The person to follow when several are in view. Needs no torch.

A table says so, with the columns `video,frame,x,y` and perhaps `digest`: where in which frame the person is. x and y
are shares of the picture's width and height.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.csv_files import read_rows
from core.base.errors import ConfigError, LabelError
from core.settings.config import did_you_mean
from core.video.names import DIGEST, VideoNames


@dataclass(frozen=True, slots=True)
class Point:
    """A clicked position in one frame of a video."""

    frame: int
    x: float
    """Share of the frame's width, from the left."""
    y: float
    """Share of its height, from the top."""

    def __post_init__(self) -> None:
        if self.frame < 0 or not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise ConfigError(
                f"The person to follow is at frame {self.frame}, x {self.x:g}, y {self.y:g}, but frames count from "
                "0, and x and y are fractions of the picture's width and height, from 0 to 1. Correct it."
            )

    @property
    def numbers(self) -> list[float]:
        """As JSON holds it: `Point(*numbers)` gives it back."""
        return [self.frame, self.x, self.y]

    @property
    def key(self) -> str:
        """Names it in the keys of what is computed."""
        return f"on{self.frame}-{self.x:.4f}-{self.y:.4f}"


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    video: str
    digest: str
    point: Point


class People:
    """The person to follow in each video; by default the largest.

    Args:
        rows: lines of a table.
        known: points by the digest of the video, as an encoder remembers them; lines come before them.
    """

    def __init__(self, rows: Sequence[_Row] = (), known: Mapping[str, Point] | None = None) -> None:
        self._rows, self._known = list(rows), dict(known or {})

    @classmethod
    def read(cls, file: Path, known: Mapping[str, Point] | None = None) -> People:
        """Read a table (CSV or XLSX).

        Raises:
            LabelError: it cannot be read, or a line of it is wrong.
        """
        rows = []
        for row in read_rows(file, ("video", "frame", "x", "y")):
            try:
                point = Point(row.frame("frame"), row.number("x"), row.number("y"))
            except ConfigError as error:
                raise LabelError(f"{row.where}: {error}") from None
            rows.append(_Row(row.where, row["video"], row[DIGEST].casefold(), point))
        return cls(rows, known)

    def of(self, path: Path, digest: str) -> Point | None:
        """Return where the person to follow is in a video; None: nobody said so.

        Raises:
            LabelError: two lines say so.
        """
        names = VideoNames([(path.absolute(), True)])
        rows = [row for row in self._rows if row.digest == digest or (not row.digest and names.ending_in(row.video))]
        if len(rows) > 1:
            raise LabelError(f"{rows[1].where}: {rows[0].where} names a person in {path.name} too. Remove one of them.")
        return rows[0].point if rows else self._known.get(digest)

    def check(self, paths: Sequence[Path]) -> None:
        """Refuse early a line whose video is not there; lines with a digest are left to it.

        Raises:
            LabelError: the first such line.
        """
        names = VideoNames([(path.absolute(), path) for path in paths])
        for row in self._rows:
            if not row.digest and not names.ending_in(row.video):
                near = did_you_mean(row.video, [path.name for path in paths])
                raise LabelError(f"{row.where}: there is no video {row.video!r}{near}")


@dataclass(frozen=True, slots=True)
class Square:
    """The rotated square of a picture that contains one person, in pixels."""

    x: float
    """Of its middle: the middle of the hips."""
    y: float
    side: float
    turn: float
    """Radians, clockwise in the picture: by how much the person leans from upright."""

    def holds(self, x: float, y: float) -> bool:
        """Return whether a place in pixels lies in the person's circle."""
        return math.hypot(x - self.x, y - self.y) <= self.side / 2


def choose_person(people: Sequence[Square], before: Square | None) -> Square | None:
    """Return whom to follow: the one nearest to where the person was lost, within a body's length, else the largest."""
    if not people:
        return None
    if before is not None:
        nearest = min(people, key=lambda person: math.hypot(person.x - before.x, person.y - before.y))
        if math.hypot(nearest.x - before.x, nearest.y - before.y) <= before.side / 2:
            return nearest
    return max(people, key=lambda person: person.side)
