"""SQLite for projects: connections, transactions, and errors as sentences."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.base.errors import StorageError
from core.project.damage import damage_error

_PATIENCE_SECONDS = 10.0
_FULL, _REFUSED = {sqlite3.SQLITE_FULL}, {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def connect(file: Path) -> sqlite3.Connection:
    """Open a database that exists; transactions are begun by `transaction` alone.

    A file's name need not be valid Unicode: text comes and goes with lone surrogates (see `text`).
    """
    uri = file.absolute().as_uri() + "?mode=rw"
    db = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None)
    db.text_factory = lambda data: data.decode("utf-8", "surrogatepass")
    return db


def text(value: str) -> bytes:
    """Encode for a parameter `CAST(? AS TEXT)`: SQLite accepts any bytes as text, Python's module only valid
    Unicode."""
    return value.encode("utf-8", "surrogatepass")


def keep_safe(db: sqlite3.Connection) -> None:
    """Set that a commit is on the disk when it returns, and that a reader never waits for the writer."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: past the drive's own cache too
    db.execute("PRAGMA foreign_keys = ON")


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction; foreign keys are checked at its end."""
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("PRAGMA defer_foreign_keys = ON")
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def explained_by_sqlite(file: Path) -> Iterator[None]:
    """Turn what SQLite says of the disk, of rights and of damage into one sentence; other errors pass.

    Raises:
        DamagedProjectError: the database is damaged or none.
        StorageError: the disk is full or cannot be used, rights are missing, another program holds the file.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise damage_error(file, "it has invalid text") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED:
            raise damage_error(file, str(error)) from error
        sentence = _sentence(code, file, error)
        if not sentence:
            raise
        raise StorageError(sentence) from error


def _sentence(code: int, file: Path, error: sqlite3.Error) -> str:
    if code in _FULL:
        return f"The disk is full. {file} keeps everything saved so far. Free some space and try again."
    if code in _REFUSED:
        return f"No permission to use {file} ({error}). Change its permissions or copy the project elsewhere."
    if code in _BUSY:
        return f"Another program is using {file}. Close it and try again."
    if code == sqlite3.SQLITE_IOERR:
        return f"The disk refuses to read or write {file} ({error}). Check the disk, then try again."
    return ""
