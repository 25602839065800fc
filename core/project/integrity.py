"""Check that tables and cells are as this program writes them: SQLite itself keeps any value in any column."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from functools import lru_cache
from pathlib import Path

from core.project import schema
from core.project.damage import damage_error

_TYPES = {
    "TEXT": "typeof({0}) = 'text'",
    "BLOB": "typeof({0}) = 'blob'",
    "REAL": "typeof({0}) = 'real' AND abs({0}) < 1e15",
    "INTEGER": f"typeof({{0}}) = 'integer' AND {{0}} BETWEEN 0 AND {2**53}",
}
_FRAMES = f"{{0}} < {2**31}"
_NO_ZERO_BYTE = "instr(CAST({0} AS BLOB), x'00') = 0"
_IS_POINT = (
    "CASE WHEN point.type = 'array' THEN json_array_length(point.value) = 2 AND NOT EXISTS "
    "(SELECT 1 FROM json_each(point.value) AS one WHERE one.type NOT IN ('real', 'integer')) ELSE 0 END"
)
_RULES = {
    "video.id": _FRAMES,
    "video.digest": "{0} <> ''",
    "video.split": "{0} IN ('train', 'val', 'none')",
    "phase.id": _FRAMES,
    "phase.name": "{0} <> ''",
    "phase.colour": f"{{0}} GLOB '#{'[0-9a-fA-F]' * 6}'",
    "phase.position": _FRAMES,
    "span.end_frame_exclusive": f"{{0}} > start_frame AND {_FRAMES}",
    "span.confidence": "{0} BETWEEN 0 AND 1",
    "step.undone": "{0} IN (0, 1)",
    "place.relative": _NO_ZERO_BYTE,
    "place.absolute": _NO_ZERO_BYTE,
    "fact.num_frames": f"{{0}} > 0 AND {_FRAMES}",
    "fact.fps": "{0} > 0",
    "fact.duration_seconds": "{0} >= 0",
    "fact.width": f"{{0}} > 0 AND {_FRAMES}",
    "fact.height": f"{{0}} > 0 AND {_FRAMES}",
    "anchor.first_frame": _FRAMES,
    "anchor.second_frame": _FRAMES,
    "anchor.first_id": "{0} <= second_id",
    "search.end_frame_exclusive": f"{{0}} > start_frame AND {_FRAMES}",
    "person.frame": _FRAMES,
    "person.x": "{0} BETWEEN 0 AND 1",
    "person.y": "{0} BETWEEN 0 AND 1",
    "measure.frame": _FRAMES,
    "measure.points": f"CASE WHEN json_valid({{0}}) THEN json_array_length({{0}}) IN (2, 3) AND NOT EXISTS "
    f"(SELECT 1 FROM json_each({{0}}) AS point WHERE NOT {_IS_POINT}) ELSE 0 END",
}
"""What holds beyond the type, by table and column."""
_OBJECTS = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE tbl_name IN (SELECT value FROM json_each(?))"


_Columns = tuple[tuple[str, str, bool], ...]
"""Names, types, and whether they may be empty."""


@lru_cache
def _expected(statements: tuple[str, ...]) -> tuple[dict[str, str], dict[str, _Columns]]:
    """Return the SQL of the tables and indices that these make, and the columns of each table."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in statements:
            db.executescript(statement)
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        tables = [name for name in names if not name.startswith("sqlite_")]
        columns = {name: _columns(db, name) for name in tables}
        return _objects(db, tables), columns


def _columns(db: sqlite3.Connection, table: str) -> _Columns:
    rows = db.execute(f"PRAGMA table_info({table})")
    return tuple((name, kind, not (not_null or key)) for _, name, kind, not_null, _, key in rows)


def _objects(db: sqlite3.Connection, tables: list[str]) -> dict[str, str]:
    """Return the SQL of tables, their indices and triggers, without comments and blanks."""
    listed = "[" + ", ".join(f'"{name}"' for name in tables) + "]"
    return {name: "".join(re.sub("--.*", "", sql or "").split()) for name, sql in db.execute(_OBJECTS, (listed,))}


def check_tables(db: sqlite3.Connection, file: Path, version: int) -> None:
    """Refuse a database of a version in which a table or cell is not as this program writes it. Reads all of it.

    Rows that name what does not exist are left to `Project.faults`: the others can be used.

    Raises:
        DamagedProjectError: a table or cell is not as it should be.
    """
    if version not in schema.migrations():
        raise damage_error(file, f"there is no version {version} of its tables")
    expected, tables = _expected(tuple(sql for number, sql in schema.migrations().items() if number <= version))
    here = _objects(db, list(_expected(tuple(schema.migrations().values()))[1]))  # those of later versions too
    for name in sorted({*expected, *here}):
        if expected.get(name) != here.get(name):
            is_there = "changed" if name in expected and name in here else "missing" if name in expected else "foreign"
            raise damage_error(file, f"the {name} is {is_there}")
    for table, columns in tables.items():
        if found := db.execute(_wrong_cells(table, columns)).fetchone():
            raise damage_error(file, f"{table}.{found[0]} has an impossible value")
    if not db.execute("SELECT count(*) FROM project WHERE id = 1").fetchone()[0]:
        raise damage_error(file, "the row of the project is missing")


@lru_cache
def _wrong_cells(table: str, columns: _Columns) -> str:
    """Return a query for the name of a column that has an impossible value; no row where there is none."""
    cases = []
    for column, kind, may_be_null in columns:
        name = f"{table}.{column}"
        holds = " AND ".join(rule.format(column) for rule in (_TYPES[kind], _RULES.get(name, "1")))
        holds = f"{column} IS NULL OR {holds}" if may_be_null else holds
        cases.append(f"WHEN NOT ifnull({holds}, 0) THEN '{column}'")
    return f"SELECT * FROM (SELECT CASE {' '.join(cases)} END AS wrong FROM {table}) WHERE wrong IS NOT NULL LIMIT 1"
