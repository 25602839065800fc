"""The first page: what this is, the runs of a folder, and how the chosen one learns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.panels.roomy import RoomyDelegate
from carl_gui.runs import RunRow

if TYPE_CHECKING:
    from carl_gui.panels.loss_curve import LossCurve

_LOSS = 2
"""The column of numbers."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TITLE_SIZE = 2.0
"""Times as large as the other text."""
_SIZES = [400, 600]
"""How the list and the curve share the width at first."""


class WelcomePanel(QWidget):
    """Shows what `set_*` gives it; says what the person wants."""

    folder_chosen = Signal(Path)
    run_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = _ElidedLabel()
        self._message = _SelectableLabel()
        self._message.hide()
        self._table = self._new_table()
        self._plot: LossCurve | None = None
        hint = self.tr("No run to show yet. Train one:") + "\n\npython -m core.train VIDEOS --out runs/first"
        self._hint = _SelectableLabel(hint)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        right = QWidget()
        self._right = QStackedLayout(right)
        self._right.addWidget(self._hint)
        splitter = QSplitter(Qt.Orientation.Horizontal, objectName="runs", childrenCollapsible=False, handleWidth=17)
        splitter.addWidget(self._new_left())
        splitter.addWidget(right)
        splitter.setProperty("default_sizes", _SIZES)
        splitter.setSizes(_SIZES)
        for side, stretch in enumerate(_SIZES):
            splitter.setStretchFactor(side, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.addWidget(splitter)
        self.set_folder(None)
        self.set_curve(None)

    def _new_left(self) -> QWidget:
        title = QLabel(self.tr("CARL Studio"))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_SIZE)
        font.setBold(True)
        title.setFont(font)
        purpose = QLabel(
            self.tr("Learn from your own videos which moments belong together, without a single label."), wordWrap=True
        )
        open_folder = QPushButton(self.tr("Open folder of runs…"))
        open_folder.clicked.connect(self.ask_for_folder)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for widget in (title, purpose, open_folder, self._folder, self._table, self._message):
            layout.addWidget(widget)
        layout.setAlignment(open_folder, Qt.AlignmentFlag.AlignLeft)
        layout.setStretchFactor(self._table, 1)
        return left

    def _new_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setAccessibleName(self.tr("Runs of the folder"))
        table.setHorizontalHeaderLabels([self.tr("Run"), self.tr("State"), self.tr("Loss")])
        table.horizontalHeaderItem(_LOSS).setTextAlignment(_RIGHT)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setItemDelegate(RoomyDelegate(table))
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)  # Tab leaves the table
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names of runs differ at their ends
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.currentCellChanged.connect(self._say_run)
        return table

    def set_folder(self, folder: Path | None) -> None:
        """The folder whose runs are shown."""
        self._folder.set_full_text(
            self.tr("Choose the folder that holds your runs.") if folder is None else str(folder)
        )

    def set_runs(self, rows: Sequence[RunRow], chosen: str | None) -> None:
        """The table; `chosen` is the selected run's name."""
        with QSignalBlocker(self._table):  # a setter announces nothing
            self._table.setRowCount(len(rows))
            for number, row in enumerate(rows):
                loss = f"{row.losses[-1]:.3f}" if len(row.losses) else "–"
                for column, text in enumerate((row.name, self._state_text(row.state), loss)):
                    self._set_cell(number, column, text, "\n".join(filter(None, (row.name, row.reason))))
                if row.name == chosen:
                    self._table.setCurrentCell(number, 0)

    def _set_cell(self, row: int, column: int, text: str, tip: str) -> None:
        item = self._table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column == _LOSS:
                item.setTextAlignment(_RIGHT)
            self._table.setItem(row, column, item)
        if (item.text(), item.toolTip()) != (text, tip):  # what did not change is not painted again
            item.setText(text)
            item.setToolTip(tip)

    def _state_text(self, state: str) -> str:
        return {
            "new": self.tr("new"),
            "running": self.tr("running"),
            "stopped": self.tr("stopped"),
            "done": self.tr("done"),
            "failed": self.tr("failed"),
        }.get(state, state)

    def set_curve(self, row: RunRow | None) -> None:
        """The loss of the chosen run; None empties the plot."""
        self.set_message("" if row is None else row.reason)
        if row is not None and len(row.losses):
            self._right.setCurrentWidget(self._made_plot())
            self._made_plot().set_curve(row.steps, row.losses)
        else:
            if self._plot is not None:
                self._plot.set_curve(np.zeros(0, np.int64), np.zeros(0))
            self._right.setCurrentWidget(self._hint)

    def _made_plot(self) -> LossCurve:
        """The plot, made when first needed: pyqtgraph takes as long to import as the rest of the window."""
        if self._plot is None:
            from carl_gui.panels.loss_curve import LossCurve

            self._plot = LossCurve()
            self._right.addWidget(self._plot)
        return self._plot

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is drawn: steps (N,) and losses (N,)."""
        return (np.zeros(0), np.zeros(0)) if self._plot is None else self._plot.curve()

    def set_message(self, sentence: str) -> None:
        """One sentence about what could not be done; empty: none."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    def ask_for_folder(self) -> None:
        """Let the person choose a folder; `folder_chosen` says which."""
        dialog = QFileDialog(self, self.tr("The folder that holds your runs"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.folder_chosen.emit(Path(name)))
        dialog.open()

    def _say_run(self, number: int) -> None:
        if number >= 0:
            self.run_chosen.emit(self._table.item(number, 0).text())


class _ElidedLabel(QLabel):
    """One line; where there is no room for it, its middle is left out and stands in the tip."""

    def __init__(self) -> None:
        super().__init__()
        self._full_text = ""
        self.setMinimumWidth(1)

    def set_full_text(self, text: str) -> None:
        """What to show."""
        self._full_text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width has room for more, or less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full_text, Qt.TextElideMode.ElideMiddle, self.width()))


class _SelectableLabel(QLabel):
    """Text that wraps and can be copied; a word without blanks does not widen the window."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setMinimumWidth(1)
