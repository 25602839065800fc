"""Things of which any number can be chosen, each with a box to tick."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from carl_gui.models.choices import Choice, ChoicesModel


class CheckedChoices(ChoicesModel):
    """The choices in order, and which are ticked; `dataChanged` tells of ticks."""

    def __init__(self) -> None:
        super().__init__()
        self._checked: set[int | str] = set()

    @property
    def checked(self) -> list[int | str]:
        """The keys of those that are ticked, in order."""
        return [choice.key for choice in self.choices if choice.key in self._checked]

    def show(self, choices: Sequence[Choice], checked: Collection[int | str]) -> None:
        """Show these, and tick those of these keys."""
        self.set_choices(choices)
        self.check(checked)

    def check(self, keys: Collection[int | str]) -> None:
        """Tick those of these keys and no others."""
        self._checked = set(keys)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and role == Qt.ItemDataRole.CheckStateRole:
            is_checked = self.choices[index.row()].key in self._checked
            return Qt.CheckState.Checked if is_checked else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(  # noqa: N802
        self, index: QModelIndex | QPersistentModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.CheckStateRole:
            return False
        key = self.choices[index.row()].key
        (self._checked.add if Qt.CheckState(value) == Qt.CheckState.Checked else self._checked.discard)(key)
        self.dataChanged.emit(index, index)
        return True
