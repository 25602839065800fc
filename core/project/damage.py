"""Detect damaged or foreign databases before anything is read from them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.base.errors import StorageError
from core.project.backup_files import backups_of

APPLICATION_ID = 0x4341524C
"""`CARL` in the database's header."""

_HEADER = b"SQLite format 3\0"


class DamagedProjectError(StorageError):
    """The database is damaged or missing; `backup` is the newest that can take its place, if there is one."""

    def __init__(self, sentence: str, backup: Path | None) -> None:
        super().__init__(sentence)
        self.backup = backup


def damage_error(file: Path, reason: str) -> DamagedProjectError:
    """Return the error for a project's database that cannot be used."""
    backup = next(iter(backups_of(file.parent / "backups")), None)
    remedy = f"Restore its newest backup, {backup}." if backup else "There is no backup of it."
    return DamagedProjectError(f"The project's database {file} cannot be used ({reason}). {remedy}", backup)


def check_file(file: Path) -> None:
    """Refuse what is no whole SQLite database, by the file alone.

    Raises:
        DamagedProjectError: it is empty, cut off or no database.
    """
    with file.open("rb") as opened:
        header = opened.read(100)
    size = file.stat().st_size
    if not size:
        raise damage_error(file, "it is empty")
    if header[:16] != _HEADER or len(header) < 100:
        raise damage_error(file, "it is not an SQLite database")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    num_pages = int.from_bytes(header[28:32], "big")
    has_log = file.with_name(file.name + "-wal").exists()  # pages may then lie there
    counts_are_valid = header[24:28] == header[92:96]
    if not has_log and counts_are_valid and size < page_bytes * num_pages:
        raise damage_error(file, f"it is truncated: only {size} of {page_bytes * num_pages} bytes exist")


def check_content(db: sqlite3.Connection, file: Path, newest_version: int) -> int:
    """Refuse another program's database, a newer version's, and one with broken pages.

    Returns:
        The version of its tables.

    Raises:
        DamagedProjectError: it is not ours, or damaged.
        StorageError: a newer version made it.
    """
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise damage_error(file, "it belongs to another program")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > newest_version:
        raise StorageError(
            f"The project {file.parent} was made by a newer version of CARL Studio (its format is {version}, this "
            f"version reads up to {newest_version}). Update CARL Studio to open it."
        )
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise damage_error(file, found.splitlines()[-1])
    return int(version)
