"""Edits of the lines and angles that are drawn on frames."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass

from core.base.errors import LabelError
from core.project.changes import Changes
from core.project.edits import Key, Patch, Value
from core.project.measures import Points, encode
from core.project.queries import check_ids, measures, video


@dataclass(frozen=True)
class AddMeasure:
    """Draw a line (two points) or an angle (three). LabelError: past the video's end."""

    video_id: int
    frame: int
    points: Points

    @property
    def label(self) -> str:
        return "Measure angle" if len(self.points) == 3 else "Measure line"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        frames = video(db, self.video_id).num_frames
        if self.frame < 0 or (frames is not None and self.frame >= frames):
            raise LabelError(
                f"Nothing can be measured at frame {self.frame}: the video has {frames} frames, from 0. Choose another "
                "frame."
            )
        numbers = [one.number for one in measures(db, self.video_id) if one.frame == self.frame]
        key: Key = ("measure", (self.video_id, self.frame, max(numbers, default=-1) + 1))
        return Patch({key: (encode(self.points), 0.0, "")}).apply(db)


@dataclass(frozen=True)
class RemoveMeasures:
    """Remove what was drawn on a frame."""

    video_id: int
    frame: int
    numbers: tuple[int, ...] | None = None
    """Which; None: all of that frame."""

    @property
    def label(self) -> str:
        return "Remove measurements"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        found = [one.number for one in measures(db, self.video_id) if one.frame == self.frame]
        gone = found if self.numbers is None else [one for one in found if one in self.numbers]
        return Patch({("measure", (self.video_id, self.frame, number)): None for number in gone}).apply(db)


@dataclass(frozen=True)
class SetScale:
    """Set the known length of a line, which gives the whole video its scale; no other line keeps one.

    LabelError: the line is gone, or it has no length.
    """

    video_id: int
    frame: int
    number: int
    length: float
    unit: str

    @property
    def label(self) -> str:
        return "Set length of line"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        if not (math.isfinite(self.length) and self.length > 0):
            raise LabelError(f"A line cannot be {self.length:g} {self.unit} long. Give a length above 0.")
        rows: dict[Key, tuple[Value, ...] | None] = {}
        for one in measures(db, self.video_id):
            is_it = (one.frame, one.number) == (self.frame, self.number) and not one.is_angle
            if is_it or one.length:
                known = (self.length, self.unit.strip()) if is_it else (0.0, "")
                rows["measure", (self.video_id, one.frame, one.number)] = (encode(one.points), *known)
        if ("measure", (self.video_id, self.frame, self.number)) not in rows:
            raise LabelError(f"There is no longer such a line in frame {self.frame}. Draw one, then set its length.")
        return Patch(rows).apply(db)
