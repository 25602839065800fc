"""Rolling backups of a project's database, made in the background, and restoring one."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core.base.errors import CarlError, StorageError
from core.base.files import explain_errors, replacing
from core.project.backup_files import backup_name, backups_of, superfluous
from core.project.database import connect, explained_by_sqlite

DATABASE, LOCK, BACKUPS = "project.sqlite", ".lock", "backups"
_COMPANIONS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class BackupPolicy:
    """How often a project is backed up, besides once at opening, and which backups are kept."""

    every_edits: int = 100
    every_seconds: float = 600.0
    """Looked at when something is edited: what did not change needs no backup."""
    keep_newest: int = 10
    keep_days: int = 30
    """Of so many days (those that have any) the last one is kept too."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Backups:
    """The backups of one open project, made in their own thread."""

    def __init__(self, project: Path, policy: BackupPolicy, now: Callable[[], datetime] = utc_now) -> None:
        self._project, self._policy, self._now = project, policy, now
        self._thread: threading.Thread | None = None
        self._started, self._edits = time.monotonic(), 0
        self.problem = ""
        """Why the last backup could not be made; empty where all is well."""

    def on_opened(self) -> None:
        """Make one, unless the newest has all that there is. Only while the project is locked."""
        for leftover in (self._project / BACKUPS).glob(".project-*.part.sqlite*"):  # of a process that died
            with contextlib.suppress(OSError):
                leftover.unlink()
        states = [file.stat() for end in ("", "-wal") if (file := self._project / f"{DATABASE}{end}").exists()]
        changed_ns = max(state.st_mtime_ns for state in states if state.st_size)  # opening makes an empty log
        newest = backups_of(self._project / BACKUPS)[:1]
        if not newest or newest[0].stat().st_mtime_ns <= changed_ns:
            self.start()

    def on_edited(self) -> None:
        """Count an edit, and make a backup where it is time for one."""
        self._edits += 1
        policy, age_seconds = self._policy, time.monotonic() - self._started
        if self._edits >= policy.every_edits or age_seconds >= policy.every_seconds:
            self.start()

    def start(self) -> None:
        """Make one now, in a thread; nothing where one is being made."""
        if self._thread is None or not self._thread.is_alive():
            self._started, self._edits = time.monotonic(), 0
            self._thread = threading.Thread(target=self._make, name="backup")
            self._thread.start()

    def wait(self) -> None:
        """Wait until the one that is being made is done."""
        if self._thread is not None:
            self._thread.join()

    def _make(self) -> None:
        try:
            make_backup(self._project, self._now())
            for path in superfluous(
                backups_of(self._project / BACKUPS), self._policy.keep_newest, self._policy.keep_days
            ):
                with contextlib.suppress(OSError):  # tried again next time
                    path.unlink()
            self.problem = ""
        except CarlError as error:
            self.problem = str(error)


def make_backup(project: Path, now: datetime) -> Path:
    """Copy the database of a project, open or not, as it stands after its last edit; the copy is checked.

    Raises:
        DamagedProjectError: the database is damaged; the older backups stay.
        StorageError: the disk is full or cannot be written.
    """
    database, backup = project / DATABASE, project / BACKUPS / backup_name(now)
    before_ns = time.time_ns()
    with explained_by_sqlite(database), replacing(backup) as partial:
        partial.touch()
        with contextlib.closing(connect(database)) as source, contextlib.closing(connect(partial)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, that opens from a read-only disk too
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3_corrupt(found)
    os.utime(backup, ns=(before_ns, before_ns))
    return backup


def sqlite3_corrupt(found: str) -> sqlite3.DatabaseError:
    """Return the error SQLite itself would raise for the damage."""
    error = sqlite3.DatabaseError(found.splitlines()[-1])
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def restore(project: Path, backup: Path, now: datetime | None = None) -> Path:
    """Restore a backup; the project's current database is kept aside, not removed.

    Returns:
        The folder below `backups` that now holds what was there; empty where nothing was.

    Raises:
        StorageError: the project is open somewhere, the backup is gone, or the disk refuses.
    """
    aside = project / BACKUPS / f"replaced-{backup_name(now or utc_now()).removeprefix('project-').split('.')[0]}"
    lock = FileLock(project / LOCK)
    if not backup.is_file():
        raise StorageError(f"There is no backup {backup}. Choose another one.")
    try:
        with explain_errors(project):
            lock.acquire(timeout=0)
    except Timeout as error:
        raise StorageError(f"The project {project} is open in another window. Close it there first.") from error
    try:
        with explain_errors(project), replacing(project / DATABASE) as partial:
            shutil.copyfile(backup, partial)
            aside.mkdir(parents=True, exist_ok=True)
            for end in reversed(_COMPANIONS):  # the log first: it must not meet another database
                with contextlib.suppress(FileNotFoundError):
                    os.replace(project / f"{DATABASE}{end}", aside / f"{DATABASE}{end}")
    finally:
        lock.release()
    return aside
