"""What the tests of projects share: small projects, and all that is authored in one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from core.project.backups import DATABASE
from core.project.edits import TABLES
from core.project.phase_edits import AddPhase
from core.project.places import Place
from core.project.rows import VideoRow
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from core.video.times import keep_times

Authored = dict[str, list[tuple[object, ...]]]


def new_video(number: int, folder: Path = Path("/nowhere")) -> NewVideo:
    """A video that no disk holds."""
    path = folder / f"clip{number}.mp4"
    return NewVideo(path, f"{number:032x}", 1000 + number, Place("", str(path)))


def filled(folder: Path, videos: int = 3, phases: tuple[str, ...] = ("up", "down")) -> Project:
    """A new, open project with videos 1 to N and some phases."""
    project = Project.create(folder)
    project.do(AddVideos(tuple(new_video(number) for number in range(1, videos + 1))))
    for name in phases:
        project.do(AddPhase(name))
    return project


def with_times(rows: Sequence[VideoRow]) -> list[VideoRow]:
    """The same videos, whose frames are known to come evenly: as if they had been read before they went."""
    for row in rows:
        if row.num_frames and row.fps:
            keep_times(row.digest, np.arange(row.num_frames + 1) / row.fps)
    return list(rows)


def authored(folder: Path) -> Authored:
    """Every row of the authored tables, read past the project."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.text_factory = bytes
        return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall()) for name in TABLES}
