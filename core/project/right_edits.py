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

    choices: tuple[tuple[int, str | None], ...]
    """A video, and who is seen in it, empty while unknown; None: it is not right."""

    @property
    def label(self) -> str:
        return "Choose right videos"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (video_id for video_id, _ in self.choices))
        rows: dict[Key, tuple[Value, ...] | None] = {
            ("right_video", (video_id,)): None if performer is None else (performer.strip(),)
            for video_id, performer in self.choices
        }
        return Patch(rows).apply(db)
