"""Edits of the person to follow in a video: the one at a position of one frame, or the largest."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from core.base.errors import LabelError
from core.pose.people import Point
from core.project.changes import Changes
from core.project.edits import Patch
from core.project.queries import check_ids, video


@dataclass(frozen=True)
class FollowPerson:
    """Follow the person at this position. LabelError: past the video's end."""

    video_id: int
    point: Point

    @property
    def label(self) -> str:
        return "Choose person to follow"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        frames, point = video(db, self.video_id).num_frames, self.point
        if frames is not None and point.frame >= frames:
            raise LabelError(
                f"The person to follow cannot be at frame {point.frame}: the video has {frames} frames, from 0. Choose "
                "another frame."
            )
        return Patch({("person", (self.video_id,)): (point.frame, point.x, point.y)}).apply(db)


@dataclass(frozen=True)
class FollowLargest:
    """Follow the largest person again."""

    video_id: int

    @property
    def label(self) -> str:
        return "Follow largest person"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        return Patch({("person", (self.video_id,)): None}).apply(db)
