"""Edits of the videos of a project, and of its notes."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.project.changes import Changes
from core.project.edits import Key, Patch, Value, count_of, row_at
from core.project.places import Place, keep_place
from core.project.queries import check_ids, next_id
from core.project.rows import SPLITS, Split
from core.video.content import video_digest, video_num_bytes


@dataclass(frozen=True)
class NewVideo:
    """A video file or a folder of images that was checked, such as by `core.decode`."""

    path: Path
    digest: str
    """`core.video.content.video_digest` of it."""
    num_bytes: int
    place: Place

    @staticmethod
    def of(path: Path, folder: Path) -> NewVideo:
        """Return the file as it is now, for the project in `folder`; whether it can be decoded is not looked at."""
        path = path.absolute()
        return NewVideo(path, video_digest(path), video_num_bytes(path), Place.of(path, folder))


@dataclass(frozen=True)
class AddVideos:
    """Add videos. Of those the project already has, only the path is updated, if the file was missing."""

    videos: tuple[NewVideo, ...]
    action: str = ""
    split: Split = "none"

    @property
    def label(self) -> str:
        return f"Add {count_of(len(self.videos), 'video')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        digests = json.dumps([video.digest for video in self.videos])
        some = "SELECT digest, id FROM video WHERE digest IN (SELECT value FROM json_each(?))"
        known = dict(db.execute(some, (digests,)))
        first, rows = next_id(db, "video"), dict[Key, tuple[Value, ...] | None]()
        moved = set()
        for video in self.videos:
            if video.digest in known:
                if known[video.digest] < first and not _lies_there(db, video.digest):
                    keep_place(db, video.digest, video.place)
                    moved.add(known[video.digest])
                continue
            keep_place(db, video.digest, video.place)
            known[video.digest] = first + len(rows)
            row = (video.digest, video.num_bytes, video.path.name, self.action.strip(), self.split)
            rows["video", (known[video.digest],)] = row
        changes, inverse = Patch(rows).apply(db)
        return changes | Changes(videos=frozenset(moved)), inverse


@dataclass(frozen=True)
class RemoveVideos:
    """Remove videos from the project, with their labels, pins, ...; the files stay."""

    ids: tuple[int, ...]

    @property
    def label(self) -> str:
        return f"Remove {count_of(len(self.ids), 'video')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", self.ids)
        rows: dict[Key, tuple[Value, ...] | None] = {("video", (video_id,)): None for video_id in self.ids}
        for video_id in self.ids:
            starts = db.execute("SELECT start_frame FROM span WHERE video_id = ?", (video_id,))
            rows |= {("span", (video_id, start)): None for (start,) in starts}
            pins = db.execute(
                "SELECT first_id, second_id, first_frame FROM anchor WHERE :id IN (first_id, second_id)",
                {"id": video_id},
            )
            rows |= {("anchor", key): None for key in pins}
            drawn = db.execute("SELECT video_id, frame, number FROM measure WHERE video_id = ?", (video_id,))
            rows |= {("measure", key): None for key in drawn}
            rows |= {(table, (video_id,)): None for table in ("person", "right_video", "sensor_file")}
        return Patch(rows).apply(db)


@dataclass(frozen=True)
class RenameVideo:
    """Rename a video in the project; the file keeps its name."""

    id: int
    name: str

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a video's name must not be empty")

    @property
    def label(self) -> str:
        return "Rename video"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        return _set_column(db, (self.id,), "name", self.name.strip())


@dataclass(frozen=True)
class SetAction:
    """Set the action of some videos; empty: unknown."""

    ids: tuple[int, ...]
    action: str

    @property
    def label(self) -> str:
        return f"Set action of {count_of(len(self.ids), 'video')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        return _set_column(db, self.ids, "action", self.action.strip())


@dataclass(frozen=True)
class SetSplit:
    """Set the split of some videos: `train` for training, `val` for validation."""

    ids: tuple[int, ...]
    split: Split

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"a split must be one of {SPLITS}, not {self.split!r}")

    @property
    def label(self) -> str:
        return f"Set split of {count_of(len(self.ids), 'video')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        return _set_column(db, self.ids, "split", self.split)


@dataclass(frozen=True)
class SetNotes:
    """Replace the project's notes."""

    notes: str

    @property
    def label(self) -> str:
        return "Edit notes"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        return Patch({("project", (1,)): (self.notes,)}).apply(db)


_COLUMNS = ("digest", "num_bytes", "name", "action", "split")


def _set_column(db: sqlite3.Connection, ids: tuple[int, ...], column: str, value: Value) -> tuple[Changes, Patch]:
    check_ids(db, "video", ids)
    index = _COLUMNS.index(column)
    rows: dict[Key, tuple[Value, ...] | None] = {}
    for video_id in ids:
        row = row_at(db, ("video", (video_id,))) or ()
        rows["video", (video_id,)] = (*row[:index], value, *row[index + 1 :])
    return Patch(rows).apply(db)


def _lies_there(db: sqlite3.Connection, digest: str) -> bool:
    (absolute,) = db.execute("SELECT absolute FROM place WHERE digest = ?", (digest,)).fetchone() or ("",)
    return os.path.exists(absolute)
