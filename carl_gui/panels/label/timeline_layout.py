"""Layout of the timeline's rows: names at the left, frames to the right, the overview below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF

RowKind = Literal["ruler", "manual", "proposed", "predicted", "confidence", "overview"]
ROWS: tuple[RowKind, ...] = ("ruler", "manual", "proposed", "predicted", "confidence", "overview")
ALWAYS: frozenset[RowKind] = frozenset(("ruler", "manual", "predicted", "confidence", "overview"))
"""Rows that there are even while they are empty: nothing moves under the mouse when a prediction comes."""

_HEIGHTS: dict[RowKind, int] = {
    "ruler": 22,
    "manual": 34,
    "proposed": 24,
    "predicted": 24,
    "confidence": 24,
    "overview": 12,
}
_GAPS: dict[RowKind, int] = {"manual": 0, "overview": 7}
_GAP, _TOP, _BOTTOM = 3, 2, 4
MARGIN = 6
"""At the right, as beside the seek bar."""


@dataclass(frozen=True)
class TimelineLayout:
    """Rows from top to bottom."""

    rows: dict[RowKind, QRectF]
    """Of the frames alone; the names are to their left."""
    height: int

    def at(self, y: float) -> RowKind:
        """The row at that height; what lies between two belongs to the upper one."""
        found: RowKind = "ruler"
        for kind, row in self.rows.items():
            if y >= row.top() - 1:
                found = kind
        return found

    @property
    def body(self) -> QRectF:
        """All rows but the overview."""
        rows = [row for kind, row in self.rows.items() if kind != "overview"]
        return rows[0].united(rows[-1])


def lay_out(kinds: Iterable[RowKind], width: float, gutter: float) -> TimelineLayout:
    """Rows of these kinds over the width, `gutter` pixels of which hold their names."""
    wanted, rows, y = set(kinds) | ALWAYS, dict[RowKind, QRectF](), float(_TOP)
    for kind in ROWS:
        if kind in wanted:
            y += _GAPS.get(kind, _GAP) if rows else 0
            rows[kind] = QRectF(gutter, y, max(width - gutter - MARGIN, 1.0), _HEIGHTS[kind])
            y += _HEIGHTS[kind]
    return TimelineLayout(rows, round(y) + _BOTTOM)
