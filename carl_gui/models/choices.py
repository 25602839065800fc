"""Things to choose one of, by name: any number of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    key: int | str
    text: str
    """Displayable."""
    note: str = ""
    """A word or two on how it stands."""
    tip: str = ""
    """Empty: the text."""
    shares: tuple[float, float] = (0.0, 0.0)
    """Of a video's frames: labelled by hand, and labelled by predictions that were accepted; 0 to 1."""


class ChoicesModel(QAbstractListModel):
    """The choices in order."""

    NOTE = Qt.ItemDataRole.UserRole + 1
    SHARES = Qt.ItemDataRole.UserRole + 2

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()

    @property
    def choices(self) -> Sequence[Choice]:
        return self._choices

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show these; where only their words changed, what is chosen stays."""
        if [one.key for one in choices] == [one.key for one in self._choices]:
            self._choices = tuple(choices)
            if choices:
                self.dataChanged.emit(self.index(0, 0), self.index(len(choices) - 1, 0))
            return
        self.beginResetModel()
        self._choices = tuple(choices)
        self.endResetModel()

    def row_of(self, key: int | str | None) -> int:
        """-1 where there is none."""
        return next((row for row, choice in enumerate(self._choices) if choice.key == key), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._choices)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice = self._choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return choice.tip or choice.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.text}, {choice.note}" if choice.note else choice.text
        if role == ChoicesModel.SHARES:
            return choice.shares
        return choice.note if role == ChoicesModel.NOTE else None
