"""Damage of SQLite databases, by cell and by schema."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz import odd
from tests.fuzz.raw_bytes import some_file
from tests.fuzz.target import Mutator

_TRIES = 20


@contextlib.contextmanager
def _free(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database without any of its constraints, and save what was done."""
    db = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in (
            "foreign_keys = OFF",
            "ignore_check_constraints = ON",
            "writable_schema = ON",
            "synchronous = OFF",
        ):
            db.execute(f"PRAGMA {pragma}")
        yield db
    finally:
        with contextlib.suppress(sqlite3.Error):
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()


def _tables(db: sqlite3.Connection) -> list[str]:
    listed = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    return [name for (name,) in listed]


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]


def _cell(db: sqlite3.Connection, source: random.Random) -> str:
    filled = [table for table in _tables(db) if db.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()]
    table = source.choice(filled)
    column = source.choice(_columns(db, table))
    (count,) = db.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    key = ", ".join(row[1] for row in db.execute(f'PRAGMA table_info("{table}")') if row[5]) or "rowid"
    where = f'({key}) = (SELECT {key} FROM "{table}" LIMIT 1 OFFSET {source.randrange(count)})'
    kind = source.choice(
        ("null", "integer", "real", "text", "bytes", "not UTF-8", "row removed", "other cell", "negated", "json")
    )
    if kind == "row removed":
        db.execute(f'DELETE FROM "{table}" WHERE {where}')
    elif kind == "other cell":
        db.execute(
            f'UPDATE "{table}" SET "{column}" = '
            f'(SELECT "{source.choice(_columns(db, table))}" FROM "{table}" LIMIT 1) WHERE {where}'
        )
    elif kind == "negated":
        db.execute(f'UPDATE "{table}" SET "{column}" = -"{column}" - 1 WHERE {where}')
    elif kind == "not UTF-8":
        db.execute(f'UPDATE "{table}" SET "{column}" = CAST(? AS TEXT) WHERE {where}', (b"a\xff\xfe",))
    else:
        value: object = {
            "null": lambda: None,
            "integer": lambda: max(-(2**63), min(2**63 - 1, odd.integer(source))),
            "real": lambda: source.choice(odd.FLOATS),
            "text": lambda: odd.text(source),
            "bytes": lambda: source.randbytes(source.choice((0, 1, 8, 1000))),
            "json": lambda: source.choice(("[]", "{}", "[" * 5000, '{"a": NaN}', "1" * 5000, "null", '[{"a": []}]')),
        }[kind]()
        as_bytes = isinstance(value, str)
        stored = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        db.execute(
            f'UPDATE "{table}" SET "{column}" = {"CAST(? AS TEXT)" if as_bytes else "?"} WHERE {where}', (stored,)
        )
    return f"{kind} in {table}.{column}"


def _tried_cell(db: sqlite3.Connection, source: random.Random) -> str:
    with contextlib.suppress(sqlite3.Error):
        return _cell(db, source)
    return ""


def _count_up(db: sqlite3.Connection) -> None:
    """Have every connection read the schema again."""
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute(f"PRAGMA schema_version = {version + 1}")


def cells_of(pattern: str) -> Mutator:
    """Return what puts an odd value into one cell of one of the databases that fit, in spite of its constraints."""

    def mutate(folder: Path, source: random.Random) -> str:
        file = some_file(folder, pattern, source)
        with _free(file) as db:
            # NOT NULL is a rule of the tables themselves, which a damaged file need not keep: they get it back after.
            schema = db.execute("SELECT sql, rowid FROM sqlite_schema").fetchall()
            db.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
            _count_up(db)
        with _free(file) as db:
            done = next(filter(None, (_tried_cell(db, source) for _ in range(_TRIES))), "nothing: each was refused")
            db.executemany("UPDATE sqlite_schema SET sql = ? WHERE rowid = ?", schema)
            _count_up(db)
        return done

    return mutate


def _schema(db: sqlite3.Connection, source: random.Random) -> str:
    tables = _tables(db)
    table = source.choice(tables)
    column = source.choice(_columns(db, table))
    version = source.choice((0, 1, 2, 3, 4, 5, 6, 99, 2**31 - 1, -1))
    return source.choice(
        (
            f'DROP TABLE "{table}"',
            f'ALTER TABLE "{table}" DROP COLUMN "{column}"',
            f'ALTER TABLE "{table}" RENAME TO "other"',
            f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "other"',
            f'ALTER TABLE "{table}" ADD COLUMN "other" INTEGER',
            f'CREATE TRIGGER "other" AFTER UPDATE ON "{table}" BEGIN SELECT raise(ABORT, "no"); END',
            f'CREATE TRIGGER "other" BEFORE INSERT ON "{table}" BEGIN DELETE FROM "{source.choice(tables)}"; END',
            f'CREATE UNIQUE INDEX "other" ON "{table}" ("{column}")',
            f"PRAGMA user_version = {version}",
            f"PRAGMA application_id = {version}",
            f"DELETE FROM sqlite_schema WHERE name = '{table}'",
            f"UPDATE sqlite_schema SET sql = 'CREATE TABLE {table} (a, b)' WHERE name = '{table}'",
            f"UPDATE sqlite_schema SET rootpage = {source.choice((0, 1, 2, 10**6))} WHERE name = '{table}'",
            f"UPDATE sqlite_schema SET type = 'view' WHERE name = '{table}'",
            f"UPDATE sqlite_schema SET sql = NULL WHERE name = '{table}'",
            f'CREATE TABLE "kept" AS SELECT * FROM "{table}"; DROP TABLE "{table}"; '
            f'CREATE VIEW "{table}" AS SELECT * FROM "kept"',
            f'DELETE FROM "{table}"',
        )
    )


def schema_of(pattern: str) -> Mutator:
    """Return what changes the schema of one of the databases that fit."""

    def mutate(folder: Path, source: random.Random) -> str:
        with _free(some_file(folder, pattern, source)) as db:
            for _ in range(_TRIES):
                statement = _schema(db, source)
                with contextlib.suppress(sqlite3.Error):
                    db.executescript(statement)
                    return statement
        return "nothing: each change was refused"

    return mutate
