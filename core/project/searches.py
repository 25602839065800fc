"""Search history of a project: each frame or span once, newest first, up to a few hundred."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

MOST_SEARCHES = 200
"""Older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """The frames of a past query."""

    digest: str
    """Of the video; the project may not have it any more."""
    start_frame: int
    end_frame_exclusive: int
    filters: str
    """Which hits were asked for: JSON that whoever searched wrote."""


def searches(db: sqlite3.Connection) -> list[SearchRow]:
    """Return all stored searches, newest first."""
    rows = db.execute("SELECT digest, start_frame, end_frame_exclusive, filters FROM search ORDER BY asked DESC")
    return [SearchRow(*row) for row in rows]


def keep_search(db: sqlite3.Connection, row: SearchRow) -> None:
    """Keep a search as the newest one; what was asked for earlier with the same frames gives way. Within a
    transaction."""
    db.execute(
        "INSERT OR REPLACE INTO search SELECT ?, ?, ?, ?, coalesce(max(asked), 0) + 1 FROM search",
        (row.digest, row.start_frame, row.end_frame_exclusive, row.filters),
    )
    db.execute("DELETE FROM search WHERE asked <= (SELECT max(asked) FROM search) - ?", (MOST_SEARCHES,))


def change_search(db: sqlite3.Connection, row: SearchRow) -> None:
    """Change what was asked for of a search; its place in the order stays. Within a transaction."""
    db.execute(
        "UPDATE search SET filters = ? WHERE (digest, start_frame, end_frame_exclusive) = (?, ?, ?)",
        (row.filters, row.digest, row.start_frame, row.end_frame_exclusive),
    )


def clear_searches(db: sqlite3.Connection) -> None:
    """Keep none. Within a transaction."""
    db.execute("DELETE FROM search")
