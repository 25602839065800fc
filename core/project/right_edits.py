"""Edits of the right videos and their performers."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from core.project.changes import Changes
from core.project.edits import Key, Patch, Value
from core.project.queries import check_ids


@dataclass(frozen=True)
class SayRight:
    """Mark some videos as right or not; others do not change."""

    said: tuple[tuple[int, str | None], ...]
    """A video, and who is seen in it, empty while unknown; None: it is not right."""

    @property
    def label(self) -> str:
        return "Choose right videos"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (number for number, _ in self.said))
        rows: dict[Key, tuple[Value, ...] | None] = {
            ("right_video", (number,)): None if performer is None else (performer.strip(),)
            for number, performer in self.said
        }
        return Patch(rows).apply(db)
