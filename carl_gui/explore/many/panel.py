"""The view of many videos as a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from carl_gui.explore.many.commands import COMMANDS
from carl_gui.explore.many.grid import GridCell, GridPlayer
from carl_gui.explore.right_panel import RightBox, right_button
from carl_gui.explore.sureness import SureBox
from carl_gui.exporting import ExportBox
from carl_gui.models.rows import Choice
from carl_gui.widgets.combos import WidePopup
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import follow, named
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import hbox, section_title, vbox
from carl_gui.widgets.progress import ProgressBar
from carl_gui.widgets.tick_list import FilteredChoices, TickList


class ManyList(FilteredChoices):
    """A list of videos, filtered by words. A tick is emitted, and shown after `set_state`."""

    check_selected = Signal(int, bool)
    """The id of a video, and whether it plays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._checked: AbstractSet[int] = frozenset()
        self._notes: Mapping[int, str] = {}

    @property
    def visible_ids(self) -> list[int]:
        """The ids of the videos that the filter leaves, in order."""
        return [int(choice.key) for choice in self.rows]

    def set_state(self, checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """Set which of them play, and the notes of those that are aligned."""
        self._checked, self._notes = checked, notes
        self.announce()

    def spoken(self, row: Choice) -> str:
        return f"{row.text} {self._note(row)}".strip()

    def value(self, row: Choice, role: int) -> object:
        return self._note(row) if role == self.NOTE else None

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._checked

    def tick(self, row: Choice, is_ticked: bool) -> None:
        self.check_selected.emit(row.key, is_ticked)

    def _note(self, choice: Choice) -> str:
        return self._notes.get(int(choice.key), "")


BY_NAME, ALIKE, ODD = ORDERS = "name", "alike", "odd"
_BAR_HEIGHT = 8


class _Combo(WidePopup, QComboBox):
    pass


class ManyBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    checks_selected = Signal(list, bool)
    """Ids of videos, and whether they play."""
    order_selected = Signal(str)
    """`BY_NAME`, `ALIKE` or `ODD`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = ManyList(self)
        self._reference = NameCombo(self.tr("Reference"))
        self.reference_selected = self._reference.selected
        """The id of a video."""
        self._field = QLineEdit(placeholderText=self.tr("Search by name or folder"), clearButtonEnabled=True)
        self._field.setAccessibleName(self.tr("Search videos"))
        self._field.textChanged.connect(self.list.set_words)
        self.view = TickList(self.list, self.tr("Videos beside the reference"))
        self.list.check_selected.connect(lambda number, is_checked: self.checks_selected.emit([number], is_checked))
        self._all, self._none = QPushButton(self.tr("All")), QPushButton(self.tr("None"))
        self._all.setToolTip(self.tr("Tick all listed videos"))
        self._none.setToolTip(self.tr("Untick all listed videos"))
        self._all.clicked.connect(lambda: self.checks_selected.emit(self.list.visible_ids, True))
        self._none.clicked.connect(lambda: self.checks_selected.emit(self.list.visible_ids, False))
        self._order = named(_Combo(), self.tr("Order of the videos"))
        self._order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        order_texts = {
            BY_NAME: self.tr("By name"),
            ALIKE: self.tr("Most similar first"),
            ODD: self.tr("Least similar first"),
        }
        for order, text in order_texts.items():
            self._order.addItem(text, order)
        self._order.activated.connect(lambda row: self.order_selected.emit(self._order.itemData(row)))
        self._line = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._line.setMinimumWidth(1)
        self._bar = named(ProgressBar(), self.tr("Aligning"))
        self._lay_out()
        self.set_progress(0, 0)

    def _lay_out(self) -> None:
        vbox(
            section_title(self.tr("Reference"), self._reference),
            self._reference,
            12,
            section_title(self.tr("Beside it"), self.view),
            self._field,
            (self.view, 1),
            hbox((self._all, 1), (self._none, 1), spacing=6),
            self._order,
            self._bar,
            self._line,
            on=self,
            spacing=6,
        )

    def set_videos(self, choices: Sequence[Choice], reference: int | None) -> None:
        """Set all videos by name, and which one is the reference."""
        self._reference.set_choices(choices, reference)

    def set_others(self, choices: Sequence[Choice], checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """Set all but the reference, in order, which of them play, and the notes of those that are aligned."""
        self.list.set_choices(choices)
        self.list.set_state(checked, notes)
        for widget in (self._all, self._none, self._order, self._field):
            widget.setEnabled(bool(choices))

    def set_order(self, order: str) -> None:
        """Set the order of the videos."""
        with QSignalBlocker(self._order):
            self._order.setCurrentIndex(self._order.findData(order))

    def set_progress(self, done: int, total: int) -> None:
        """Set how many of those that play are aligned."""
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._bar.setVisible(done < total)
        if done < total:
            self.set_line(self.tr("Aligning: {0} of {1}").format(done, total))

    def set_line(self, line: str) -> None:
        """Set the remark on the alignment; empty: none."""
        self._line.setText(line)
        self._line.setVisible(bool(line))

    @property
    def line(self) -> str:
        """The remark on the alignment."""
        return self._line.text()


MAX_CELLS = 16
"""The number of cells, including the reference's."""


@dataclass(frozen=True, slots=True)
class CellTexts:
    """The texts of a cell."""

    name: str
    tip: str
    note: str
    details: str = ""
    """The longer text, for the tooltip."""
    doubt: str = ""
    """The part of the note that is left out last: it may not show the same at all."""


class ManyPanel(QWidget):
    """Displays what `set_*` gives it and its parts; emits the requests of the user."""

    page_requested = Signal(int)
    """1: the next one, -1: the one before."""
    compare_requested = Signal(int)
    reference_requested = Signal(int)
    right_requested = Signal(int)
    """Mark the cell's video as right, or no longer."""
    similar_requested = Signal(int)
    """The index of a cell."""
    similar_spans_requested = Signal(int, int, int)
    """The index of a cell, and frames of the reference: the first one, and the end (exclusive)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Many"))
        self.commands = COMMANDS.actions(self)
        self.player = GridPlayer(MAX_CELLS)
        self.choice = ManyBox()
        self._line = ElidedLabel()
        self._pages = [self._new_page_button(name, text) for name, text in (("previous_page", "‹"), ("next_page", "›"))]
        self.right_button = right_button(self.commands["choose_right"])
        self._focused = 0
        self._can_mark_right = True
        self._lay_out()
        self._connect()
        self.set_cells([])

    def side_with(self, sureness: SureBox, right: RightBox, export: ExportBox) -> QWidget:
        """Return the side bar: the videos, how sure a match must be, what is right, the exports."""
        side = QWidget()
        side.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        vbox((self.choice, 1), sureness, right, export, on=side, spacing=20)
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
        for index, cell in enumerate(self.cells):
            cell.focused.connect(lambda index=index: self._choose(index))
            cell.menu_requested.connect(lambda at, index=index: self._show_menu(index, at))

    @property
    def cells(self) -> list[GridCell]:
        """All cells, visible or not."""
        return self.player.grid.cells

    @property
    def line(self) -> str:
        """The text above the grid."""
        return self._line.full_text

    def set_line(self, line: str) -> None:
        """Set the text above the grid."""
        self._line.set_full_text(line)

    def set_pages(self, *, has_previous: bool, has_next: bool) -> None:
        """Set whether there are more videos than visible cells."""
        self.commands["previous_page"].setEnabled(has_previous)
        self.commands["next_page"].setEnabled(has_next)
        for button in self._pages:
            button.setVisible(has_previous or has_next)

    def set_cells(self, cells: Sequence[CellTexts]) -> None:
        """Set the texts of the visible cells, the reference first."""
        self.player.grid.set_count(len(cells))
        for index, texts in enumerate(cells):
            self.cells[index].set_video(texts.name, texts.tip, is_reference=index == 0)
            self.cells[index].set_note(texts.note, texts.details, texts.doubt)
        self._choose(min(self._focused, max(len(cells) - 1, 0)))

    def set_can_mark_right(self, can: bool) -> None:
        """Set whether it can be said which videos are right."""
        self._can_mark_right = can

    def _choose(self, index: int) -> None:
        self._focused = index
        is_other = 0 < index < len(self.player.grid.visible_cells)
        for name in ("compare_cell", "make_reference"):
            self.commands[name].setEnabled(is_other)
        self.commands["say_right"].setEnabled(self._can_mark_right and index < len(self.player.grid.visible_cells))

    def _show_menu(self, index: int, at: QPoint) -> None:
        self._choose(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions())
        menu.popup(at)

    def _actions(self) -> list[QAction]:
        """Return the actions of a cell's menu."""
        own = [self.commands[name] for name in ("compare_cell", "make_reference")]
        return [*own, self.player.commands["find_similar"], self.commands["say_right"]]
