"""The database schema, as numbered SQL files: a new project runs all, an older one those it lacks."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from importlib.resources import files

from core.project.damage import APPLICATION_ID


@lru_cache(maxsize=1)
def migrations() -> dict[int, str]:
    """Return SQL by the version that it leads to, in order from 1 without a gap."""
    found = {
        int(entry.name[len("schema_") : -len(".sql")]): entry.read_text(encoding="utf-8")
        for entry in files("core.project").iterdir()
        if entry.name.startswith("schema_") and entry.name.endswith(".sql")
    }
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError(f"the schema's files have a gap: {sorted(found)}")
    return dict(sorted(found.items()))


def newest_version() -> int:
    """Return the version this program reads and writes."""
    return max(migrations())


def migrate(db: sqlite3.Connection) -> None:
    """Bring the tables to the newest version, each step in a transaction of its own; before foreign keys are on."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    for number, sql in migrations().items():
        if number <= version:
            continue
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{marks}\nCOMMIT;")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
