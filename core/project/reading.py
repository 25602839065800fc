"""What a project holds, read while a window may have it open: nothing is locked and nothing is changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.types import Span
from core.project import queries
from core.project.backups import DATABASE
from core.project.damage import check_content, check_file
from core.project.database import connect, explained_by_sqlite
from core.project.integrity import check_tables
from core.project.rows import VideoRow
from core.project.schema import newest_version
from core.project.store import Project


@dataclass(frozen=True)
class Contents:
    """A project's videos and labels at one moment."""

    folder: Path
    videos: Sequence[VideoRow]
    """In the order in which they were added."""
    spans: Mapping[int, Sequence[Span]]
    """Of each video that has some, by its id, in order of time."""


def read_contents(folder: Path) -> Contents:
    """Read a project.

    One that an older version made is brought to this version's format first, as by opening it.

    Raises:
        DamagedProjectError: its database is broken.
        StorageError: there is no project, or a newer version made it.
    """
    file = folder / DATABASE
    if Project.is_project(folder) and os.access(folder, os.W_OK):
        with explained_by_sqlite(file), contextlib.closing(connect(file)) as db:
            check_file(file)
            if check_content(db, file, newest_version()) == newest_version():
                check_tables(db, file, newest_version())
                return _read(folder, db)
    with Project.open(folder) as project:
        return Contents(folder, project.videos(), project.spans_by_video())


def _read(folder: Path, db: sqlite3.Connection) -> Contents:
    db.execute("BEGIN")  # both as they are at one moment
    return Contents(folder, queries.videos(db), queries.spans_by_video(db))
