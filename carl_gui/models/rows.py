"""What all lists have in common: rows in order, told apart by a key, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()


class RowsModel(QAbstractListModel, Generic[Row]):
    """A list of rows. What a subclass says of a row is translated, and can be shown as it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def key(self, row: Row) -> Hashable:
        """Return what tells it from others, however its words change."""
        return row

    def text(self, row: Row) -> str:
        """Return its name."""
        raise NotImplementedError

    def tip(self, row: Row) -> str:
        """Return what stands beside the mouse over it."""
        return self.text(row)

    def spoken(self, row: Row) -> str:
        """Return what a screen reader says."""
        return self.text(row)

    def value(self, row: Row, role: int) -> object:
        """Return what it is in another role; None: nothing."""
        return None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; where the same ones are there, what is chosen and scrolled stays."""
        if [self.key(one) for one in rows] == [self.key(one) for one in self._rows]:
            self._rows = tuple(rows)
            self.announce()
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def announce(self, first: int = 0, last: int | None = None) -> None:
        """Let views draw these rows again; without a last one, all from the first."""
        end = self.rowCount() - 1 if last is None else last
        if first <= end:
            self.dataChanged.emit(self.index(first, 0), self.index(end, 0))

    def row_of(self, key: Hashable) -> int:
        """Return where the row with that key is; -1: nowhere."""
        return next((place for place, row in enumerate(self._rows) if self.key(row) == key), -1)

    def row(self, index: Index) -> Row | None:
        """Return the row there; None where there is none."""
        return self._rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        said: dict[int, Callable[[Row], str]] = {
            Qt.ItemDataRole.DisplayRole: self.text,
            Qt.ItemDataRole.ToolTipRole: self.tip,
            Qt.ItemDataRole.AccessibleTextRole: self.spoken,
        }
        return said[role](row) if role in said else self.value(row, role)


class TickedRows(RowsModel[Row]):
    """Rows with a box to tick each."""

    def is_ticked(self, row: Row) -> bool:
        """Return whether it is."""
        raise NotImplementedError

    def tick(self, row: Row, is_ticked: bool) -> None:
        """The person ticks it, or no longer does."""
        raise NotImplementedError

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if self.is_ticked(self._rows[index.row()]) else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.tick(self._rows[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
