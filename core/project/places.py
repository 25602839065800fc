"""Paths of a project's videos: relative to its folder, so that it can be moved, or absolute."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.project.database import text
from core.project.rows import VideoRow
from core.video.content import video_num_bytes


@dataclass(frozen=True, slots=True)
class Place:
    """The path from the project's folder, with `/` (empty where the file does not lie below it), and the whole path."""

    relative: str
    absolute: str

    @staticmethod
    def of(path: Path, folder: Path) -> Place:
        """Return the path of a file, for the project in `folder`."""
        absolute, home = path.absolute(), folder.absolute()
        for file, root in ((absolute, home), (absolute.resolve(), home.resolve())):
            if file.is_relative_to(root):
                return Place(file.relative_to(root).as_posix(), str(absolute))
        return Place("", str(absolute))


def candidates(video: VideoRow, folder: Path) -> list[Path]:
    """Return where the video may be, likeliest first."""
    found = [folder / PurePosixPath(video.relative)] if video.relative else []
    return found + ([Path(video.absolute)] if video.absolute else [])


def find_file(video: VideoRow, folder: Path) -> Path | None:
    """Return where the video is now: the first path with a file of its size; None if there is none.

    Cheap: nothing is read. OSErrors count as no file.
    """
    for path in candidates(video, folder):
        if _num_bytes(path) == video.num_bytes:
            return path
    return None


def usable_files(videos: Iterable[VideoRow], folder: Path) -> list[tuple[VideoRow, Path]]:
    """Return those that can be read, and where they lie; asks the disk.

    Args:
        folder: of the project.
    """
    found = [(video, find_file(video, folder)) for video in videos if not video.problem]
    return [(video, file) for video, file in found if file is not None]


def likely_file(video: VideoRow, folder: Path) -> Path:
    """Return where the video is now, or was last; its name if never known."""
    return find_file(video, folder) or next(iter(candidates(video, folder)), Path(video.name))


def keep_place(db: sqlite3.Connection, digest: str, place: Place) -> None:
    """Remember where the video of that content lies. Within a transaction."""
    db.execute(
        "INSERT OR REPLACE INTO place (digest, relative, absolute) VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT))",
        (digest, text(place.relative), text(place.absolute)),
    )


def _num_bytes(path: Path) -> int:
    """Return the size of the file, or of the images in the folder; -1 if neither exists."""
    try:
        return video_num_bytes(path)
    except (OSError, ValueError):  # a name that this system cannot have
        return -1
