"""Lists and tables: rows that a view shows, choices among names, tables of text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_AT_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_AT_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a table: what stands above it, and in it."""

    text: Callable[[Row], str]
    title: str = ""
    help: str = ""
    """The tip of its title."""
    is_number: bool = False
    """Stands at the right."""

    @property
    def alignment(self) -> int:
        return _AT_RIGHT if self.is_number else _AT_LEFT


class RowsModel(QAbstractTableModel, Generic[Row]):
    """A list of rows, or a table of them. What a subclass says of a row is translated, and can be shown as it is."""

    RowRole = Qt.ItemDataRole.UserRole
    """The row itself."""
    columns: Sequence[Column[Row]] = ()
    """Of a table; a list has none."""

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
        """Return the tip of a cell."""
        return self.text(row)

    def spoken(self, row: Row) -> str:
        """Return what a screen reader says."""
        return self.text(row)

    def value(self, row: Row, role: int) -> object:
        """Return what it is in another role; None: nothing."""
        return None

    def cell(self, row: Row, column: int, role: int) -> object:
        """Return what a cell is in this role; of a table, a subclass may say more."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[column].text(row) if self.columns else self.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.columns[column].text(row) if column else self.spoken(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns:
            return self.columns[column].alignment
        found = self.value(row, role)
        return row if found is None and role == self.RowRole else found

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; where the same ones are there, selection and scrolling stay."""
        before, after = self._rows, tuple(rows)
        if [self.key(one) for one in after] == [self.key(one) for one in before]:
            changed = [position for position, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
            self._rows = after
            if changed:
                self.announce(changed[0], changed[-1])
            return
        self.beginResetModel()
        self._rows = after
        self.endResetModel()

    def rearrange(self, rows: Sequence[Row]) -> None:
        """Show the same rows in another order; the selection moves with its row."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        cells = [(self.key(self._rows[index.row()]), index.column()) for index in before]
        self._rows = list(rows)
        positions = {self.key(row): position for position, row in enumerate(self._rows)}
        self.changePersistentIndexList(before, [self.index(positions[key], column) for key, column in cells])
        self.layoutChanged.emit()

    def announce(self, first: int = 0, last: int | None = None) -> None:
        """Redraw these rows in the views; without a last one, all from the first."""
        end = self.rowCount() - 1 if last is None else last
        if first <= end:
            self.dataChanged.emit(self.index(first, 0), self.index(end, self.columnCount() - 1))

    def row_of(self, key: Hashable) -> int:
        """Return where the row with that key is; -1: nowhere."""
        return next((position for position, row in enumerate(self._rows) if self.key(row) == key), -1)

    def row(self, index: Index) -> Row | None:
        """Return the row there; None where there is none."""
        return self._rows[index.row()] if index.isValid() else None

    def index(self, row: int, column: int = 0, parent: Index = _NOTHING) -> QModelIndex:
        return super().index(row, column, parent)

    def rowCount(self, parent: Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else max(len(self.columns), 1)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.alignment
        return column.title if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.cell(self._rows[index.row()], index.column(), role) if index.isValid() else None


class TickedRows(RowsModel[Row]):
    """Rows with a box to tick each, in the first column."""

    def is_ticked(self, row: Row) -> bool:
        """Return whether it is."""
        raise NotImplementedError

    def tick(self, row: Row, is_ticked: bool) -> None:
        """Tick or untick a row for the person."""
        raise NotImplementedError

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags if index.column() else flags | Qt.ItemFlag.ItemIsUserCheckable

    def cell(self, row: Row, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.CheckStateRole and column == 0:
            return Qt.CheckState.Checked if self.is_ticked(row) else Qt.CheckState.Unchecked
        return super().cell(row, column, role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid() or index.column():
            return False
        self.tick(self._rows[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


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


def _text_at(column: int) -> Callable[[Sequence[Cell]], str]:
    return lambda cells: cells[column].text
