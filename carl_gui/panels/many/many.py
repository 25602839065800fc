"""The Many view, where many videos play at once, aligned with the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from carl_gui.commands.many import COMMANDS
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.explore.right_box import RightBox, right_button
from carl_gui.panels.explore.sure_box import SureBox
from carl_gui.panels.export_box import ExportBox
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.many.cell import GridCell
from carl_gui.panels.many.grid_player import GridPlayer
from carl_gui.panels.many.many_box import ManyBox
from carl_gui.panels.widgets import follow

MOST = 16
"""Cells, the reference's among them."""


@dataclass(frozen=True, slots=True)
class CellWords:
    """The texts of a cell."""

    name: str
    tip: str
    note: str
    details: str = ""
    """More than there is room for."""
    doubt: str = ""
    """The part of the note that is left out last: it may not show the same at all."""


class ManyPanel(QWidget):
    """Displays what `set_*` gives it and its parts; emits the requests of the user."""

    page_requested = Signal(int)
    """1: the next one, -1: the one before."""
    compare_requested = Signal(int)
    reference_requested = Signal(int)
    right_requested = Signal(int)
    """It is right, or is not any more."""
    similar_requested = Signal(int)
    """The place of a cell."""
    similar_spans_requested = Signal(int, int, int)
    """The place of a cell, and frames of the reference: the first one, and the end (exclusive)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Many"))
        self.commands = COMMANDS.actions(self)
        self.player = GridPlayer(MOST)
        self.choice = ManyBox()
        self._line = ElidedLabel()
        self._pages = [self._new_page_button(name, text) for name, text in (("previous_page", "‹"), ("next_page", "›"))]
        self.right_button = right_button(self.commands["choose_right"])
        self._focused = 0
        self._can_say_right = True
        self._lay_out()
        self._connect()
        self.set_cells([])

    def side_with(self, sure: SureBox, right: RightBox, export: ExportBox) -> QWidget:
        """Return what stands at the left: the choice, how sure a match must be, what is right, the exports."""
        side = QWidget()
        side.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        vbox((self.choice, 1), sure, right, export, on=side, spacing=20)
        return side

    def _lay_out(self) -> None:
        vbox(
            hbox((self._line, 1), self.right_button, *self._pages, margins=(8, 4, 6, 4), spacing=4),
            (self.player, 1),
            on=self,
            spacing=0,
        )

    def _new_page_button(self, name: str, text: str) -> QPushButton:
        button = follow(QPushButton(text), self.commands[name])
        button.setFixedSize(QSize(2 * button.fontMetrics().height(), button.sizeHint().height()))
        return button

    def _connect(self) -> None:
        self.commands["next_page"].triggered.connect(lambda: self.page_requested.emit(1))
        self.commands["previous_page"].triggered.connect(lambda: self.page_requested.emit(-1))
        self.commands["compare_cell"].triggered.connect(lambda: self.compare_requested.emit(self._focused))
        self.commands["make_reference"].triggered.connect(lambda: self.reference_requested.emit(self._focused))
        self.commands["say_right"].triggered.connect(lambda: self.right_requested.emit(self._focused))
        self.player.similar_requested.connect(lambda: self.similar_requested.emit(self._focused))
        self.player.similar_spans_requested.connect(
            lambda *span: self.similar_spans_requested.emit(self._focused, *span)
        )
        for place, cell in enumerate(self.cells):
            cell.chosen.connect(lambda place=place: self._choose(place))
            cell.menu_requested.connect(lambda at, place=place: self._show_menu(place, at))

    @property
    def cells(self) -> list[GridCell]:
        """All of them, seen or not."""
        return self.player.grid.cells

    @property
    def line(self) -> str:
        """What stands above the grid."""
        return self._line.full_text

    def set_line(self, line: str) -> None:
        """Set the visible videos."""
        self._line.set_full_text(line)

    def set_pages(self, *, has_previous: bool, has_next: bool) -> None:
        """Set whether there are more videos than are seen."""
        self.commands["previous_page"].setEnabled(has_previous)
        self.commands["next_page"].setEnabled(has_next)
        for button in self._pages:
            button.setVisible(has_previous or has_next)

    def set_cells(self, cells: Sequence[CellWords]) -> None:
        """What is seen, the reference first."""
        self.player.grid.set_count(len(cells))
        for place, words in enumerate(cells):
            self.cells[place].set_video(words.name, words.tip, is_reference=place == 0)
            self.cells[place].set_note(words.note, words.details, words.doubt)
        self._choose(min(self._focused, max(len(cells) - 1, 0)))

    def set_can_say_right(self, can: bool) -> None:
        """Set whether it can be said which videos are right."""
        self._can_say_right = can

    def _choose(self, place: int) -> None:
        self._focused = place
        is_other = 0 < place < len(self.player.grid.seen)
        for name in ("compare_cell", "make_reference"):
            self.commands[name].setEnabled(is_other)
        self.commands["say_right"].setEnabled(self._can_say_right and place < len(self.player.grid.seen))

    def _show_menu(self, place: int, at: QPoint) -> None:
        self._choose(place)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions())
        menu.popup(at)

    def _actions(self) -> list[QAction]:
        """What can be done with a cell."""
        own = [self.commands[name] for name in ("compare_cell", "make_reference")]
        return [*own, self.player.commands["find_similar"], self.commands["say_right"]]
