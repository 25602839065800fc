"""Databases that another hand changed: refused with what is wrong, and left as they are."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from core.base.errors import StorageError
from core.base.types import Span
from core.project.backups import DATABASE
from core.project.damage import DamagedProjectError
from core.project.reading import read_contents
from core.project.span_edits import PaintSpan
from core.project.store import Project
from tests.core.project.projects import filled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed project with something in it."""
    with filled(tmp_path / "project") as project:
        project.do(PaintSpan(1, Span("up", 0, 10)))
    return project.folder


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE video SET num_bytes = 'many' WHERE id = 1", "video.num_bytes has an impossible value"),
        ("UPDATE video SET digest = x'00ff' WHERE id = 1", "video.digest has an impossible value"),
        (f"UPDATE phase SET position = {2**62} WHERE id = 1", "phase.position has an impossible value"),
        ("UPDATE phase SET colour = 'blue' WHERE id = 1", "phase.colour has an impossible value"),
        ("UPDATE place SET absolute = 'a' || char(0)", "place.absolute has an impossible value"),
        ("INSERT INTO fact VALUES ('d', '', 3, 1e999, 1.0, 2, 2)", "fact.fps has an impossible value"),
        ("INSERT INTO measure VALUES (1, 0, 0, '[[0,0]]', 0.0, '')", "measure.points has an impossible value"),
        (
            "INSERT INTO measure VALUES (1, 0, 0, '[[0,0],[1,{}]]', 0.0, '')",
            "measure.points has an impossible value",
        ),
        ("INSERT INTO measure VALUES (1, 0, 0, '[[0,0],\"x\"]', 0.0, '')", "measure.points has an impossible value"),
        ("INSERT INTO measure VALUES (1, 0, 0, 'x', 0.0, '')", "measure.points has an impossible value"),
        ("INSERT INTO span VALUES (1, 3, 2, 1, 1.0, 'label', '')", "CHECK constraint failed in span"),
        ("DELETE FROM project", "the row of the project is missing"),
        ("DROP TABLE fact", "the table fact is missing"),
        ("ALTER TABLE phase RENAME COLUMN colour TO hue", "the table phase is changed"),
        ("CREATE TRIGGER one AFTER UPDATE ON span BEGIN DELETE FROM span; END", "the trigger one is foreign"),
        ("PRAGMA user_version = 1", "the index anchor_of_second is foreign"),
        ("PRAGMA user_version = -1", "there is no version -1 of its tables"),
    ],
)
def test_tables_and_cells_that_another_hand_changed_are_refused_and_stay(
    folder: Path, statement: str, says: str
) -> None:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(statement)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (folder / DATABASE).read_bytes()
    for read in (Project.open, read_contents):
        with pytest.raises(DamagedProjectError, match=says):
            read(folder)
    assert (folder / DATABASE).read_bytes() == before


def test_a_table_of_another_program_beside_ours_is_no_damage(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        db.execute("CREATE TABLE notes_of_mine (x)")
        db.execute("ANALYZE")
    with Project.open(folder) as project:
        assert len(project.phases()) == 2


@pytest.mark.parametrize(
    "patch",
    [
        b"", b"no zlib", zlib.compress(b"{"), zlib.compress(b"[" * 100_000), zlib.compress(b"[1]"),
        zlib.compress(b'[["films", [1], null]]'), zlib.compress(b'[["phase", ["1"], null]]'),
        zlib.compress(b'[["phase", [1, 2], null]]'), zlib.compress(b'[["phase", [1], ["a"]]]'),
        zlib.compress(b'[["phase", [1], ["a", "#123456", 1e30]]]'),
        zlib.compress(b'[["phase", [9], ["up", "#123456", 1]]]'),
        zlib.compress(b'[["span", [1, 2], [3, 99, 1.0, "label"]]]'),
    ],
)  # fmt: skip
def test_a_step_whose_record_is_damaged_changes_nothing(folder: Path, patch: bytes) -> None:
    with Project.open(folder) as project:
        project._db.execute("UPDATE step SET patch = ? WHERE id = (SELECT max(id) FROM step)", (patch,))
        shown = project.phases(), project.videos(), project.steps()
        with pytest.raises(StorageError, match=r"^The step cannot be undone or redone, .*restore a backup\.$"):
            project.undo()
        assert (project.phases(), project.videos(), project.steps()) == shown
