"""Runs beside one another."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.runs import RunCurves, RunRow, differing_settings, figure_names, is_lower_better, state_text
from carl_gui.numbers import UNKNOWN, count, figure
from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.factories import named, push_button, scaled_font
from carl_gui.widgets.layouts import hbox, holder, vbox
from core.base.declaring import Value
from core.settings.config import settings

BEST = "★"
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def figures_table(name: str) -> QTableWidget:
    """Return an empty table.

    Args:
        name: for those who do not see it.
    """
    table = named(QTableWidget(), name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setItemDelegate(PaddedDelegate(table))
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)  # Tab leaves the table
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    header, rows = table.horizontalHeader(), table.verticalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setDefaultAlignment(RIGHT)
    header.setHighlightSections(False)
    header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    rows.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    rows.setHighlightSections(False)
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(table.fontMetrics().height() + 12)
    return table


Kind = Literal["state", "steps", "loss", "best_loss", "figure", "setting"]


@dataclass(frozen=True)
class Compared:
    """One row of the comparison."""

    kind: Kind
    key: str
    """Name of the figure or setting; else as `kind`."""
    values: tuple[Value | None, ...]
    """One a run; None where it has none."""
    best: frozenset[int] = frozenset()
    """Places of the best values; none where nothing tells them apart."""


def compare_runs(rows: Sequence[RunRow], curves: Mapping[str, RunCurves]) -> list[Compared]:
    """Return what to put side by side; `curves` by name of the run, of those that are known."""
    lines = [
        Compared("state", "state", tuple(row.state for row in rows)),
        Compared("steps", "steps", tuple(row.step for row in rows)),
        _measured("loss", "loss", [row.loss for row in rows], min),
        _measured("best_loss", "best_loss", [_lowest(curves.get(row.name)) for row in rows], min),
    ]
    for name in figure_names(row.evaluation for row in rows):
        pick = min if is_lower_better(name) else max
        lines.append(_measured("figure", name, [row.evaluation.get(name) for row in rows], pick))
    return lines + [Compared("setting", name, values) for name, values in differing_settings(rows).items()]


def as_csv(rows: Sequence[RunRow], lines: Sequence[Compared]) -> str:
    """Return the lines in full precision under the names of the runs; what is missing is empty."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["", *(row.name for row in rows)])
    for line in lines:
        table.writerow([line.key, *("" if value is None else value for value in line.values)])
    return written.getvalue()


def _measured(
    kind: Kind, key: str, values: Sequence[float | None], pick: Callable[[Sequence[float]], float]
) -> Compared:
    finite = {index: value for index, value in enumerate(values) if value is not None and math.isfinite(value)}
    best: frozenset[int] = frozenset()
    if len(set(finite.values())) > 1:
        best = frozenset(index for index, value in finite.items() if value == pick(list(finite.values())))
    return Compared(kind, key, tuple(values), best)


def _lowest(curves: RunCurves | None) -> float | None:
    finite = np.zeros(0) if curves is None else curves.loss[np.isfinite(curves.loss)]
    return float(finite.min()) if len(finite) else None


_COLUMN_LETTERS = 26


class RunComparison(QWidget):
    """Displays what `set_runs` gives it."""

    copied = Signal()
    """The table lies on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Comparison of runs"))
        self._rows: Sequence[RunRow] = ()
        self._lines: Sequence[Compared] = ()
        self._table = figures_table(self.tr("Comparison of runs"))
        self._table.horizontalHeader().setMaximumSectionSize(self.fontMetrics().averageCharWidth() * _COLUMN_LETTERS)
        hint = QLabel(self.tr("{0} marks the best of its row. Identical settings are hidden.").format(BEST))
        hint.setWordWrap(True)
        self._copy = push_button(self.tr("Copy as CSV"), self._copy_all, self.tr("Copy the table, for a spreadsheet"))
        shown = holder(vbox((self._table, 1), hbox((hint, 1), self._copy), spacing=6))
        empty = QLabel(self.tr("Tick two or more runs in the list to see how they differ."), wordWrap=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setContentsMargins(24, 24, 24, 24)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(shown)

    def set_runs(self, rows: Sequence[RunRow], curves: Mapping[str, RunCurves]) -> None:
        """Compare these runs, as columns in this order, with their curves by name, which give the best loss."""
        lines = compare_runs(rows, curves)
        self._stack.setCurrentIndex(1 if len(rows) > 1 else 0)
        if lines == self._lines and [row.name for row in rows] == [row.name for row in self._rows]:
            return
        is_other = [row.name for row in rows] != [row.name for row in self._rows]
        self._rows, self._lines = list(rows), lines
        self._table.setRowCount(len(lines))
        self._table.setColumnCount(len(rows))
        for column, row in enumerate(rows):
            head = QTableWidgetItem(row.name)
            head.setToolTip(row.name)
            self._table.setHorizontalHeaderItem(column, head)
        for index, line in enumerate(lines):
            head = QTableWidgetItem(self._title(line))
            head.setToolTip(self._explanation(line))
            self._table.setVerticalHeaderItem(index, head)
            for column in range(len(rows)):
                self._set_cell(index, column, line)
        if is_other:
            self._table.resizeColumnsToContents()

    def _set_cell(self, index: int, column: int, line: Compared) -> None:
        item = self._table.item(index, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(RIGHT)
            self._table.setItem(index, column, item)
        is_best = column in line.best
        text = _shown(self._rows[column], line, column)
        item.setText(f"{BEST} {text}" if is_best else text)
        item.setToolTip(text)
        item.setFont(scaled_font(self.font(), bold=is_best))

    def _title(self, line: Compared) -> str:
        titles = {
            "state": self.tr("State"),
            "steps": self.tr("Steps"),
            "loss": self.tr("Last loss"),
            "best_loss": self.tr("Lowest loss"),
        }
        return metric_title(line.key) if line.kind == "figure" else titles.get(line.kind, line.key)

    def _explanation(self, line: Compared) -> str:
        if line.kind == "setting":
            return _helps().get(line.key, line.key)
        if line.kind in ("state", "steps"):
            return self._title(line)
        return metric_tip(line.key if line.kind == "figure" else "loss")

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(as_csv(self._rows, self._lines))
        self.copied.emit()


def _shown(row: RunRow, line: Compared, column: int) -> str:
    value = line.values[column]
    if value is None:
        return UNKNOWN
    if line.kind == "state":
        return state_text(row.state)
    if line.kind == "steps":
        return count(row.step)
    if line.kind == "setting":
        return f"{value:g}" if isinstance(value, float) else str(value)
    return figure(float(value))


@cache
def _helps() -> dict[str, str]:
    """Return what each setting is, with its unit."""
    return {one.name: f"{one.name}: {one.help}" + (f" ({one.unit})" if one.unit else "") for one in settings()}
