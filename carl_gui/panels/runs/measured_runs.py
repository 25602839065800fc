"""Runs evaluated by the project's labels: one row each, and untrained baselines below."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QTableWidget, QTableWidgetItem, QWidget

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.numbers import UNKNOWN, figure
from carl_gui.panels.help.help_button import HelpButton
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.progress_row import ProgressRow
from carl_gui.panels.runs.figures_table import BEST, RIGHT, figures_table
from carl_gui.panels.widgets import lettered, push_button
from core.evaluation.summary import Figure, ResultRow, best, figure_names

_DIGITS = 3
_LETTERS = 30
"""Of the widest column of names."""


class MeasuredRuns(QWidget):
    """Displays what `set_*` gives it."""

    wanted = Signal()
    cancel_requested = Signal()
    copied = Signal()
    """The table lies on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ResultRow] = ()
        self.button = QPushButton(self.tr("Measure by labels"))
        self.button.setToolTip(
            self.tr(
                "Validation videos are for checking, all others for learning. Without Validation videos, the "
                "last third of each action is for checking."
            )
        )
        self.button.clicked.connect(self.wanted)
        self._copy = push_button(self.tr("Copy as CSV"), self._copy_all, self.tr("Copy the table, for a spreadsheet"))
        self._words, self._table = wrapped_label(), figures_table(self.tr("Measured runs"))
        self._table.verticalHeader().setMaximumWidth(self.fontMetrics().averageCharWidth() * _LETTERS)
        self._going = ProgressRow(self.tr("Measuring runs"), self.tr("Cancel measuring runs"))
        self._going.cancel_requested.connect(self.cancel_requested)
        vbox(
            hbox(self.button, STRETCH, self._copy, HelpButton("metrics", self.tr("what the metrics mean"))),
            self._going,
            self._words,
            (self._table, 1),
            on=self,
            margins=(0, 6, 0, 0),
            spacing=6,
        )
        self.set_rows((), "", can_measure=False)

    @property
    def words(self) -> str:
        """What is said beside the button."""
        return self._words.text()

    @property
    def table(self) -> QTableWidget:
        return self._table

    def set_progress(self, share: float | None, words: str) -> None:
        """How far it has come, 0 to 1 (None: not known), and in words; empty words: nothing goes on."""
        self._going.set_progress(share, words)

    def set_rows(self, rows: Sequence[ResultRow], problem: str, *, can_measure: bool) -> None:
        """What was measured, or why nothing was; and whether it can be begun."""
        self.button.setEnabled(can_measure)
        told = self.tr("{0} marks the best trained run.").format(BEST) if rows else self._hint(can_measure)
        self._words.setText(problem or told)
        if rows is not self._rows:
            self._rows = rows
            self._fill()
        self._copy.setVisible(bool(rows))
        self._table.setVisible(bool(rows))

    def _hint(self, can_measure: bool) -> str:
        if can_measure:
            return self.tr(
                "Ticked runs beside raw features, an untrained encoder and the diagonal, measured by your labels."
            )
        return "" if self._going.words else self.tr("Tick runs in the list to measure them by your labels.")

    def _fill(self) -> None:
        names, marked = figure_names(self._rows), best(self._rows)
        self._table.setRowCount(len(self._rows))
        self._table.setColumnCount(len(names))
        for column, name in enumerate(names):
            head = QTableWidgetItem(metric_title(name))
            head.setToolTip(metric_tip(name))
            self._table.setHorizontalHeaderItem(column, head)
        for place, row in enumerate(self._rows):
            head = QTableWidgetItem(row.name)
            head.setToolTip(row.name)
            self._table.setVerticalHeaderItem(place, head)
            for column, name in enumerate(names):
                item = self._item(row.figures.get(name), is_best=row.name in marked[name])
                self._table.setItem(place, column, item)
        self._table.resizeColumnsToContents()

    def _item(self, value: Figure | None, *, is_best: bool) -> QTableWidgetItem:
        text = _spelled(value)
        item = QTableWidgetItem(f"{BEST} {text}" if is_best else text)
        item.setTextAlignment(RIGHT)
        item.setFont(lettered(self.font(), bold=is_best))
        if value is not None and len(value.values) > 1:
            item.setToolTip(self.tr("Mean and standard deviation over %n seed(s)", "", len(value.values)))
        return item

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(as_csv(self._rows))
        self.copied.emit()


def as_csv(rows: Sequence[ResultRow]) -> str:
    """Return a line a row and figure in full precision; empty where a figure is not known."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["row", "figure", "mean", "spread", "seeds"])
    for row in rows:
        for name, value in row.figures.items():
            known = ["" if math.isnan(number) else number for number in (value.mean, value.spread)]
            table.writerow([row.name, name, *known, len(value.values)])
    return written.getvalue()


def _spelled(value: Figure | None) -> str:
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    spread = "" if math.isnan(value.spread) else f" ± {figure(value.spread, _DIGITS)}"
    return figure(value.mean, _DIGITS) + spread
