"""The command palette: type some letters, press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QStyleOptionViewItem, QWidget

from carl_gui.commands.finding import CommandList, CommandRow
from carl_gui.models.rows import Index
from carl_gui.widgets.delegate import LEFT, Cell, RowDelegate
from carl_gui.widgets.factories import list_view, scaled_font
from carl_gui.widgets.layouts import vbox

_WIDTH_LETTERS, _ROWS, _MARGIN = 64, 11, 10
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS - 1, Qt.Key.Key_PageUp: 1 - _ROWS}


class CommandPalette(QFrame):
    """A list over the window, filtered by typing; arrows choose, Enter runs, Esc closes."""

    command_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(self.tr("Search commands"))
        self._query = QLineEdit(placeholderText=self.tr("Search commands"), clearButtonEnabled=True)
        self._query.setAccessibleName(self.tr("Search commands"))
        self._model = CommandList(self)
        self._list = list_view(self._model, _RowDelegate, self.tr("Commands found"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows move in it while letters go to the query
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._nothing = QLabel(self.tr("No matching command."), alignment=Qt.AlignmentFlag.AlignCenter)
        layout = vbox(self._query, self._list, self._nothing, on=self, margins=8)
        layout.setStretchFactor(self._list, 1)
        layout.setStretchFactor(self._nothing, 1)
        self._query.textChanged.connect(self._narrow)
        self._query.installEventFilter(self)
        self._list.clicked.connect(self._choose)

    def set_commands(self, rows: Sequence[CommandRow], recent: Sequence[str]) -> None:
        """Take the commands in the order of the menus, and the ids of those used last, newest first."""
        self._model.set_commands(rows, recent)
        self._query.clear()
        self._narrow("")

    def open_over(self, window: QWidget) -> None:
        """Open at the top of the window, with an empty query."""
        letters, room = self.fontMetrics(), window.size() - QSize(40, 80)
        height = self._query.sizeHint().height() + _ROWS * max(self._list.sizeHintForRow(0), 1) + 28
        self.resize(min(letters.averageCharWidth() * _WIDTH_LETTERS, room.width()), min(height, room.height()))
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 40)))
        self.show()
        self._query.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move in the list by the arrows of the query, and run by its Enter."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _STEPS:
                self._move(_STEPS[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self._list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, query: str) -> None:
        self._model.narrow(query)
        self._list.setVisible(self._model.rowCount() > 0)
        self._nothing.setVisible(self._model.rowCount() == 0)
        self._show_current(0)
        self._list.scrollToTop()

    def _move(self, by: int) -> None:
        row = min(max(self._list.currentIndex().row() + by, 0), self._model.rowCount() - 1)
        self._show_current(row)

    def _show_current(self, row: int) -> None:
        self._list.setCurrentIndex(self._model.index(row))
        description = self._list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
        self._query.setAccessibleDescription(description or "")  # a screen reader follows the focus, which stays here

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.row(index)
        if row is not None:  # one that is off cannot become the current one
            self.hide()  # before the command runs: it may open something itself
            self.command_selected.emit(row.id)


class _RowDelegate(RowDelegate):
    """Draws the title with matched letters in bold; category and keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(0, option.fontMetrics.height() + 12)

    def draw(self, cell: Cell) -> None:
        row: CommandRow = cell.index.data(CommandList.RowRole)
        group = QPalette.ColorGroup.Active if row.is_enabled else QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole.HighlightedText if cell.is_selected else QPalette.ColorRole.Text
        ink, area = cell.option.palette.color(group, role), cell.room(_MARGIN)
        found = set(cell.index.data(CommandList.PositionsRole))
        cell.painter.setPen(ink)
        self._draw_title(cell.painter, area, cell.option.font, row.title, found)
        cell.painter.setFont(cell.option.font)
        cell.note(area, row.keys, 0, ink)
        left_of_keys = area.adjusted(0, 0, -cell.letters.averageCharWidth() * 16, 0)
        cell.note(
            left_of_keys, row.category, 0, cell.ink(QPalette.ColorRole.PlaceholderText) if row.is_enabled else ink
        )

    def _draw_title(self, painter: QPainter, area: QRectF, font: QFont, title: str, found: set[int]) -> None:
        bold, area = scaled_font(font, bold=True), QRectF(area)
        for at, letter in enumerate(title):
            used = bold if at in found else font
            painter.setFont(used)
            painter.drawText(area, LEFT, letter)
            area.moveLeft(area.left() + QFontMetrics(used).horizontalAdvance(letter))
