"""The list of phases: add, rename, colour, reorder and remove; double-click to label with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.models.phases import PhasesModel
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.label.phase_cells import PhaseDelegate
from carl_gui.panels.label.phase_dialogs import ask_for_colour, ask_for_name, ask_for_other, ask_to_remove
from carl_gui.panels.label.phase_view import PhaseView
from carl_gui.panels.layouts import vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import named
from core.project.rows import PhaseRow


class PhaseList(QWidget):
    """Displays what `set_phases` gives it; emits the requests of the user."""

    label_requested = Signal(int)
    """The id of a phase, by a double click or Return."""
    add_requested = Signal(str)
    rename_requested = Signal(int, str)
    colour_requested = Signal(int, str)
    order_requested = Signal(tuple)
    """Ids of all phases."""
    remove_requested = Signal(int)
    merge_requested = Signal(int, int)
    """The id of the phase that goes, and of the one that takes its labels."""
    chosen_changed = Signal()
    """Another phase is the one that drawing makes."""

    def __init__(self, add: QAction, parent: QWidget | None = None) -> None:
        """`add` is the command that asks for a new phase."""
        super().__init__(parent)
        self._is_read_only = False
        self.model = PhasesModel(self)
        self.view = PhaseView(self.tr("No phases yet. Add one, then mark it on the timeline."))
        self.view.setModel(self.model)
        self.view.setItemDelegate(PhaseDelegate(self.model, self.view))
        self.view.setAccessibleName(self.tr("Phases"))
        self.view.activated.connect(self._say_label)
        self.view.moved.connect(self._move)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_buttons())
        self.view.selectionModel().currentChanged.connect(lambda *_: self.chosen_changed.emit())
        self.model.modelReset.connect(self._show_buttons)
        add.triggered.connect(lambda: ask_for_name(self, "", self.add_requested.emit))
        self._buttons = self._new_buttons(add)
        flow = FlowLayout(gap=6)
        for button in self._buttons.values():
            flow.addWidget(button)
        vbox(section_title(self.tr("Phases"), self.view), (self.view, 1), flow, on=self, spacing=6)
        self._show_buttons()

    def _new_buttons(self, add: QAction) -> dict[str, QPushButton]:
        wanted: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("add", self.tr("Add…"), self.tr("Add phase"), add.trigger),
            ("rename", self.tr("Rename…"), self.tr("Rename phase"), self._rename),
            ("colour", self.tr("Colour…"), self.tr("Phase colour"), self._colour),
            ("up", "↑", self.tr("Move phase up (Alt+Up)"), lambda: self._move_by(-1)),
            ("down", "↓", self.tr("Move phase down (Alt+Down)"), lambda: self._move_by(1)),
            ("merge", self.tr("Merge…"), self.tr("Merge phase into another"), self._merge),
            ("remove", self.tr("Remove"), self.tr("Remove phase"), self._remove),
        )
        buttons = {}
        for name, text, tip, act in wanted:
            button = named(QPushButton(text), tip, tip)
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(text) + 24)
            button.clicked.connect(lambda _=False, act=act: act())
            buttons[name] = button
        return buttons

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """By name: add, rename, colour, up, down, merge, remove."""
        return self._buttons

    @property
    def chosen(self) -> PhaseRow | None:
        """The one that the buttons are about."""
        index = self.view.currentIndex()
        return self.model.rows[index.row()] if index.isValid() else None

    def choose(self, phase_id: int) -> None:
        """Make that phase the one that the buttons and drawing are about."""
        self.view.setCurrentIndex(self.model.index(self.model.row_of(phase_id), 0))

    def set_phases(self, rows: Sequence[PhaseRow]) -> None:
        """The phases in order; what is chosen stays so."""
        before = self.chosen
        known = {row.id for row in self.model.rows}
        self.model.set_rows(rows)
        new = [row.id for row in rows if row.id not in known]
        wanted = new[0] if len(new) == 1 and known else before.id if before is not None else -1
        row = self.model.row_of(wanted)
        self.view.setCurrentIndex(self.model.index(row if row >= 0 else 0, 0))
        self._show_buttons()

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._is_read_only = self.view.is_fixed = is_read_only
        self._show_buttons()

    def _show_buttons(self) -> None:
        phase, last = self.chosen, len(self.model.rows) - 1
        row = self.view.currentIndex().row()
        for name, button in self._buttons.items():
            possible = {"add": True, "up": row > 0, "down": phase is not None and row < last, "merge": last > 0}.get(
                name, phase is not None
            )
            button.setEnabled(possible and not self._is_read_only)

    def _say_label(self, index: QModelIndex) -> None:
        self.label_requested.emit(self.model.rows[index.row()].id)

    def _rename(self) -> None:
        phase = self.chosen
        if phase is not None:
            ask_for_name(self, phase.name, lambda name: self.rename_requested.emit(phase.id, name))

    def _colour(self) -> None:
        phase = self.chosen
        if phase is not None:
            ask_for_colour(self, phase.colour, lambda colour: self.colour_requested.emit(phase.id, colour))

    def _move_by(self, by: int) -> None:
        row = self.view.currentIndex().row()
        if 0 <= row + by < len(self.model.rows):
            self._move(row, row + by)

    def _move(self, row: int, to_row: int) -> None:
        ids = [phase.id for phase in self.model.rows]
        ids.insert(to_row, ids.pop(row))
        self.order_requested.emit(tuple(ids))

    def _merge(self) -> None:
        phase = self.chosen
        if phase is not None:
            others = [other for other in self.model.rows if other.id != phase.id]
            ask_for_other(self, phase, others, lambda other: self.merge_requested.emit(phase.id, other))

    def _remove(self) -> None:
        phase = self.chosen
        if phase is None:
            return
        if phase.num_spans:
            ask_to_remove(self, phase, lambda: self.remove_requested.emit(phase.id))
        else:
            self.remove_requested.emit(phase.id)
