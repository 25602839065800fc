"""The first page: what this is, the runs of a folder, and how the chosen one learns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.runs import RunRow

_PURPOSE = "Learn from your own videos which moments belong together, without a single label."
_NO_FOLDER = "Choose the folder that holds your runs."
_HINT = "No run to show yet. Train one:\n\npython -m core.train VIDEOS --out runs/first"
_SMOOTHING = 0.05
"""Share of the curve that one point of the bold line looks at."""
_ACCENT = "#2f8f8b"


class WelcomePanel(QWidget):
    """Shows what `set_*` gives it; says what the person wants."""

    folder_chosen = Signal(Path)
    run_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("CARL Studio")
        title.setStyleSheet("font-size: 28px; font-weight: 650;")
        purpose = QLabel(_PURPOSE, wordWrap=True)
        open_folder = QPushButton("&Open folder…")
        open_folder.clicked.connect(self._ask_for_folder)
        self._folder = QLabel(
            _NO_FOLDER, wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._table = QTableWidget(0, 3)
        self._table.setHorizontalHeaderLabels(["Run", "State", "Loss"])
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setShowGrid(False)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._table.currentCellChanged.connect(self._say_run)
        self._message = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        left = QVBoxLayout()
        for widget in (title, purpose, open_folder, self._folder, self._table, self._message):
            left.addWidget(widget)
        left.setSpacing(12)
        left.setStretchFactor(self._table, 1)
        self._plot = self._new_plot()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 24)
        layout.setSpacing(28)
        self._hint = QLabel(_HINT, alignment=Qt.AlignmentFlag.AlignCenter)
        self._hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addLayout(left, 2)
        layout.addWidget(self._plot, 3)
        layout.addWidget(self._hint, 3)
        self.set_curve(None)

    def _new_plot(self) -> pg.PlotWidget:
        ink = self.palette().color(QPalette.ColorRole.Text)
        plot = pg.PlotWidget(background=self.palette().color(QPalette.ColorRole.Base))
        plot.setLogMode(y=True)
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.setMenuEnabled(False)
        plot.getPlotItem().layout.setContentsMargins(12, 16, 20, 10)
        for side, text in (("left", "loss"), ("bottom", "step")):
            plot.setLabel(side, text)
            plot.getAxis(side).setTextPen(ink)
            plot.getAxis(side).setPen(ink)
        faint = pg.mkColor(_ACCENT)
        faint.setAlpha(90)
        self._every_step = plot.plot(pen=pg.mkPen(faint, width=1), antialias=True)
        self._mean = plot.plot(pen=pg.mkPen(_ACCENT, width=2.5), antialias=True)
        return plot

    def set_folder(self, folder: Path | None) -> None:
        """The folder whose runs are shown."""
        self._folder.setText(_NO_FOLDER if folder is None else str(folder))

    def set_runs(self, rows: Sequence[RunRow], chosen: str | None) -> None:
        """The table; `chosen` is the selected run's name."""
        with QSignalBlocker(self._table):  # a setter announces nothing
            self._table.setRowCount(len(rows))
            for number, row in enumerate(rows):
                loss = f"{row.losses[-1]:.3f}" if len(row.losses) else "–"
                for column, text in enumerate((row.name, row.state, loss)):
                    item = QTableWidgetItem(text)
                    item.setToolTip(row.reason)
                    self._table.setItem(number, column, item)
                if row.name == chosen:
                    self._table.setCurrentCell(number, 0)

    def set_curve(self, row: RunRow | None) -> None:
        """The loss of the chosen run; None empties the plot."""
        steps, losses = (np.zeros(0), np.zeros(0)) if row is None else (row.steps.astype(float), row.losses)
        half = int(_SMOOTHING * len(losses) / 2)
        sums = np.concatenate([[0.0], np.cumsum(losses)])
        low = np.maximum(np.arange(len(losses)) - half, 0)
        high = np.minimum(np.arange(len(losses)) + half + 1, len(losses))
        self._every_step.setData(steps, losses)
        self._mean.setData(steps, (sums[high] - sums[low]) / np.maximum(high - low, 1))
        self._message.setText("" if row is None else row.reason)
        self._plot.setVisible(len(losses) > 0)
        self._hint.setVisible(len(losses) == 0)

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is drawn: steps (N,) and losses (N,)."""
        steps, losses = self._every_step.getOriginalDataset()
        return (np.zeros(0), np.zeros(0)) if steps is None else (steps, losses)

    def set_message(self, sentence: str) -> None:
        """One sentence about what could not be done."""
        self._message.setText(sentence)

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, "The folder that holds your runs")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.folder_chosen.emit(Path(name)))
        dialog.open()

    def _say_run(self, number: int) -> None:
        if number >= 0:
            self.run_chosen.emit(self._table.item(number, 0).text())
