"""The videos of a project, which of them are right, and their performers; filtered by words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt

from carl_gui.models.checked_choices import SoughtChoices
from carl_gui.models.choices import Choice
from carl_gui.models.messages import folded
from carl_gui.models.rows import Column, Index

NAME, PERFORMER = 0, 1


class RightList(SoughtChoices):
    """One row per video; `dataChanged` is emitted for ticks and names."""

    def __init__(self, choices: Sequence[Choice], performers: Mapping[int, str], parent: QObject | None = None) -> None:
        """`performers`: by the id of a video that is right, who is seen in it, empty while unknown."""
        super().__init__(parent)
        self._performers, self._right = dict(performers), set(performers)
        self.columns = (
            Column(_name, QCoreApplication.translate("RightList", "Video")),
            Column(_name, QCoreApplication.translate("RightList", "Person")),
        )
        self.set_choices(choices)

    @property
    def said(self) -> dict[int, str]:
        """By the id of a video that is right, who is seen in it."""
        return {int(one.key): self._performer(one).strip() for one in self._choices if self.is_ticked(one)}

    def tick_all(self, is_right: bool) -> None:
        """Say it of all that are seen."""
        keys = {int(choice.key) for choice in self.rows}
        self._right = self._right | keys if is_right else self._right - keys
        self.announce()

    def sought(self, choice: Choice) -> str:
        return f"{super().sought(choice)}\n{self._performers.get(int(choice.key), '')}"

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._right

    def tick(self, row: Choice, is_ticked: bool) -> None:
        (self._right.add if is_ticked else self._right.discard)(int(row.key))
        place = self.row_of(row.key)
        self.announce(place, place)

    def cell(self, row: Choice, column: int, role: int) -> object:
        if column == PERFORMER:
            return self._performer(row) if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) else None
        return super().cell(row, column, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row, flags = self.row(index), super().flags(index)
        can_edit = index.column() == PERFORMER and row is not None and self.is_ticked(row)
        return flags | Qt.ItemFlag.ItemIsEditable if can_edit else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        row = self.row(index)
        if row is None or index.column() != PERFORMER or role != Qt.ItemDataRole.EditRole or not self.is_ticked(row):
            return super().setData(index, value, role)
        self._performers[int(row.key)] = str(value)
        self._sought[row.key] = folded(self.sought(row))
        self.dataChanged.emit(index, index)
        return True

    def _performer(self, choice: Choice) -> str:
        return self._performers.get(int(choice.key), "") if self.is_ticked(choice) else ""


def _name(choice: Choice) -> str:
    return choice.text
