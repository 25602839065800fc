"""A read-only table of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from carl_gui.models.rows import Column, RowsModel


@dataclass(frozen=True, slots=True)
class Cell:
    """One text, displayable."""

    text: str
    tip: str = ""
    """Empty: the text."""
    colour: str = ""
    """`#rrggbb` of a swatch before it; empty: none."""
    is_number: bool = False
    """Stands at the right."""


class TextTable(RowsModel[Sequence[Cell]]):
    """Rows of cells under titles; a column is aligned as its first cell."""

    def __init__(self, titles: Mapping[str, str], parent: QObject | None = None) -> None:
        """`titles` have tips, which may be empty."""
        super().__init__(parent)
        self._titles = titles
        self.set_rows(())

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these; each has a cell under every title."""
        numbers = [cell.is_number for cell in rows[0]] if rows else [False] * len(self._titles)
        self.columns = [
            Column(_text_at(at), title, tip, numbers[at]) for at, (title, tip) in enumerate(self._titles.items())
        ]
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def cell(self, row: Sequence[Cell], column: int, role: int) -> object:
        if role == Qt.ItemDataRole.ToolTipRole:
            return row[column].tip or row[column].text
        if role == Qt.ItemDataRole.DecorationRole:
            return QColor(row[column].colour) if row[column].colour else None
        return super().cell(row, column, role)

    def spoken(self, row: Sequence[Cell]) -> str:
        return row[0].text


def _text_at(place: int) -> Callable[[Sequence[Cell]], str]:
    return lambda cells: cells[place].text
