"""The runs of a project: their status, which are compared, and actions on them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
    QWidget,
)

from carl_gui.models.runs import UNDER_WAY, RunRow, RunSlots, drawn_runs
from carl_gui.train.run_cells import (
    COMPARE,
    CREATED,
    FIGURES,
    LOSS,
    NAME,
    STATE,
    CompareDelegate,
    NumberDelegate,
    RunTable,
    RunTableView,
    StateDelegate,
    TailDelegate,
)
from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.factories import named, scaled_font
from carl_gui.widgets.layouts import hbox, vbox

_FIRST_TO_GO = (CREATED, FIGURES, LOSS)
"""Columns that a narrow list does without."""
_NAME_LETTERS, _FIGURES_LETTERS = 14, 16
"""Letters that are left of a long text at least."""
_LEAST_LETTERS = 10
"""Of a name in the narrowest list."""


class RunList(QWidget):
    """Displays what `set_runs` gives it; emits the requests of the user."""

    run_selected = Signal(str)
    compared_changed = Signal(tuple)
    """Names of the runs to compare, in the order in which they were ticked."""
    resume_requested = Signal(str)
    stop_requested = Signal(str)
    reveal_requested = Signal(str)
    copy_requested = Signal(str)
    """The path of this run."""
    further_requested = Signal(str)
    """Begin a run with the weights of this one."""
    reuse_requested = Signal(str)
    """The settings of this run for a new one."""
    delete_requested = Signal(str)
    """The person was asked, and is sure."""
    new_requested = Signal()

    def __init__(self, slots: RunSlots | None = None, parent: QWidget | None = None) -> None:
        """`slots` is shared with the curves, so that a run has the same colour in both."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Runs"))
        self._slots = slots or RunSlots()
        self._compared: tuple[str, ...] = ()
        self._is_setting = False
        """A setter announces nothing."""
        self._model = RunTable(self)
        self._sorted = QSortFilterProxyModel(self, dynamicSortFilter=False, sortRole=RunTable.SortRole)
        self._sorted.setSourceModel(self._model)
        self._compare_cells, self._state_cells = CompareDelegate(self), StateDelegate(self)
        letters = self.fontMetrics()
        self._widths = {
            COMPARE: self._compare_cells.width(),
            STATE: letters.horizontalAdvance("Stopped 100 %") + 28,
            LOSS: letters.horizontalAdvance("−0.000e+00") + 12,
            CREATED: letters.horizontalAdvance("0000-00-00 00:00") + 20,
        }
        self._table = self._new_table()
        self._model.ticked.connect(self._on_ticked)
        self._table.selectionModel().currentRowChanged.connect(self._on_current_changed)
        title = QLabel(self.tr("Runs"))
        title.setFont(scaled_font(title.font(), bold=True))
        self._new = QPushButton(self.tr("New run"))
        self._new.setToolTip(self.tr("Set up another run with fresh settings"))
        self._new.clicked.connect(self.new_requested)
        self._empty = QLabel(self.tr("No run yet. Set one up on the right, then start training."), wordWrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(24, 24, 24, 24)
        self._stack = QStackedLayout()
        self.setMinimumWidth(self._widths[COMPARE] + self._widths[STATE] + letters.averageCharWidth() * _LEAST_LETTERS)
        vbox(hbox((title, 1), self._new), (self._stack, 1), on=self, margins=(8, 10, 0, 6), spacing=6)
        self._stack.addWidget(self._empty)  # once the stack is in the window: else it is one of its own for a moment
        self._stack.addWidget(self._table)
        self.set_runs([], None, ())

    def _new_table(self) -> RunTableView:
        table = named(RunTableView(self), self.tr("Runs"))
        table.setModel(self._sorted)
        table.setAccessibleDescription(self.tr("Space ticks a run, so that its curves are compared"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setTabKeyNavigation(False)  # Tab leaves the table
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setAlternatingRowColors(True)
        table.setItemDelegate(PaddedDelegate(table))
        table.setItemDelegateForColumn(COMPARE, self._compare_cells)
        table.setItemDelegateForColumn(STATE, self._state_cells)
        table.setItemDelegateForColumn(LOSS, NumberDelegate(table))
        table.setItemDelegateForColumn(FIGURES, TailDelegate(table))
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 16)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column in (NAME, FIGURES):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in self._widths.items():
            table.setColumnWidth(column, width)
        table.setSortingEnabled(True)
        table.sortByColumn(CREATED, Qt.SortOrder.DescendingOrder)
        table.menu_requested.connect(self._show_menu)
        table.delete_pressed.connect(lambda: self._ask_to_delete(self._current()))
        return table

    @property
    def table(self) -> QWidget:
        """Where one goes from run to run."""
        return self._table

    def set_runs(self, rows: Sequence[RunRow], chosen: str | None, compared: Sequence[str]) -> None:
        """Show the runs, newest first unless the person sorts otherwise.

        Args:
            chosen: the selected run's name; None: none.
            compared: those that are ticked, in the order of ticking.
        """
        self._is_setting = True
        self._compared = tuple(compared)
        has_moved = self._model.update_rows(rows)
        self._model.set_compared(compared)
        names = {row.name for row in rows}
        drawn = [name for name in drawn_runs(chosen, compared) if name in names]
        if self._compare_cells.set_slots(self._slots.assign(drawn)):
            self._table.viewport().update()
        if has_moved:  # not at every new loss: rows that one wants to click would run away
            header = self._table.horizontalHeader()
            self._sorted.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._choose(chosen)
        self._stack.setCurrentIndex(1 if rows else 0)
        self._is_setting = False

    def _choose(self, name: str | None) -> None:
        current = self._current()
        if (None if current is None else current.name) == name:
            return
        index = next((index for index, row in enumerate(self._model.rows) if row.name == name), None)
        if index is None:
            self._table.clearSelection()
            self._table.setCurrentIndex(self._sorted.index(-1, -1))
        else:
            self._table.setCurrentIndex(self._sorted.mapFromSource(self._model.index(index, NAME)))

    def _current(self) -> RunRow | None:
        index = self._table.currentIndex()
        return index.data(RunTable.RowRole) if index.isValid() else None

    def _on_current_changed(self) -> None:
        row = self._current()
        if row is not None and not self._is_setting:
            self.run_selected.emit(row.name)

    def _on_ticked(self, name: str, is_compared: bool) -> None:
        others = tuple(one for one in self._compared if one != name)
        self.compared_changed.emit((*others, name) if is_compared else others)

    def _show_menu(self, position: QPoint) -> None:
        row = self._current()
        if row is not None:
            menu = self.menu_of(row)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(position)

    def menu_of(self, row: RunRow) -> QMenu:
        """Return what can be done with a run."""
        menu = QMenu(self)
        is_busy = row.state in UNDER_WAY
        signals = (
            (self.tr("Resume"), self.resume_requested, row.is_resumable and not is_busy),
            (self.tr("Stop"), self.stop_requested, row.is_steerable and is_busy),
            (self.tr("Train further"), self.further_requested, row.state in ("done", "stopped")),
            (self.tr("Use these settings for a new run"), self.reuse_requested, True),
            None,
            (self.tr("Show in folder"), self.reveal_requested, True),
            (self.tr("Copy path"), self.copy_requested, True),
            None,
        )
        for entry in signals:
            if entry is None:
                menu.addSeparator()
                continue
            text, signal, is_enabled = entry
            action = menu.addAction(text)
            action.setEnabled(is_enabled)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit(row.name))
        delete = menu.addAction(self.tr("Delete…"))
        delete.setEnabled(not is_busy)
        delete.triggered.connect(lambda: self._ask_to_delete(row))
        return menu

    def _ask_to_delete(self, row: RunRow | None) -> None:
        if row is None or row.state in UNDER_WAY:
            return
        text = self.tr("Delete run {0}?").format(row.name)
        asked = QMessageBox(QMessageBox.Icon.Warning, self.tr("Delete run"), text, parent=self)
        asked.setTextFormat(Qt.TextFormat.PlainText)
        asked.setInformativeText(self.tr("Its folder, with checkpoints, curves and log, moves to the bin."))
        delete = asked.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = asked.addButton(QMessageBox.StandardButton.Cancel)
        asked.setDefaultButton(keep)
        asked.setEscapeButton(keep)
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(lambda: self.delete_requested.emit(row.name))
        asked.open()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Hide the less important columns in a narrow list."""
        super().resizeEvent(event)
        letter = self.fontMetrics().averageCharWidth()
        widths = self._widths | {NAME: _NAME_LETTERS * letter, FIGURES: _FIGURES_LETTERS * letter}
        needed = sum(widths.values())
        for column in _FIRST_TO_GO:
            is_hidden = needed > self.width()
            self._table.setColumnHidden(column, is_hidden)
            needed -= widths[column] if is_hidden else 0
