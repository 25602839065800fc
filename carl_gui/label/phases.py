"""The list of phases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QColorDialog,
    QInputDialog,
    QListView,
    QMessageBox,
    QPushButton,
    QWidget,
)

from carl_gui.label.commands import NUMBERED
from carl_gui.models.messages import displayable
from carl_gui.models.rows import RowsModel
from carl_gui.numbers import count
from carl_gui.theme import colours_of
from carl_gui.widgets.delegate import Cell, RowDelegate
from carl_gui.widgets.factories import named
from carl_gui.widgets.layouts import FlowLayout, section_title, vbox
from core.project.rows import PhaseRow


class PhasesModel(RowsModel[PhaseRow]):
    """The phases in their order."""

    def key(self, row: PhaseRow) -> int:
        return row.id

    def text(self, row: PhaseRow) -> str:
        return displayable(row.name)

    def spoken(self, row: PhaseRow) -> str:
        number = row.num_spans  # `pyside6-lupdate` finds no text whose number is an expression
        spoken = QCoreApplication.translate("Phases", "{0}, phase {1}, %n label(s)", "", number)
        return spoken.format(displayable(row.name), self.row_of(row.id) + 1)


_MOST_LETTERS = 60
"""Of a name within a sentence."""


def ask_for_name(parent: QWidget, now: str, on_chosen: Callable[[str], object]) -> None:
    """Let the person type the name of a phase; `now` is its name so far, empty for a new one."""
    translate = QCoreApplication.translate
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Phases", "Rename phase") if now else translate("Phases", "Add phase"))
    dialog.setLabelText(translate("Phases", "Phase name (e.g. reach)"))
    dialog.setTextValue(displayable(now))
    dialog.textValueSelected.connect(
        lambda text: on_chosen(text) if text.strip() and text != displayable(now) else None
    )
    dialog.open()


def ask_for_colour(parent: QWidget, now: str, on_chosen: Callable[[str], object]) -> None:
    """Let the person choose a colour, `#rrggbb`."""
    dialog = QColorDialog(QColor(now), parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(QCoreApplication.translate("Phases", "Phase colour"))
    dialog.colorSelected.connect(lambda colour: on_chosen(colour.name()) if colour.name() != now else None)
    dialog.open()


def ask_for_merge_target(
    parent: QWidget, phase: PhaseRow, others: Sequence[PhaseRow], on_chosen: Callable[[int], object]
) -> None:
    """Let the person choose the phase into which this one is merged; `on_chosen` gets its id."""
    translate = QCoreApplication.translate
    names = [displayable(other.name) for other in others]
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Phases", "Merge phase into another"))
    number = phase.num_spans
    template = translate("Phases", "Merge “{0}” and its %n label(s) into:", "", number)
    dialog.setLabelText(template.format(_short(phase.name)))
    dialog.setOption(QInputDialog.InputDialogOption.UseListViewForComboBoxItems)
    dialog.setComboBoxItems(names)
    dialog.setOkButtonText(translate("Phases", "&Merge"))
    dialog.textValueSelected.connect(lambda name: on_chosen(others[names.index(name)].id))
    dialog.open()


def _short(name: str) -> str:
    name = displayable(name)
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS // 2]}…{name[-_MOST_LETTERS // 2 :]}"


def ask_to_remove(parent: QWidget, phase: PhaseRow, remove: Callable[[], object]) -> None:
    """Ask whether its labels may go with a phase."""
    translate = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(translate("Phases", "Remove phase"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    number = phase.num_spans
    box.setText(translate("Phases", "Remove “{0}” and its %n label(s)?", "", number).format(_short(phase.name)))
    box.setInformativeText(translate("Phases", "Undo restores them."))
    button = box.addButton(translate("Phases", "&Remove"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(button)
    box.buttonClicked.connect(lambda chosen: remove() if chosen is button else None)
    box.open()


class PhaseView(QListView):
    """A list with a sentence if empty. Only emits moves; does not perform them."""

    moved = Signal(int, int)
    """The row that is moved, and the one that it becomes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(uniformItemSizes=True)
        self._sentence = sentence
        self.is_fixed = False
        """Whether rows stay where they are."""
        self._pressed: QPoint | None = None
        self._gap: int | None = None
        """Before which row what is dragged would come."""
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        colours = colours_of(self.palette())
        rows = self.model().rowCount()
        if rows == 0:
            painter.setPen(QColor(colours.muted_text))
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            painter.drawText(QRectF(self.viewport().rect()).adjusted(12, 8, -12, -8), self._sentence, option)
        elif self._gap is not None:
            last = self.visualRect(self.model().index(rows - 1, 0)).bottom()
            y = last if self._gap == rows else self.visualRect(self.model().index(self._gap, 0)).top()
            painter.setPen(QPen(QColor(colours.curve), 3))
            painter.drawLine(4, y, self.viewport().width() - 4, y)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(event)
        at = event.position().toPoint()
        is_taken = event.button() == Qt.MouseButton.LeftButton and not self.is_fixed and self.indexAt(at).isValid()
        self._pressed = at if is_taken else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        at = event.position().toPoint()
        if self._gap is not None or abs(at.y() - self._pressed.y()) >= QApplication.startDragDistance():
            self._gap = self._gap_at(at)
            self.scrollTo(self.model().index(min(self._gap, self.model().rowCount() - 1), 0))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        gap, pressed = self._gap, self._pressed
        self._end_drag()
        if gap is not None and pressed is not None:
            row = self.currentIndex().row()
            to_row = gap - 1 if gap > row else gap
            if to_row != row:
                self.moved.emit(row, to_row)

    def event(self, event: QEvent) -> bool:
        """Reserve Escape for a row that is being dragged."""
        is_shortcut_override = event.type() == QEvent.Type.ShortcutOverride and self._gap is not None
        if is_shortcut_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self._gap is not None:
            self._end_drag()
            return
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        row = self.currentIndex().row()
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and by and not self.is_fixed:
            if 0 <= row + by < self.model().rowCount():
                self.moved.emit(row, row + by)
            return
        super().keyPressEvent(event)

    def _gap_at(self, at: QPoint) -> int:
        index = self.indexAt(QPoint(4, min(max(at.y(), 0), self.viewport().height() - 1)))
        if not index.isValid():
            return self.model().rowCount() if at.y() > 0 else 0
        return index.row() + (at.y() > self.visualRect(index).center().y())

    def _end_drag(self) -> None:
        self._pressed = self._gap = None
        self.unsetCursor()
        self.viewport().update()


