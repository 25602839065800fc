"""The runs as a sortable table with check boxes; only changes are announced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, Qt, Signal

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.rows import Column, TickedRows
from carl_gui.models.run_messages import state_with_share
from carl_gui.models.runs import UNDER_WAY, RunRow
from carl_gui.numbers import figure
from carl_gui.translation import QT_TRANSLATE_NOOP

COMPARE, NAME, STATE, LOSS, FIGURES, CREATED = range(6)
_ORDER = {state: place for place, state in enumerate((*UNDER_WAY[1:], "waiting", "failed", "stopped", "new", "done"))}
PAD = "\u2002"
"""An en space: parts numbers on the right of their cell from what follows."""
_NOTHING = QModelIndex()


def _said(text: str) -> str:
    return QCoreApplication.translate("RunTable", text)


class RunTable(TickedRows[RunRow]):
    """One row per run, in the given order; `SortRole` is what a column is sorted by."""

    SortRole = Qt.ItemDataRole.UserRole + 1
    ticked = Signal(str, bool)
    """The person wants this run compared, or no more. The table waits to be told."""
    columns = (
        Column[RunRow](lambda row: ""),
        Column[RunRow](lambda row: row.name, QT_TRANSLATE_NOOP("RunTable", "Run")),
        Column[RunRow](state_with_share, QT_TRANSLATE_NOOP("RunTable", "State")),
        Column[RunRow](lambda row: figure(row.loss), QT_TRANSLATE_NOOP("RunTable", "Loss"), is_number=True),
        Column[RunRow](lambda row: figures_text(row), QT_TRANSLATE_NOOP("RunTable", "Metrics")),
        Column[RunRow](lambda row: moment_text(row.created), QT_TRANSLATE_NOOP("RunTable", "Started")),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._compared: frozenset[str] = frozenset()

    def update_rows(self, rows: Sequence[RunRow]) -> bool:
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
        for at, column in enumerate(self.columns):
            if column.text(old) != column.text(row) or (at <= STATE and old.reason != row.reason):
                index = self.index(place, at)
                self.dataChanged.emit(index, index)
        return old.state != row.state

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal:
            if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and section == COMPARE:
                return _said(QT_TRANSLATE_NOOP("RunTable", "Tick runs to compare their curves"))
            if role == Qt.ItemDataRole.ToolTipRole and section in (LOSS, FIGURES):
                return metric_tip("loss") if section == LOSS else self._meanings()
        said = super().headerData(section, orientation, role)
        if role != Qt.ItemDataRole.DisplayRole or not said:
            return said
        return _said(str(said)) + (PAD if section == LOSS else "")

    def _meanings(self) -> str:
        names = dict.fromkeys(name for row in self._rows for name in row.evaluation)
        return "<br>".join(metric_tip(name) for name in names)

    def cell(self, row: RunRow, column: int, role: int) -> object:
        if role == self.SortRole:
            return _sort_key(row, column, row.name in self._compared)
        return super().cell(row, column, role)

    def tip(self, row: RunRow) -> str:
        return "\n".join(filter(None, (row.name, state_with_share(row), row.reason, figures_text(row))))

    def spoken(self, row: RunRow) -> str:
        return _said(QT_TRANSLATE_NOOP("RunTable", "Compare {0}")).format(row.name)

    def is_ticked(self, row: RunRow) -> bool:
        return row.name in self._compared

    def tick(self, row: RunRow, is_ticked: bool) -> None:
        self.ticked.emit(row.name, is_ticked)


def figures_text(row: RunRow) -> str:
    """`Tau 0.912 · Accuracy 0.83`"""
    return " · ".join(f"{metric_title(name)} {figure(value, 3)}" for name, value in row.evaluation.items())


def moment_text(moment: datetime | None) -> str:
    """To the minute, so that it sorts as it is written; empty: not known."""
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


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
            return RunTable.columns[column].text(row).casefold()
