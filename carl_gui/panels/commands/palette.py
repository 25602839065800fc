"""The command palette: type some letters, press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from carl_gui.models.commands import CommandList, CommandRow
from carl_gui.panels.layouts import vbox
from carl_gui.panels.widgets import lettered, named

_WIDTH_LETTERS, _ROWS = 64, 11
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
        self._list = named(QListView(uniformItemSizes=True), self.tr("Commands found"))
        self._list.setModel(self._model)
        self._list.setItemDelegate(_RowDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows move in it while letters go to the query
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._nothing = QLabel(self.tr("No matching command."), alignment=Qt.AlignmentFlag.AlignCenter)
        layout = vbox(self._query, self._list, self._nothing, on=self, margins=8)
        layout.setStretchFactor(self._list, 1)
        layout.setStretchFactor(self._nothing, 1)
        self._query.textChanged.connect(self._narrow)
        self._query.installEventFilter(self)
        self._list.clicked.connect(self._choose)

    def set_commands(self, rows: Sequence[CommandRow], recent: Sequence[str]) -> None:
        """The commands in the order of the menus, and the ids of those used last, newest first."""
        self._model.set_commands(rows, recent)
        self._query.clear()
        self._narrow("")

    def open_over(self, window: QWidget) -> None:
        """Show it at the top of the window, with an empty query."""
        letters, room = self.fontMetrics(), window.size() - QSize(40, 80)
        height = self._query.sizeHint().height() + _ROWS * max(self._list.sizeHintForRow(0), 1) + 28
        self.resize(min(letters.averageCharWidth() * _WIDTH_LETTERS, room.width()), min(height, room.height()))
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 40)))
        self.show()
        self._query.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The query's arrows move in the list and its Enter runs."""
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
        told = self._list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
        self._query.setAccessibleDescription(told or "")  # a screen reader follows the focus, which stays here

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.row(index)
        if row is not None:  # one that is off cannot become the current one
            self.hide()  # before the command runs: it may open something itself
            self.command_selected.emit(row.id)


class _RowDelegate(QStyledItemDelegate):
    """Draws the title with matched letters in bold; category and keys at the right."""

    _MARGIN = 10

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(0, option.fontMetrics.height() + 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        shown.text = ""
        shown.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        row: CommandRow = index.data(CommandList.RowRole)
        on = bool(shown.state & QStyle.StateFlag.State_Selected)
        group = QPalette.ColorGroup.Active if row.is_enabled else QPalette.ColorGroup.Disabled
        ink = shown.palette.color(group, QPalette.ColorRole.HighlightedText if on else QPalette.ColorRole.Text)
        painter.save()
        painter.setPen(ink)
        area = shown.rect.adjusted(self._MARGIN, 0, -self._MARGIN, 0)
        self._draw_title(painter, area, shown.font, row.title, set(index.data(CommandList.PositionsRole)))
        painter.setFont(shown.font)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.keys)
        if row.is_enabled and not on:
            painter.setPen(shown.palette.color(QPalette.ColorRole.PlaceholderText))
        left_of_keys = area.adjusted(0, 0, -shown.fontMetrics.averageCharWidth() * 16, 0)
        painter.drawText(left_of_keys, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.category)
        painter.restore()

    def _draw_title(self, painter: QPainter, area: QRect, font: QFont, title: str, found: set[int]) -> None:
        bold = lettered(font, bold=True)
        left = area.left()
        for at, letter in enumerate(title):
            used = bold if at in found else font
            painter.setFont(used)
            painter.drawText(
                QRect(left, area.top(), area.width(), area.height()), Qt.AlignmentFlag.AlignVCenter, letter
            )
            left += QFontMetrics(used).horizontalAdvance(letter)
