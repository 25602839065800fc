"""Do, undo, redo: one transaction each; every step is stored in the database, so that restarts lose nothing."""

from __future__ import annotations

import sqlite3

from core.project.changes import NOTHING, Changes
from core.project.database import text, transaction
from core.project.edits import Edit, Patch, damaged_step
from core.project.rows import StepRow

MOST_STEPS = 10_000
"""Older ones are forgotten."""


class History:
    """The steps of one project. Every call is one transaction: on disk when it returns, or without effect."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def do(self, edit: Edit, joins: StepRow | None = None) -> Changes:
        """Do it as a new step; what was undone before can then no longer be redone. No step where nothing changes.

        Args:
            joins: a step to enlarge instead, so that one undo takes back both: what comes in bit by bit is one act. It
                counts only while it is the last one; the step then has the label of this edit.

        Raises:
            CarlError: the edit refuses; nothing has changed.
        """
        with transaction(self._db):
            changes, inverse = edit.apply(self._db)
            if not inverse:
                return changes
            if joins is not None and joins.id == self._newest_id():
                self._enlarge(joins.id, edit.label, inverse)
            else:
                self._add(edit, inverse)
        return changes

    def _newest_id(self) -> int:
        """Return the id of the last step, done or undone; 0 if there is none."""
        newest = self._db.execute("SELECT id, undone FROM step ORDER BY id DESC LIMIT 1").fetchone()
        return 0 if newest is None or newest[1] else int(newest[0])

    def _add(self, edit: Edit, inverse: Patch) -> None:
        self._db.execute("DELETE FROM step WHERE undone")
        made = self._db.execute(
            "INSERT INTO step (kind, label, undone, patch) VALUES (?, CAST(? AS TEXT), 0, ?)",
            (type(edit).__name__, text(edit.label), inverse.encode()),
        )
        self._db.execute("DELETE FROM step WHERE id <= ?", ((made.lastrowid or 0) - MOST_STEPS,))

    def _enlarge(self, step_id: int, label: str, inverse: Patch) -> None:
        (before,) = self._db.execute("SELECT patch FROM step WHERE id = ?", (step_id,)).fetchone()
        joined = Patch({**inverse.rows, **Patch.decode(before).rows})  # what stood there first
        self._db.execute(
            "UPDATE step SET label = CAST(? AS TEXT), patch = ? WHERE id = ?", (text(label), joined.encode(), step_id)
        )

    def undo(self) -> Changes:
        """Undo the last step; nothing if there is none."""
        return self._turn("NOT undone ORDER BY id DESC")

    def redo(self) -> Changes:
        """Do the last undone step again; nothing where there is none."""
        return self._turn("undone ORDER BY id")

    def next_undo(self) -> StepRow | None:
        """Return what `undo` would undo."""
        return self._step("NOT undone ORDER BY id DESC")

    def next_redo(self) -> StepRow | None:
        """Return what `redo` would redo."""
        return self._step("undone ORDER BY id")

    def steps(self) -> list[StepRow]:
        """Return all stored steps, oldest first."""
        rows = self._db.execute("SELECT id, kind, label, undone FROM step ORDER BY id")
        return [StepRow(step_id, kind, label, bool(undone)) for step_id, kind, label, undone in rows]

    def _turn(self, which: str) -> Changes:
        try:
            with transaction(self._db):
                found = self._db.execute(f"SELECT id, patch FROM step WHERE {which} LIMIT 1").fetchone()
                if found is None:
                    return NOTHING
                step_id, patch = found
                changes, inverse = Patch.decode(patch).apply(self._db)
                self._db.execute(
                    "UPDATE step SET undone = NOT undone, patch = ? WHERE id = ?", (inverse.encode(), step_id)
                )
        except sqlite3.IntegrityError as error:
            raise damaged_step(error) from error
        return changes

    def _step(self, which: str) -> StepRow | None:
        found = self._db.execute(f"SELECT id, kind, label, undone FROM step WHERE {which} LIMIT 1").fetchone()
        return found and StepRow(found[0], found[1], found[2], bool(found[3]))
