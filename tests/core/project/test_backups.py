"""Rolling backups: made beside the work, few are kept, and any can take the project's place."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.base.errors import StorageError
from core.project import backups
from core.project.backup_files import backup_name, backups_of, made_at, superfluous
from core.project.backups import DATABASE, BackupPolicy, make_backup, restore
from core.project.damage import DamagedProjectError
from core.project.store import Project
from core.project.video_edits import SetNotes
from tests.core.project.projects import authored, filled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def notes_in(backup: Path) -> str:
    with closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        return str(db.execute("SELECT notes FROM project").fetchone()[0])


def test_the_newest_and_one_a_day_are_kept() -> None:
    hourly = [Path(backup_name(NOON - timedelta(hours=hours))) for hours in range(24 * 10)]
    gone = set(superfluous(hourly, keep_newest=5, keep_days=4))
    kept = sorted((made_at(path) for path in hourly if path not in gone), reverse=True)
    lasts = [datetime(2026, 2, day, 23, tzinfo=UTC) for day in (28, 27, 26)]
    assert kept == [NOON - timedelta(hours=hours) for hours in range(5)] + lasts
    assert superfluous(hourly[:3], keep_newest=5, keep_days=0) == []


def test_a_backup_is_made_at_opening_and_every_so_many_edits(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with Project.create(folder, BackupPolicy(every_edits=3, keep_newest=2, keep_days=0)) as project:
        project.backups.wait()
        assert len(backups_of(folder / "backups")) == 1
        for number in range(1, 8):
            project.do(SetNotes(str(number)))
            project.backups.wait()
        assert [notes_in(backup) for backup in backups_of(folder / "backups")] == ["6", "3"]
    newest = backups_of(folder / "backups")[0]
    Project.open(folder).close()
    opened = backups_of(folder / "backups")[0]
    assert opened > newest
    assert notes_in(opened) == "7"
    Project.open(folder).close()
    assert backups_of(folder / "backups")[0] == opened, "nothing has changed since"


def test_going_back_to_a_backup(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        then = authored(project.folder)
        backup = make_backup(project.folder, NOON)
        project.do(SetNotes("later"))
        with pytest.raises(StorageError, match="is open in another window"):
            restore(project.folder, backup)
    later = (project.folder / DATABASE).read_bytes()
    aside = restore(project.folder, backup, NOON)
    assert (aside / DATABASE).read_bytes() == later
    assert authored(project.folder) == then
    with Project.open(project.folder) as project:
        assert project.notes() == ""
        assert project.next_undo()


def test_the_log_of_what_was_replaced_never_meets_the_backup(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        backup = make_backup(project.folder, NOON)
        project.do(SetNotes("in the log"))
        copy = shutil.copytree(project.folder, tmp_path / "killed")  # as a kill leaves it
    assert (copy / f"{DATABASE}-wal").stat().st_size
    aside = restore(copy, copy / "backups" / backup.name)
    assert (aside / f"{DATABASE}-wal").stat().st_size
    with Project.open(copy) as project:
        assert project.notes() == ""


def test_a_damaged_project_opens_from_the_backup_that_the_error_names(tmp_path: Path) -> None:
    filled(tmp_path / "p").close()
    make_backup(tmp_path / "p", datetime.now(UTC))
    (tmp_path / "p" / DATABASE).write_bytes(b"\0" * 999)
    (tmp_path / "p" / f"{DATABASE}-wal").write_bytes(b"of another database")
    with pytest.raises(DamagedProjectError) as caught:
        Project.open(tmp_path / "p")
    assert caught.value.backup
    restore(tmp_path / "p", caught.value.backup)
    with Project.open(tmp_path / "p") as project:
        assert len(project.videos()) == 3


def test_a_damaged_database_makes_no_backup_and_the_project_says_so(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        good = make_backup(project.folder, NOON + timedelta(days=3650))
    content = bytearray((tmp_path / "p" / DATABASE).read_bytes())
    content[5000:-5000] = b"\x5a" * (len(content) - 10000)
    (tmp_path / "p" / DATABASE).write_bytes(content)
    with pytest.raises(DamagedProjectError, match="Restore its newest backup"):
        make_backup(tmp_path / "p", datetime.now(UTC))
    assert backups_of(tmp_path / "p" / "backups")[0] == good


def test_a_backup_that_fails_stops_no_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(project: Path, now: datetime) -> Path:
        raise StorageError("The disk is full.")

    with Project.create(tmp_path / "p", BackupPolicy(every_edits=1)) as project:
        project.backups.wait()
        assert project.backups.problem == ""
        monkeypatch.setattr(backups, "make_backup", refuse)
        project.do(SetNotes("kept"))
        project.backups.wait()
        assert project.backups.problem == "The disk is full."
        assert project.notes() == "kept"


def test_what_a_killed_backup_left_goes(tmp_path: Path) -> None:
    filled(tmp_path / "p").close()
    left = tmp_path / "p" / "backups" / ".project-20260301T120000.000000Z-1-ab.part.sqlite"
    left.write_bytes(b"half")
    Project.open(tmp_path / "p").close()
    assert not left.exists()


def test_there_is_no_such_backup(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no backup"):
        restore(tmp_path, tmp_path / "none.sqlite")
