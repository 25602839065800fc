"""The Train page: runs, details of the selected one, and the form for a new one, side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from carl_gui.models.runs import RunSlots
from carl_gui.panels.column_scroll import ColumnScroll
from carl_gui.panels.layouts import vbox
from carl_gui.panels.runs.curves import CurvesPanel
from carl_gui.panels.runs.log_tail import LogTail
from carl_gui.panels.runs.measured_runs import MeasuredRuns
from carl_gui.panels.runs.run_comparison import RunComparison
from carl_gui.panels.runs.run_details import RunDetails
from carl_gui.panels.runs.run_list import RunList
from carl_gui.panels.splitting import splitter
from carl_gui.panels.training.training_form import TrainingForm

_SIZES = [300, 560, 400]
_STRETCHES = (1, 4, 0)


class TrainingPage(QWidget):
    """Only contains its panels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        slots = RunSlots()
        self.list, self.curves = RunList(slots), CurvesPanel(slots)
        self.details, self.comparison, self.log = RunDetails(), RunComparison(), LogTail()
        self.measured, self.form = MeasuredRuns(), TrainingForm()
        parts = [self.list, self._new_middle(), self.form]
        vbox(splitter("train", Qt.Orientation.Horizontal, parts, _SIZES, _STRETCHES), on=self)

    def _new_middle(self) -> QWidget:
        tabs = QTabWidget(documentMode=True)
        tabs.setUsesScrollButtons(False)  # all three can be read, however narrow the column is
        tabs.setElideMode(Qt.TextElideMode.ElideNone)
        tabs.addTab(self.curves, self.tr("Curves"))
        tabs.addTab(self.comparison, self.tr("Comparison"))
        tabs.addTab(self.measured, self.tr("Measured"))
        column = vbox(self.details, (tabs, 3), (self.log, 1), margins=(12, 12, 12, 8), spacing=10)
        return ColumnScroll(column)
