"""The phases of a project: added, named, coloured, ordered and removed; a double click labels with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QPushButton, QVBoxLayout, QWidget

from carl_gui.models.phases import PhasesModel
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.label.phase_cells import PhaseDelegate
from carl_gui.panels.label.phase_dialogs import ask_for_colour, ask_for_name, ask_to_remove
from carl_gui.panels.section import section_title
from carl_gui.theme import colours_of
from core.project.rows import PhaseRow


class PhaseList(QWidget):
    """Shows what `set_phases` gives it; says what the person wants."""

    label_wanted = Signal(int)
    """The id of a phase, by a double click or Return."""
    add_wanted = Signal(str)
    rename_wanted = Signal(int, str)
    colour_wanted = Signal(int, str)
    order_wanted = Signal(tuple)
    """Ids of all phases."""
    remove_wanted = Signal(int)

    def __init__(self, add: QAction, parent: QWidget | None = None) -> None:
        """`add` is the command that asks for a new phase."""
        super().__init__(parent)
        self._is_read_only = False
        self.model = PhasesModel(self)
        self.view = _PhaseView(self.tr("No phases yet. Add the first one, then mark a stretch of the video as such."))
        self.view.setModel(self.model)
        self.view.setItemDelegate(PhaseDelegate(self.model, self.view))
        self.view.setAccessibleName(self.tr("Phases"))
        self.view.activated.connect(self._say_label)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_buttons())
        self.model.modelReset.connect(self._show_buttons)
        add.triggered.connect(lambda: ask_for_name(self, "", self.add_wanted.emit))
        self._buttons = self._new_buttons(add)
        flow = FlowLayout(gap=6)
        for button in self._buttons.values():
            flow.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(section_title(self.tr("Phases"), self.view))
        layout.addWidget(self.view, 1)
        layout.addLayout(flow)
        self._show_buttons()

    def _new_buttons(self, add: QAction) -> dict[str, QPushButton]:
        wanted: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("add", self.tr("Add…"), self.tr("Add a phase"), add.trigger),
            ("rename", self.tr("Rename…"), self.tr("Rename the phase"), self._rename),
            ("colour", self.tr("Colour…"), self.tr("Colour of the phase"), self._colour),
            ("up", "↑", self.tr("Move the phase up"), lambda: self._move(-1)),
            ("down", "↓", self.tr("Move the phase down"), lambda: self._move(1)),
            ("remove", self.tr("Remove"), self.tr("Remove the phase"), self._remove),
        )
        buttons = {}
        for name, text, tip, act in wanted:
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(text) + 24)
            button.clicked.connect(lambda _=False, act=act: act())
            buttons[name] = button
        return buttons

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """By name: add, rename, colour, up, down, remove."""
        return self._buttons

    @property
    def chosen(self) -> PhaseRow | None:
        """The one that the buttons are about."""
        index = self.view.currentIndex()
        return self.model.phases[index.row()] if index.isValid() else None

    def set_phases(self, rows: Sequence[PhaseRow]) -> None:
        """The phases in order; what is chosen stays so."""
        before = self.chosen
        known = {row.id for row in self.model.phases}
        self.model.set_phases(rows)
        new = [row.id for row in rows if row.id not in known]
        wanted = new[0] if len(new) == 1 and known else before.id if before is not None else -1
        row = self.model.row_of(wanted)
        self.view.setCurrentIndex(self.model.index(row if row >= 0 else 0, 0))
        self._show_buttons()

    def set_read_only(self, is_read_only: bool) -> None:
        """Whether nothing can be changed."""
        self._is_read_only = is_read_only
        self._show_buttons()

    def _show_buttons(self) -> None:
        phase, last = self.chosen, len(self.model.phases) - 1
        row = self.view.currentIndex().row()
        for name, button in self._buttons.items():
            possible = {"add": True, "up": row > 0, "down": phase is not None and row < last}.get(
                name, phase is not None
            )
            button.setEnabled(possible and not self._is_read_only)

    def _say_label(self, index: QModelIndex) -> None:
        self.label_wanted.emit(self.model.phases[index.row()].id)

    def _rename(self) -> None:
        phase = self.chosen
        if phase is not None:
            ask_for_name(self, phase.name, lambda name: self.rename_wanted.emit(phase.id, name))

    def _colour(self) -> None:
        phase = self.chosen
        if phase is not None:
            ask_for_colour(self, phase.colour, lambda colour: self.colour_wanted.emit(phase.id, colour))

    def _move(self, by: int) -> None:
        ids, row = [phase.id for phase in self.model.phases], self.view.currentIndex().row()
        ids.insert(row + by, ids.pop(row))
        self.order_wanted.emit(tuple(ids))

    def _remove(self) -> None:
        phase = self.chosen
        if phase is None:
            return
        if phase.num_spans:
            ask_to_remove(self, phase, lambda: self.remove_wanted.emit(phase.id))
        else:
            self.remove_wanted.emit(phase.id)


class _PhaseView(QListView):
    """A list with a sentence where there is nothing in it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(uniformItemSizes=True)
        self._sentence = sentence
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(colours_of(self.palette()).muted_text)
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            painter.drawText(QRectF(self.viewport().rect()).adjusted(12, 8, -12, -8), self._sentence, option)
            painter.end()
