"""A list of named choices."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from carl_gui.models.rows import RowsModel


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice."""

    key: int | str
    text: str
    """Displayable."""
    note: str = ""
    """A word or two on how it stands."""
    tip: str = ""
    """Empty: the text."""
    shares: tuple[float, float] = (0.0, 0.0)
    """Of a video's frames: labelled by hand, and labelled by predictions that were accepted; 0 to 1."""


class ChoicesModel(RowsModel[Choice]):
    """The choices in order."""

    NOTE = Qt.ItemDataRole.UserRole + 1
    SHARES = Qt.ItemDataRole.UserRole + 2

    def key(self, row: Choice) -> int | str:
        return row.key

    def text(self, row: Choice) -> str:
        return row.text

    def tip(self, row: Choice) -> str:
        return row.tip or row.text

    def spoken(self, row: Choice) -> str:
        return f"{row.text}, {row.note}" if row.note else row.text

    def value(self, row: Choice, role: int) -> object:
        if role == ChoicesModel.SHARES:
            return row.shares
        return row.note if role == ChoicesModel.NOTE else None
