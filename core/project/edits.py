"""Reversible edits: an intention of the user becomes a patch of rows, and a patch is undone by another patch.

All that is authored is written by `Patch.apply` alone; so what undoes every edit is written, and proven, once.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.base.errors import StorageError
from core.project.changes import NOTHING, Changes
from core.project.database import text

_FAR = 2**53
"""Beyond all frames, bytes and ids."""
Value = str | int | float
Key = tuple[str, tuple[int, ...]]
"""A table and the primary key of one of its rows."""
Rows = Mapping[Key, tuple[Value, ...] | None]
"""What stands there, in the order of `TABLES`; None for no row."""


@dataclass(frozen=True)
class Table:
    """The columns of an authored table; `values` are those that are not its primary key."""

    key: tuple[str, ...]
    values: dict[str, type]
    num_added: int = 0
    """The number of the last values that steps of earlier versions lack."""


TABLES = {
    "project": Table(("id",), {"notes": str}),
    "video": Table(("id",), {"digest": str, "num_bytes": int, "name": str, "action": str, "split": str}),
    "phase": Table(("id",), {"name": str, "colour": str, "position": int}),
    "span": Table(
        ("video_id", "start_frame"),
        {"end_frame_exclusive": int, "phase_id": int, "confidence": float, "source": str, "note": str},
        num_added=1,
    ),
    "anchor": Table(("first_id", "second_id", "first_frame"), {"second_frame": int}),
    "person": Table(("video_id",), {"frame": int, "x": float, "y": float}),
    "right_video": Table(("video_id",), {"performer": str}),
    "measure": Table(("video_id", "frame", "number"), {"points": str, "length": float, "unit": str}),
    "sensor_file": Table(("video_id",), {"digest": str, "relative": str, "absolute": str, "offset_seconds": float}),
}


class Edit(Protocol):
    """A user's edit. Edits are frozen and validate themselves as far as possible without the project."""

    @property
    def label(self) -> str:
        """What was done, in English, for the menu: `Set split of 3 videos`."""

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        """Do it, within a transaction.

        Returns:
            What changed, and the patch that takes it back; that one is empty where nothing changed.

        Raises:
            CarlError: it cannot be done to this project, as a sentence.
        """


@dataclass(frozen=True)
class Patch:
    """Rows that replace the current ones."""

    rows: Rows

    def __bool__(self) -> bool:
        return bool(self.rows)

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        """Write the rows, within a transaction; returns the changes and the inverse patch."""
        before = {key: row_at(db, key) for key in self.rows}
        changed = [key for key, row in self.rows.items() if before[key] != row]
        for name in TABLES:  # all go before any comes: names may be swapped
            gone = [key for table, key in changed if table == name and before[table, key] is not None]
            db.executemany(_deletion(name), gone)
        for name in TABLES:
            here = [(key, self.rows[table, key]) for table, key in changed if table == name]
            db.executemany(_insertion(name), [(*key, *map(_bound, row)) for key, row in here if row is not None])
        return _changes_of(changed), Patch({key: before[key] for key in changed})

    def encode(self) -> bytes:
        """Encode the patch for the history."""
        listed = [[table, key, row] for (table, key), row in self.rows.items()]
        return zlib.compress(json.dumps(listed, separators=(",", ":")).encode("ascii"), 1)

    @staticmethod
    def decode(data: bytes) -> Patch:
        """Turn back from `encode`. StorageError: it is damaged."""
        try:
            listed = json.loads(zlib.decompress(data))
            return Patch({_key(table, key): None if row is None else _row(table, row) for table, key, row in listed})
        except (zlib.error, ValueError, TypeError, LookupError, RecursionError) as error:
            raise damaged_step(error) from error


@dataclass(frozen=True)
class Together:
    """Several edits as one step; each sees the results of those before."""

    label: str
    edits: tuple[Edit, ...]

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        changes, before = NOTHING, dict[Key, tuple[Value, ...] | None]()
        for edit in self.edits:
            changed, inverse = edit.apply(db)
            changes |= changed
            for key, row in inverse.rows.items():
                before.setdefault(key, row)  # what stood there first
        return changes, Patch(before)


def damaged_step(error: Exception) -> StorageError:
    """Return the error for a step whose record is not as it was written, or no longer fits the project."""
    return StorageError(
        f"The step cannot be undone or redone, because its record is damaged ({error}). Nothing was changed. To go "
        "back further, restore a backup."
    )


def _key(table: str, key: Sequence[int]) -> Key:
    """Return the key of a row. ValueError, LookupError: it is none of ours."""
    if len(key) != len(TABLES[table].key) or not all(type(part) is int and abs(part) < _FAR for part in key):
        raise ValueError(f"a key of {table} is damaged")
    return table, tuple(key)


def _row(table: str, row: Sequence[Value]) -> tuple[Value, ...]:
    """Return the values of a row, empty ones for columns that came after it was stored. ValueError: they are of other
    types."""
    kinds = list(TABLES[table].values.values())
    row = (*row, *(kind() for kind in kinds[max(len(row), len(kinds) - TABLES[table].num_added) :]))
    for value, kind in zip(row, kinds, strict=True):
        if type(value) not in ((int, float) if kind is float else (kind,)) or (
            isinstance(value, int) and abs(value) >= _FAR
        ):
            raise ValueError(f"a row of {table} is damaged")
    return row


def row_at(db: sqlite3.Connection, key: Key) -> tuple[Value, ...] | None:
    """Return the row of that primary key, without the key; None where there is none."""
    name, values = key
    row: tuple[Value, ...] | None = db.execute(_selection(name), values).fetchone()
    return row


def count_of(number: int, what: str) -> str:
    """Return `1 video`, `3 videos`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _bound(value: Value) -> object:
    return text(value) if isinstance(value, str) else value


def _where(name: str) -> str:
    return " AND ".join(f"{column} = ?" for column in TABLES[name].key)


def _selection(name: str) -> str:
    return f"SELECT {', '.join(TABLES[name].values)} FROM {name} WHERE {_where(name)}"


def _deletion(name: str) -> str:
    return f"DELETE FROM {name} WHERE {_where(name)}"


def _insertion(name: str) -> str:
    table = TABLES[name]
    places = ["?" for _ in table.key] + ["CAST(? AS TEXT)" if kind is str else "?" for kind in table.values.values()]
    return f"INSERT INTO {name} ({', '.join([*table.key, *table.values])}) VALUES ({', '.join(places)})"


def _changes_of(keys: Iterable[Key]) -> Changes:
    found: dict[str, set[tuple[int, ...]]] = {name: set() for name in TABLES}
    for name, key in keys:
        found[name].add(key)
    videos, phases, spans = (frozenset(key[0] for key in found[name]) for name in ("video", "phase", "span"))
    by_video = ("person", "right_video", "measure", "sensor_file")
    videos |= {key[0] for name in by_video for key in found[name]}
    pairs = frozenset((first, second) for first, second, _ in found["anchor"])
    return Changes(videos, phases, spans, bool(found["project"]), pairs)
