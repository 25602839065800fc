"""The runs as a sortable table with check boxes; only changes are announced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.run_messages import state_with_share
from carl_gui.models.runs import UNDER_WAY, RunRow
from carl_gui.numbers import figure
from carl_gui.translation import QT_TRANSLATE_NOOP

COMPARE, NAME, STATE, LOSS, FIGURES, CREATED = range(6)
_TITLES = (
    "",
    QT_TRANSLATE_NOOP("RunTable", "Run"),
    QT_TRANSLATE_NOOP("RunTable", "State"),
    QT_TRANSLATE_NOOP("RunTable", "Loss"),
    QT_TRANSLATE_NOOP("RunTable", "Metrics"),
    QT_TRANSLATE_NOOP("RunTable", "Started"),
)
_ORDER = {state: place for place, state in enumerate((*UNDER_WAY[1:], "waiting", "failed", "stopped", "new", "done"))}
PAD = "\u2002"
"""An en space: parts numbers on the right of their cell from what follows."""
_NOTHING = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _said(text: str) -> str:
    return QCoreApplication.translate("RunTable", text)


class RunTable(QAbstractTableModel):
    """One row per run, in the given order; `SortRole` is what a column is sorted by."""

    RowRole = Qt.ItemDataRole.UserRole
    """The RunRow."""
    SortRole = Qt.ItemDataRole.UserRole + 1
    ticked = Signal(str, bool)
    """The person wants this run compared, or no more. The table waits to be told."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._compared: frozenset[str] = frozenset()

    @property
    def rows(self) -> Sequence[RunRow]:
        return self._rows

    def set_rows(self, rows: Sequence[RunRow]) -> bool:
        """Show these; returns whether other runs than before are shown, or one is in another state."""
        names = {row.name for row in rows}
        moved = False
        for place in reversed(range(len(self._rows))):
            if self._rows[place].name not in names:
                self.beginRemoveRows(_NOTHING, place, place)
                del self._rows[place]
                self.endRemoveRows()
                moved = True
        places = {row.name: place for place, row in enumerate(self._rows)}
        for row in rows:
            if row.name in places:
                moved |= self._replace(places[row.name], row)
        new = [row for row in rows if row.name not in places]
        if new:
            self.beginInsertRows(_NOTHING, len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()
        return moved or bool(new)

    def set_compared(self, names: Sequence[str]) -> None:
        """Tick these runs and no other."""
        changed = self._compared ^ set(names)
        self._compared = frozenset(names)
        for place, row in enumerate(self._rows):
            if row.name in changed:
                index = self.index(place, COMPARE)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.CheckStateRole])

    def _replace(self, place: int, row: RunRow) -> bool:
        old = self._rows[place]
        self._rows[place] = row
        for column in range(self.columnCount()):
            if _text(old, column) != _text(row, column) or (column <= STATE and old.reason != row.reason):
                index = self.index(place, column)
                self.dataChanged.emit(index, index)
        return old.state != row.state

    def rowCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            title = _said(_TITLES[section]) if _TITLES[section] else ""
            return title + PAD if section == LOSS else title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and section == COMPARE:
            return _said(QT_TRANSLATE_NOOP("RunTable", "Tick runs to compare their curves"))
        if role == Qt.ItemDataRole.ToolTipRole and section in (LOSS, FIGURES):
            return metric_tip("loss") if section == LOSS else self._meanings()
        return int(_RIGHT if section == LOSS else _LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _meanings(self) -> str:
        names = dict.fromkeys(name for row in self._rows for name in row.evaluation)
        return "<br>".join(metric_tip(name) for name in names)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == COMPARE else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == self.RowRole:
            return row
        if role == self.SortRole:
            return _sort_key(row, column, row.name in self._compared)
        if role == Qt.ItemDataRole.CheckStateRole and column == COMPARE:
            return Qt.CheckState.Checked if row.name in self._compared else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if column == LOSS else _LEFT)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _compare_text(row) if column == COMPARE else _text(row, column)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != COMPARE:
            return False
        self.ticked.emit(self._rows[index.row()].name, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


def _text(row: RunRow, column: int) -> str:
    match column:
        case 1:
            return row.name
        case 2:
            return state_with_share(row)
        case 3:
            return figure(row.loss)
        case 4:
            return figures_text(row)
        case 5:
            return "" if row.created is None else moment_text(row.created)
        case _:
            return ""


def figures_text(row: RunRow) -> str:
    """`Tau 0.912 · Accuracy 0.83`"""
    return " · ".join(f"{metric_title(name)} {figure(value, 3)}" for name, value in row.evaluation.items())


def moment_text(moment: datetime) -> str:
    """To the minute, so that it sorts as it is written."""
    return moment.strftime("%Y-%m-%d %H:%M")


def _tip(row: RunRow) -> str:
    return "\n".join(filter(None, (row.name, state_with_share(row), row.reason, figures_text(row))))


def _compare_text(row: RunRow) -> str:
    return _said(QT_TRANSLATE_NOOP("RunTable", "Compare {0}")).format(row.name)


def _sort_key(row: RunRow, column: int, is_compared: bool) -> Any:
    """Rises from what one looks for to what one does not; a run without a value comes after all others."""
    match column:
        case 0:
            return not is_compared
        case 2:
            return _ORDER[row.state]
        case 3:
            return math.inf if row.loss is None or math.isnan(row.loss) else row.loss
        case 5:
            return row.created.timestamp() if row.created else 0.0
        case _:
            return _text(row, column).casefold()
