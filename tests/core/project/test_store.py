"""A project's folder: made once, opened by one window, and what is said where it cannot be opened or written."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from core.base.errors import StorageError
from core.base.types import Span
from core.project import schema, store
from core.project.backup_files import backups_of
from core.project.backups import DATABASE, make_backup
from core.project.damage import DamagedProjectError
from core.project.rows import Broken, Found
from core.project.span_edits import PaintSpan
from core.project.store import Project
from core.project.video_edits import AddVideos, SetNotes
from tests.core.project.projects import authored, filled, new_video

FOUND = Found(30, 25.0, 1.2, 64, 48)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed project with something in it."""
    with filled(tmp_path / "a 'project' 🏃") as project:
        project.do(PaintSpan(1, Span("up", 0, 10)))
        project.do(SetNotes("kept"))
    return project.folder


def test_a_closed_project_is_a_plain_folder_that_can_be_moved(folder: Path, tmp_path: Path) -> None:
    assert not list(folder.glob("*-wal"))
    before = authored(folder)
    moved = tmp_path / "elsewhere" / "project"
    shutil.copytree(folder, moved)
    shutil.rmtree(folder)
    with Project.open(moved) as project:
        assert project.notes() == "kept"
        assert project.undo()
        assert project.redo()
    assert authored(moved) == before


def test_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"is not a project \(it has no project.sqlite\)"):
        Project.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_project_is_not_made_over_another(folder: Path) -> None:
    before = authored(folder)
    with pytest.raises(StorageError, match="already holds a project"):
        Project.create(folder)
    (folder / DATABASE).rename(folder / "lost")
    with pytest.raises(DamagedProjectError, match="it is missing"):
        Project.create(folder)
    (folder / "lost").rename(folder / DATABASE)
    assert authored(folder) == before


def test_one_window_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LOCK_PATIENCE_SECONDS", 0.05)
    with Project.open(folder), pytest.raises(StorageError, match="is open in another window"):
        Project.open(folder)
    Project.open(folder).close()


def test_a_newer_version_made_it(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match=r"newer version of CARL Studio \(its format is 99, this version reads up"):
        Project.open(folder)


def _foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE recipes (name)")


def _middle_overwritten(file: Path) -> None:
    with file.open("rb+") as opened:
        opened.seek(file.stat().st_size // 4)
        opened.write(b"\x5a" * (file.stat().st_size // 2))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda file: file.write_bytes(b""), "it is empty"),
        (lambda file: file.write_bytes(b"no database" * 100), "it is not an SQLite database"),
        (lambda file: os.truncate(file, 50), "it is not an SQLite database"),
        (lambda file: os.truncate(file, file.stat().st_size // 2 + 100), "it is truncated"),
        (lambda file: os.truncate(file, file.stat().st_size - 1), "it is truncated"),
        (_middle_overwritten, "cannot be used"),
        (_foreign, "it belongs to another program"),
        (Path.unlink, "it is missing"),
    ],
)
def test_a_database_that_cannot_be_used_names_its_newest_backup(folder: Path, damage: object, reason: str) -> None:
    newest = make_backup(folder, datetime.now(UTC))
    damage(folder / DATABASE)  # type: ignore[operator]
    with pytest.raises(DamagedProjectError, match=reason) as caught:
        Project.open(folder)
    assert caught.value.backup == newest
    assert str(caught.value).endswith(f"Restore its newest backup, {newest}.")
    shutil.rmtree(folder / "backups")
    if (folder / DATABASE).exists():
        with pytest.raises(DamagedProjectError, match="There is no backup of it"):
            Project.open(folder)


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_folder_that_cannot_be_written_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch, refusal: int) -> None:
    def refuse(self: FileLock, **_: object) -> None:
        raise OSError(refusal, "refused")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with Project.open(folder) as project:
        assert project.notes() == "kept"
        assert project.spans(1) == [Span("up", 0, 10)]
        for edit in (lambda: project.do(SetNotes("lost")), project.undo, project.redo):
            with pytest.raises(StorageError, match=r"read-only\. To edit it, copy its folder"):
                edit()
        with pytest.raises(StorageError, match="read-only"):
            project.move_videos({1: Path("x")})
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_a_dead_window_left_in_its_log_is_read_where_nothing_can_be_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.open(folder) as project:
        project.do(SetNotes("in the log"))
        shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("backups"))  # one is being made
    monkeypatch.setattr(FileLock, "acquire", lambda *_, **__: (_ for _ in ()).throw(PermissionError(errno.EACCES, "")))
    assert (tmp_path / "copy" / f"{DATABASE}-wal").stat().st_size
    with Project.open(tmp_path / "copy") as project:
        assert project.notes() == "in the log"


def test_a_full_disk_loses_nothing(folder: Path) -> None:
    before = authored(folder)
    with Project.open(folder) as project:
        db = project._db
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says of a full disk
        with pytest.raises(StorageError, match=r"The disk is full\. .* Free some space and try again"):
            project.do(SetNotes("x" * 1_000_000))
        with pytest.raises(StorageError, match="The disk is full"):
            project.do(AddVideos(tuple(new_video(number) for number in range(10, 2000))))
        assert authored(folder) == before
        db.execute("PRAGMA max_page_count = 1000000")
        project.do(SetNotes("again"))
    with Project.open(folder) as project:
        assert project.notes() == "again"


def test_an_older_project_is_backed_up_and_brought_up_to_date(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = schema.newest_version()
    newer = {
        **schema.migrations(),
        version + 1: "ALTER TABLE video ADD COLUMN stars INTEGER; INSERT INTO phase VALUES (9, 'a', '#123456', 9);",
    }
    monkeypatch.setattr(schema, "migrations", lambda: newer)
    shutil.rmtree(folder / "backups")
    with Project.open(folder) as project:
        assert [phase.name for phase in project.phases()] == ["up", "down", "a"]
        backup = backups_of(folder / "backups")[-1]
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version + 1,)
    monkeypatch.setattr(schema, "migrations", lambda: {**newer, version + 2: "CREATE TABLE one (x); nonsense;"})
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        Project.open(folder)
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version + 1,)
        assert not db.execute("SELECT * FROM sqlite_master WHERE name = 'one'").fetchall()


def test_what_decoding_says_is_kept_and_no_step(folder: Path) -> None:
    with Project.open(folder) as project:
        steps = project.steps()
        assert project.keep_facts({2: FOUND}).videos == {2}
        project.keep_facts({2: Broken("It broke.")})
        project.keep_facts({3: Broken("It never worked.")})
        assert project.steps() == steps
    with Project.open(folder) as project:
        two, three = project.video(2), project.video(3)
        assert (two.num_frames, two.fps, two.width, two.problem) == (30, 25.0, 64, "It broke.")
        assert (three.num_frames, three.problem) == (None, "It never worked.")
        assert project.videos()[1:] == [two, three]
        assert project.videos([3, 77, 2]) == [two, three]
        assert project.videos([]) == []
        assert (project.video(1).num_spans, project.video(1).num_frames_labelled) == (1, 10)


def test_ids_that_are_none_are_our_bug(folder: Path) -> None:
    with Project.open(folder) as project:
        with pytest.raises(KeyError, match="no video 77"):
            project.video(77)
        with pytest.raises(KeyError, match="no video 77"):
            project.do(PaintSpan(77, Span("up", 0, 1)))
        with pytest.raises(KeyError, match="no video 77"):
            project.move_videos({77: Path("x")})


def test_opening_a_project_needs_neither_qt_nor_torch_nor_a_decoder() -> None:
    code = "import sys, core.project.store; print({'torch', 'PySide6', 'av', 'cv2', 'numba'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
