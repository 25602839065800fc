"""Edits of the phases of a project."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from core.base.colours import MORE_PHASES, PHASES
from core.base.errors import LabelError
from core.project.changes import Changes
from core.project.edits import Key, Patch, Value, count_of, row_at
from core.project.queries import check_ids, next_id

COLOURS, MORE_COLOURS = PHASES, MORE_PHASES
"""For new phases in turn."""


@dataclass(frozen=True)
class AddPhase:
    """Add a phase after the others; without a colour it gets the first unused one of `COLOURS`."""

    name: str
    colour: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.colour:
            _check_colour(self.colour)

    @property
    def label(self) -> str:
        return f"Add phase “{self.name.strip()}”"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        _check_is_new(db, self.name.strip())
        position = db.execute("SELECT coalesce(max(position), -1) + 1 FROM phase").fetchone()[0]
        colour = self.colour.lower() or _free_colour(db, position)
        return Patch({("phase", (next_id(db, "phase"),)): (self.name.strip(), colour, position)}).apply(db)


@dataclass(frozen=True)
class RenamePhase:
    """Rename a phase, in all its labels."""

    id: int
    name: str

    def __post_init__(self) -> None:
        _check_name(self.name)

    @property
    def label(self) -> str:
        return f"Rename phase to “{self.name.strip()}”"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        _, colour, position = _phase(db, self.id)
        _check_is_new(db, self.name.strip(), but=self.id)
        return Patch({("phase", (self.id,)): (self.name.strip(), colour, position)}).apply(db)


@dataclass(frozen=True)
class ColourPhase:
    """Change the colour of a phase."""

    id: int
    colour: str
    """`#rrggbb`."""

    def __post_init__(self) -> None:
        _check_colour(self.colour)

    @property
    def label(self) -> str:
        return "Change phase colour"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        name, _, position = _phase(db, self.id)
        return Patch({("phase", (self.id,)): (name, self.colour.lower(), position)}).apply(db)


@dataclass(frozen=True)
class OrderPhases:
    """Reorder the phases; `ids` names each once."""

    ids: tuple[int, ...]

    @property
    def label(self) -> str:
        return "Reorder phases"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        known = [row[0] for row in db.execute("SELECT id FROM phase")]
        if sorted(self.ids) != sorted(known):
            raise KeyError(f"an order must name each phase once, not {self.ids} of {known}")
        rows: dict[Key, tuple[Value, ...] | None] = {}
        for position, phase_id in enumerate(self.ids):
            rows["phase", (phase_id,)] = (*_phase(db, phase_id)[:2], position)
        return Patch(rows).apply(db)


@dataclass(frozen=True)
class MergePhases:
    """Merge phases: their labels become labels of `into`, with unchanged bounds; the others are removed."""

    into: int
    others: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.into in self.others:
            raise ValueError("a phase cannot be merged into itself")

    @property
    def label(self) -> str:
        return f"Merge {count_of(len(self.others) + 1, 'phase')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "phase", (self.into, *self.others))
        rows: dict[Key, tuple[Value, ...] | None] = {("phase", (phase_id,)): None for phase_id in self.others}
        for phase_id in self.others:
            for video_id, start, stop, confidence, source, note in _spans_of(db, phase_id):
                rows["span", (video_id, start)] = (stop, self.into, confidence, source, note)
        return Patch(rows).apply(db)


@dataclass(frozen=True)
class RemovePhases:
    """Remove phases and their labels."""

    ids: tuple[int, ...]

    @property
    def label(self) -> str:
        return f"Remove {count_of(len(self.ids), 'phase')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "phase", self.ids)
        rows: dict[Key, tuple[Value, ...] | None] = {("phase", (phase_id,)): None for phase_id in self.ids}
        for phase_id in self.ids:
            rows |= {("span", (video_id, start)): None for video_id, start, *_ in _spans_of(db, phase_id)}
        return Patch(rows).apply(db)


def _free_colour(db: sqlite3.Connection, position: int) -> str:
    used = {row[0] for row in db.execute("SELECT colour FROM phase")}
    free = (colour for colour in (*COLOURS, *MORE_COLOURS) if colour not in used)
    return next(free, COLOURS[position % len(COLOURS)])


def _phase(db: sqlite3.Connection, phase_id: int) -> tuple[Value, ...]:
    check_ids(db, "phase", (phase_id,))
    return row_at(db, ("phase", (phase_id,))) or ()


def _spans_of(db: sqlite3.Connection, phase_id: int) -> list[tuple[int, int, int, float, str, str]]:
    return db.execute(
        "SELECT video_id, start_frame, end_frame_exclusive, confidence, source, note FROM span WHERE phase_id = ?",
        (phase_id,),
    ).fetchall()


def _check_name(name: str) -> None:
    if not name.strip():
        raise LabelError("A phase needs a name. Write one.")


def _check_colour(colour: str) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"a colour must be #rrggbb, not {colour!r}")


def _check_is_new(db: sqlite3.Connection, name: str, but: int = 0) -> None:
    for phase_id, known in db.execute("SELECT id, name FROM phase"):
        if known == name and phase_id != but:
            raise LabelError(f"There is already a phase {name!r}. Choose another name, or merge the two.")
