"""A project as one folder on disk: created, opened by one window at a time, read, edited.

project.sqlite    what is authored, its history, and what was found out (schema_*.sql)
backups/          copies of it
runs/             the project's training runs
embeddings/       what `core.embed` writes for it
maps/             what `core.map` writes for it
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from core.base.errors import StorageError
from core.base.files import explain_errors, replacing
from core.base.leftovers import temporary_folder
from core.base.types import Span
from core.project import queries, searches
from core.project.backups import BACKUPS, DATABASE, LOCK, BackupPolicy, Backups, make_backup, utc_now
from core.project.changes import Changes
from core.project.damage import check_content, check_file, damage_error
from core.project.database import connect, explained_by_sqlite, keep_safe, transaction
from core.project.edits import Edit
from core.project.history import History
from core.project.integrity import check_tables
from core.project.measures import Measure
from core.project.places import Place, keep_place
from core.project.rows import Fact, PhaseRow, StepRow, VideoRow
from core.project.schema import migrate, newest_version
from core.project.searches import SearchRow
from core.project.sensor_edits import SensorFile, sensor_file

_LOCK_PATIENCE_SECONDS = 1.0
_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}


class Project:
    """One open project. Used by the thread that opened it; a context manager that closes.

    Whatever returns `Changes` is on the disk when it returns: a kill, or a loss of power, takes nothing back.
    Every method may raise StorageError where the disk refuses, and DamagedProjectError where the database is broken.
    """

    def __init__(self, folder: Path, policy: BackupPolicy) -> None:
        """Nothing is opened; use `create` or `open`."""
        self.folder = folder.absolute()
        self.runs = self.folder / "runs"
        self.embeddings = self.folder / "embeddings"
        self.read_only = ""
        """Why nothing can be edited, as a sentence; empty where it can."""
        self.backups = Backups(self.folder, policy)
        self._file = self.folder / DATABASE
        self._lock = FileLock(self.folder / LOCK, thread_local=False)
        self._closing = contextlib.ExitStack()

    @staticmethod
    def is_project(folder: Path) -> bool:
        """Return whether the folder holds a project, intact or not."""
        return os.path.isfile(folder / DATABASE)  # no, where the folder cannot be looked into

    @classmethod
    def create(cls, folder: Path, policy: BackupPolicy | None = None) -> Self:
        """Begin a project in a new folder, or in one that holds none; what lies there stays.

        Raises:
            StorageError: the folder holds a project, or backups of one, or cannot be written.
        """
        if cls.is_project(folder):
            raise StorageError(f"{folder} already holds a project. Open it, or choose another folder.")
        if any((folder / BACKUPS).glob("project-*.sqlite")):
            raise damage_error(folder / DATABASE, "it is missing")
        with explained_by_sqlite(folder / DATABASE), replacing(folder / DATABASE) as partial:
            partial.touch()
            with contextlib.closing(connect(partial)) as db:
                migrate(db)
        return cls.open(folder, policy)

    @classmethod
    def open(cls, folder: Path, policy: BackupPolicy | None = None) -> Self:
        """Open a project; where its folder cannot be written, for reading alone (see `read_only`).

        Raises:
            DamagedProjectError: the database is missing, cut off, damaged or another program's; it names the backup.
            StorageError: there is no project, a newer version made it, or another window has it.
        """
        project = cls(folder, policy or BackupPolicy())
        try:
            project._open()
        except BaseException:
            project.close()
            raise
        return project

    def close(self) -> None:
        """Wait for a backup that is being made, and free the project. May be called again."""
        self.backups.wait()
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def videos(self, ids: Iterable[int] | None = None) -> list[VideoRow]:
        """Return every video, or those of these ids that there are, in the order in which they were added."""
        with self._explained():
            return queries.videos(self._db, ids)

    def video(self, video_id: int) -> VideoRow:
        """Return one video. KeyError where there is none of that id."""
        with self._explained():
            return queries.video(self._db, video_id)

    def phases(self) -> list[PhaseRow]:
        """Return every phase, in their order."""
        with self._explained():
            return queries.phases(self._db)

    def spans(self, video_id: int) -> list[Span]:
        """Return a video's spans, in order of time."""
        with self._explained():
            return queries.spans(self._db, video_id)

    def spans_by_video(self) -> dict[int, list[Span]]:
        """Return the spans of every video that has some, by its id, in order of time."""
        with self._explained():
            return queries.spans_by_video(self._db)

    def spans_reader(self) -> Callable[[], dict[int, list[Span]]]:
        """Return `spans_by_video` for another thread, which calls it while the project is open: many spans take a
        second."""

        def read() -> dict[int, list[Span]]:
            with self._explained(), contextlib.closing(connect(self._opened)) as db:
                return queries.spans_by_video(db)

        return read

    def anchors(self, a_id: int, b_id: int) -> list[tuple[int, int]]:
        """Return the pinned frames of A and B, in time order."""
        with self._explained():
            return queries.anchors(self._db, a_id, b_id)

    def measures(self, video_id: int) -> list[Measure]:
        """Return the lines and angles that were drawn on a video's frames, in order of frames."""
        with self._explained():
            return queries.measures(self._db, video_id)

    def sensor_file(self, video_id: int) -> SensorFile | None:
        """Return the file of curves beside a video; None: there is none."""
        with self._explained():
            return sensor_file(self._db, video_id)

    def searches(self) -> list[SearchRow]:
        """Return the search history, newest first."""
        with self._explained():
            return searches.searches(self._db)

    def notes(self) -> str:
        """Return the project's notes."""
        with self._explained():
            return queries.notes(self._db)

    def next_undo(self) -> StepRow | None:
        """Return what `undo` would undo; None: nothing."""
        with self._explained():
            return self._history.next_undo()

    def next_redo(self) -> StepRow | None:
        """Return what `redo` would redo; None: nothing."""
        with self._explained():
            return self._history.next_redo()

    def steps(self) -> list[StepRow]:
        """Return the history, the oldest step first."""
        with self._explained():
            return self._history.steps()

    def faults(self) -> list[str]:
        """Return the faults SQLite finds in the database, in its words; empty if none. Reads all of it."""
        with self._explained():
            found = [str(line) for (line,) in self._db.execute("PRAGMA integrity_check") if line != "ok"]
            dangling = self._db.execute("PRAGMA foreign_key_check").fetchall()
        return found + [f"a row of {table} names a {parent} that does not exist" for table, _, parent, _ in dangling]

    def do(self, edit: Edit, joins: StepRow | None = None) -> Changes:
        """Do an edit as one step, or as more of the last step (`joins`, see `History.do`).

        CarlError: the edit refuses, or the project is `read_only`; nothing has changed.
        """
        with self._editing():
            return self._history.do(edit, joins)

    def undo(self) -> Changes:
        """Undo the last step; no changes if there is none."""
        with self._editing():
            return self._history.undo()

    def redo(self) -> Changes:
        """Do the last undone step again; no changes where there is none."""
        with self._editing():
            return self._history.redo()

    def move_videos(self, places: Mapping[int, Path]) -> Changes:
        """Remember where videos lie now, by id. Where a file lies is nobody's decision: no step of the history."""
        with self._editing(), transaction(self._db):
            for video_id, path in places.items():
                keep_place(self._db, queries.video(self._db, video_id).digest, Place.of(path, self.folder))
        return Changes(videos=frozenset(places))

    def keep_facts(self, facts: Mapping[int, Fact]) -> Changes:
        """Remember what decoding said of videos, by id. What a file holds is nobody's decision: no step of history."""
        with self._editing(), transaction(self._db):
            for video_id, fact in facts.items():
                queries.keep_fact(self._db, queries.video(self._db, video_id), fact)
        return Changes(videos=frozenset(facts))

    def keep_search(self, row: SearchRow, *, is_new: bool = True) -> None:
        """Remember a search as the newest, or that other hits of it were asked for. No step of the history."""
        with self._editing(), transaction(self._db):
            (searches.keep_search if is_new else searches.change_search)(self._db, row)

    def clear_searches(self) -> None:
        """Remember none any more."""
        with self._editing(), transaction(self._db):
            searches.clear_searches(self._db)

    def _open(self) -> None:
        if not self.is_project(self.folder):
            if any((self.folder / BACKUPS).glob("project-*.sqlite")):
                raise damage_error(self._file, "it is missing")
            raise StorageError(f"{self.folder} is not a project (it has no {DATABASE}). Choose another folder.")
        self._take_lock()
        with self._explained(), explain_errors(self._file):
            check_file(self._file)
            self._opened = self._copy() if self.read_only else self._file
            self._db = self._connect(self._opened)
            self._history = History(self._db)
        if not self.read_only:
            self.backups.on_opened()

    def _connect(self, file: Path) -> sqlite3.Connection:
        db = self._closing.enter_context(contextlib.closing(connect(file)))
        version = check_content(db, self._file, newest_version())
        check_tables(db, self._file, version)
        if version < newest_version() and not self.read_only:
            make_backup(self.folder, utc_now())
        migrate(db)
        keep_safe(db)
        return db

    def _take_lock(self) -> None:
        try:
            with self._file.open("rb+"):
                self._lock.acquire(timeout=_LOCK_PATIENCE_SECONDS)
            self._closing.callback(self._lock.release)
        except Timeout as error:
            raise StorageError(
                f"The project {self.folder} is open in another window. Continue there, or close it first."
            ) from error
        except OSError as error:
            if error.errno not in _NOT_WRITABLE:
                raise
            self.read_only = (
                f"{self.folder} cannot be written, so the project is read-only. To edit it, copy its folder to a "
                "writable location and open the copy."
            )

    def _copy(self) -> Path:
        """Return the database and its log in a folder where SQLite may write what it needs for reading them."""
        own = self._closing.enter_context(temporary_folder("carl-project"))
        for end in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{self._file}{end}", own / f"{DATABASE}{end}")
        return own / DATABASE

    @contextlib.contextmanager
    def _editing(self) -> Iterator[None]:
        if self.read_only:
            raise StorageError(self.read_only)
        with self._explained():
            yield
        self.backups.on_edited()

    def _explained(self) -> contextlib.AbstractContextManager[None]:
        return explained_by_sqlite(self._file)
