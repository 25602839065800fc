"""The videos of a project, which of them are right, and their performers; filtered by words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from carl_gui.models.choices import Choice
from carl_gui.models.messages import folded

_Index = QModelIndex | QPersistentModelIndex
NAME, PERFORMER = 0, 1
_TICKED = Qt.ItemDataRole.CheckStateRole


class RightList(QAbstractTableModel):
    """One row per video; `dataChanged` is emitted for ticks and names."""

    def __init__(self, choices: Sequence[Choice], performers: Mapping[int, str], parent: QObject | None = None) -> None:
        """`performers`: by the id of a video that is right, who is seen in it, empty while unknown."""
        super().__init__(parent)
        self._choices, self._seen = tuple(choices), list(choices)
        self._performers = dict(performers)
        self._right = set(performers)

    @property
    def said(self) -> dict[int, str]:
        """By the id of a video that is right, who is seen in it."""
        keys = [int(choice.key) for choice in self._choices]
        return {key: self._performers.get(key, "").strip() for key in keys if key in self._right}

    def set_words(self, text: str) -> None:
        """Show those whose name, place or performer holds all of these words."""
        words = folded(text).split()
        self.beginResetModel()
        self._seen = [one for one in self._choices if all(word in self._sought(one) for word in words)]
        self.endResetModel()

    def tick_all(self, is_right: bool) -> None:
        """Say it of all that are seen."""
        keys = {int(choice.key) for choice in self._seen}
        self._right = self._right | keys if is_right else self._right - keys
        if keys:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._seen) - 1, PERFORMER))

    def _sought(self, choice: Choice) -> str:
        return folded(f"{choice.text}\n{choice.tip}\n{self._performers.get(int(choice.key), '')}")

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._seen)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else 2

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        texts = QCoreApplication.translate("RightList", "Video"), QCoreApplication.translate("RightList", "Person")
        return texts[section]

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.column() == NAME:
            return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable
        is_right = index.isValid() and self._key(index) in self._right
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if is_right else Qt.ItemFlag.NoItemFlags)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice, key = self._seen[index.row()], self._key(index)
        if index.column() == PERFORMER:
            is_text = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) and key in self._right
            return self._performers.get(key, "") if is_text else None
        if role == _TICKED:
            return Qt.CheckState.Checked if key in self._right else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return choice.tip or choice.text
        return choice.text if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if not index.isValid():
            return False
        key = self._key(index)
        if index.column() == NAME and role == _TICKED:
            (self._right.add if Qt.CheckState(value) == Qt.CheckState.Checked else self._right.discard)(key)
            self.dataChanged.emit(self.index(index.row(), NAME), self.index(index.row(), PERFORMER))
        elif index.column() == PERFORMER and role == Qt.ItemDataRole.EditRole and key in self._right:
            self._performers[key] = str(value)
            self.dataChanged.emit(index, index)
        else:
            return False
        return True

    def _key(self, index: _Index) -> int:
        return int(self._seen[index.row()].key)
