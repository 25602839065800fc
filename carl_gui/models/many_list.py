"""The videos that can play beside a reference: which of them do, and how alike they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from carl_gui.models.choices import Choice
from carl_gui.models.wording import folded

_Index = QModelIndex | QPersistentModelIndex


class ManyList(QAbstractListModel):
    """Any number of them, narrowed by words."""

    check_chosen = Signal(int, bool)
    """By the person: the id of a video, and whether it plays."""

    NOTE = Qt.ItemDataRole.UserRole + 1
    """How alike it is, in words; empty while that is not known."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._seen: list[Choice] = []
        self._words: list[str] = []
        self._sought: dict[int | str, str] = {}
        self._checked: AbstractSet[int] = frozenset()
        self._notes: Mapping[int, str] = {}

    @property
    def seen(self) -> list[int]:
        """Ids of those that the words leave, in order."""
        return [int(choice.key) for choice in self._seen]

    def set_videos(self, choices: Sequence[Choice]) -> None:
        """All of them, in order."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._sought = {choice.key: folded(f"{choice.text}\n{choice.tip}") for choice in choices}
            self._narrow()

    def set_words(self, text: str) -> None:
        """Show those whose name or place holds all of these words."""
        words = folded(text).split()
        if words != self._words:
            self._words = words
            self._narrow()

    def set_state(self, checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """Which of them play, and how alike those are that are aligned, in words."""
        self._checked, self._notes = checked, notes
        if self._seen:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._seen) - 1, 0))

    def _narrow(self) -> None:
        self.beginResetModel()
        self._seen = [one for one in self._choices if all(word in self._sought[one.key] for word in self._words)]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._seen)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice = self._seen[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return choice.tip or choice.text
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if choice.key in self._checked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.text} {self._note(choice)}".strip()
        return self._note(choice) if role == ManyList.NOTE else None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """What the view does when a box is ticked: said, and shown once `set_state` says so."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.check_chosen.emit(self._seen[index.row()].key, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def _note(self, choice: Choice) -> str:
        return self._notes.get(int(choice.key), "")
