"""Edits of the pins (anchors) of two videos: frames that match regardless of their similarity.

A pair's anchors are strictly monotone, and the same whichever of the two is called A.
"""

from __future__ import annotations

import itertools
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from core.base.errors import LabelError
from core.project.changes import Changes
from core.project.edits import Key, Patch, Value
from core.project.queries import anchors, check_ids

Anchor = tuple[int, int]
"""A frame of A and one of B."""


@dataclass(frozen=True)
class _AnchorEdit(ABC):
    """An edit of the anchors of one pair; subclasses define the result."""

    a_id: int
    b_id: int
    label: ClassVar[str]

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.a_id, self.b_id))
        wanted = validate_anchors(self.become(anchors(db, self.a_id, self.b_id)))
        for video_id, frames in ((self.a_id, [a for a, _ in wanted]), (self.b_id, [b for _, b in wanted])):
            _check_length(db, video_id, frames)
        return _replace(db, self.a_id, self.b_id, wanted)

    @abstractmethod
    def become(self, now: list[Anchor]) -> Iterable[Anchor]:
        """Return the anchors after the edit."""


@dataclass(frozen=True)
class SetAnchors(_AnchorEdit):
    """Replace all pins with these. LabelError: pins cross, share a frame or are past a video's end."""

    anchors: tuple[Anchor, ...]
    label = "Change pins"

    def become(self, now: list[Anchor]) -> Iterable[Anchor]:
        return self.anchors


@dataclass(frozen=True)
class AddAnchor(_AnchorEdit):
    """Pin two frames, replacing a pin that one of them already has. LabelError: it crosses another pin."""

    a_frame: int
    b_frame: int
    label = "Pin frames"

    def become(self, now: list[Anchor]) -> Iterable[Anchor]:
        return [
            *(one for one in now if one[0] != self.a_frame and one[1] != self.b_frame),
            (self.a_frame, self.b_frame),
        ]


@dataclass(frozen=True)
class MoveAnchor(_AnchorEdit):
    """Move the pin with this index in time order. LabelError: there is none, or no room for it."""

    index: int
    a_frame: int
    b_frame: int
    label = "Move pin"

    def become(self, now: list[Anchor]) -> Iterable[Anchor]:
        _check_place(now, self.index)
        return [*now[: self.index], *now[self.index + 1 :], (self.a_frame, self.b_frame)]


@dataclass(frozen=True)
class RemoveAnchor(_AnchorEdit):
    """Remove the pin with this index in time order. LabelError: there is none."""

    index: int
    label = "Remove pin"

    def become(self, now: list[Anchor]) -> Iterable[Anchor]:
        _check_place(now, self.index)
        return [*now[: self.index], *now[self.index + 1 :]]


def validate_anchors(wanted: Iterable[Anchor]) -> list[Anchor]:
    """Return the anchors in order of time.

    Raises:
        LabelError: two cross or share a frame.
    """
    ordered = sorted(wanted)
    for one, other in itertools.pairwise(ordered):
        if not (one[0] < other[0] and one[1] < other[1]):
            verb = "crosses" if one[0] != other[0] and one[1] != other[1] else "shares a frame with"
            raise LabelError(
                f"The pin of A {other[0]} and B {other[1]} {verb} the pin of A {one[0]} and B {one[1]}. Choose other "
                "frames, or remove one of the two."
            )
    return ordered


def _check_place(now: list[Anchor], index: int) -> None:
    if not 0 <= index < len(now):
        raise LabelError(f"There is no longer a pin {index + 1}: this pair has {len(now)}.")


def _check_length(db: sqlite3.Connection, video_id: int, frames: list[int]) -> None:
    found = db.execute("SELECT num_frames FROM video JOIN fact USING (digest) WHERE id = ?", (video_id,)).fetchone()
    last = None if found is None or found[0] is None else found[0] - 1
    for frame in frames:
        if frame < 0 or (last is not None and frame > last):
            most = "" if last is None else f" (its frames are 0 to {last})"
            raise LabelError(f"A pin cannot be at frame {frame}, which the video does not have{most}. Choose another.")


def _replace(db: sqlite3.Connection, a_id: int, b_id: int, wanted: list[Anchor]) -> tuple[Changes, Patch]:
    first, second = sorted((a_id, b_id))
    if a_id > b_id:
        wanted = [(b, a) for a, b in wanted]
    before = db.execute("SELECT first_frame FROM anchor WHERE first_id = ? AND second_id = ?", (first, second))
    rows: dict[Key, tuple[Value, ...] | None] = {("anchor", (first, second, frame)): None for (frame,) in before}
    rows |= {("anchor", (first, second, one)): (other,) for one, other in wanted}
    return Patch(rows).apply(db)