_SIDE, _GAP = 14, 9


class PhaseDelegate(RowDelegate):
    """Draws rows of a `PhasesModel`."""

    lines = 1.8

    def __init__(self, model: PhasesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def draw(self, cell: Cell) -> None:
        position, painter = cell.index.row(), cell.painter
        row, room = self._model.rows[position], cell.room(_GAP)
        cell.write(room, str(position + 1) if position < NUMBERED else "", cell.ink(cell.colours.muted_text))
        room.setLeft(room.left() + cell.letters.horizontalAdvance("0") + _GAP)
        swatch = QRectF(room.left(), room.center().y() - _SIDE / 2, _SIDE, _SIDE)
        painter.setBrush(QColor(row.colour))
        painter.setPen(QColor(cell.colours.border))
        painter.drawRoundedRect(swatch, 3, 3)
        room.setLeft(swatch.right() + _GAP)
        cell.write(cell.note(room, count(row.num_spans), _GAP), str(cell.index.data()))


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
        self.view.activated.connect(self._on_activated)
        self.view.moved.connect(self._move)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._update_buttons())
        self.view.selectionModel().currentChanged.connect(lambda *_: self.chosen_changed.emit())
        self.model.modelReset.connect(self._update_buttons)
        add.triggered.connect(lambda: ask_for_name(self, "", self.add_requested.emit))
        self._buttons = self._new_buttons(add)
        flow = FlowLayout(gap=6)
        for button in self._buttons.values():
            flow.addWidget(button)
        vbox(section_title(self.tr("Phases"), self.view), (self.view, 1), flow, on=self, spacing=6)
        self._update_buttons()

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
        """Set the phases in order; the chosen one stays chosen."""
        before = self.chosen
        known = {row.id for row in self.model.rows}
        self.model.set_rows(rows)
        new = [row.id for row in rows if row.id not in known]
        wanted = new[0] if len(new) == 1 and known else before.id if before is not None else -1
        row = self.model.row_of(wanted)
        self.view.setCurrentIndex(self.model.index(row if row >= 0 else 0, 0))
        self._update_buttons()

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._is_read_only = self.view.is_fixed = is_read_only
        self._update_buttons()

    def _update_buttons(self) -> None:
        phase, last = self.chosen, len(self.model.rows) - 1
        row = self.view.currentIndex().row()
        for name, button in self._buttons.items():
            possible = {"add": True, "up": row > 0, "down": phase is not None and row < last, "merge": last > 0}.get(
                name, phase is not None
            )
            button.setEnabled(possible and not self._is_read_only)

    def _on_activated(self, index: QModelIndex) -> None:
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
            ask_for_merge_target(self, phase, others, lambda other: self.merge_requested.emit(phase.id, other))

    def _remove(self) -> None:
        phase = self.chosen
        if phase is None:
            return
        if phase.num_spans:
            ask_to_remove(self, phase, lambda: self.remove_requested.emit(phase.id))
        else:
            self.remove_requested.emit(phase.id)
