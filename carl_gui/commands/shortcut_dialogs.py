"""The sheet of all shortcuts, and their editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from carl_gui.commands.finding import CommandRow
from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.factories import named, scaled_font
from carl_gui.widgets.layouts import hbox, vbox


class ShortcutSheet(QDialog):
    """The commands that have a key, by menu."""

    edit_requested = Signal()

    def __init__(self, rows: Sequence[CommandRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        scroll = named(QScrollArea(widgetResizable=True), self.tr("Keyboard shortcuts"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        sheet = _sheet([row for row in rows if row.keys])
        scroll.setWidget(sheet)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        edit = buttons.addButton(self.tr("&Edit…"), QDialogButtonBox.ButtonRole.ActionRole)
        edit.setAccessibleName(self.tr("Edit keyboard shortcuts"))
        edit.clicked.connect(self._edit)
        buttons.rejected.connect(self.close)
        vbox((scroll, 1), buttons, on=self, margins=None)
        self.resize(sheet.sizeHint().width() + 60, min(sheet.sizeHint().height() + 80, 640))
        scroll.setFocus()

    def _edit(self) -> None:
        self.close()
        self.edit_requested.emit()


def _sheet(rows: Sequence[CommandRow]) -> QWidget:
    """Return two columns of menus, filled evenly."""
    sheet = QWidget()
    columns = hbox(on=sheet, margins=None, spacing=48)
    grids = [QGridLayout(), QGridLayout()]
    filled = [0, 0]
    for category, members in groupby(rows, key=lambda row: row.category):
        column = 0 if filled[0] <= filled[1] else 1
        filled[column] = _fill(grids[column], filled[column], category, list(members))
    for grid, rows_used in zip(grids, filled, strict=True):
        grid.setRowStretch(rows_used, 1)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        columns.addLayout(grid, 1)
    return sheet


def _fill(grid: QGridLayout, at: int, category: str, members: Sequence[CommandRow]) -> int:
    heading = QLabel(category)
    heading.setFont(scaled_font(heading.font(), bold=True))
    heading.setContentsMargins(0, 12 if at else 0, 0, 0)
    grid.addWidget(heading, at, 0, 1, 2)
    for offset, row in enumerate(members, 1):
        keys = QLabel(row.keys, alignment=Qt.AlignmentFlag.AlignCenter)
        keys.setFrameShape(QFrame.Shape.StyledPanel)
        keys.setContentsMargins(6, 1, 6, 1)
        keys.setAutoFillBackground(True)
        keys.setBackgroundRole(QPalette.ColorRole.Base)
        grid.addWidget(QLabel(row.title), at + offset, 0)
        grid.addWidget(keys, at + offset, 1, Qt.AlignmentFlag.AlignRight)
    return at + 1 + len(members)


_ID = Qt.ItemDataRole.UserRole
_ROWS_HIGH = 24


class ShortcutEditor(QDialog):
    """Every command with its key; that of the selected one can be replaced, removed and reset.

    `conflict_of(id, keys)` names the other command that these keys run, or is empty.
    """

    keys_selected = Signal(str, QKeySequence)
    reset_requested = Signal(str)
    reset_all_requested = Signal()

    def __init__(self, conflict_of: Callable[[str, QKeySequence], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._conflict_of = conflict_of
        self._rows: dict[str, CommandRow] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Edit keyboard shortcuts"))
        self._filter = QLineEdit(placeholderText=self.tr("Filter commands"), clearButtonEnabled=True)
        self._filter.setAccessibleName(self.tr("Filter commands"))
        self._tree = self._new_tree()
        self._keys = named(QKeySequenceEdit(maximumSequenceLength=1), self.tr("Press the new keys"))
        self._assign = QPushButton(self.tr("&Assign"))
        self._remove = QPushButton(self.tr("Re&move"))
        self._reset = QPushButton(self.tr("&Reset"))
        self._reset_all = QPushButton(self.tr("Reset a&ll"))
        self._hint = QLabel(wordWrap=True)
        self._hint.setMinimumHeight(self.fontMetrics().lineSpacing() * 2)
        self._lay_out()
        self._connect()
        self._show_choice()

    def set_commands(self, rows: Sequence[CommandRow]) -> None:
        """Show all commands; the selected one stays selected."""
        chosen = self._selected_id()
        self._rows = {row.id: row for row in rows}
        with QSignalBlocker(self._tree):  # a setter announces nothing
            self._tree.clear()
            for row in rows:
                item = QTreeWidgetItem(self._tree, [f"{row.category}: {row.title}", row.keys])
                item.setData(0, _ID, row.id)
                font = item.font(0)
                font.setBold(row.is_changed)
                for column in (0, 1):
                    item.setFont(column, font)
                if row.id == chosen:
                    self._tree.setCurrentItem(item)
        self._narrow(self._filter.text())
        self._reset_all.setEnabled(any(row.is_changed for row in rows))
        self._show_choice()

    def _new_tree(self) -> QTreeWidget:
        tree = named(QTreeWidget(columnCount=2), self.tr("Commands and their keys"))
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setItemDelegate(PaddedDelegate(tree))
        tree.setHeaderLabels([self.tr("Command"), self.tr("Keys")])
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _lay_out(self) -> None:
        label = QLabel(self.tr("&New keys:"))
        label.setBuddy(self._keys)
        line = hbox(label, self._keys, self._assign, self._remove, self._reset)
        line.setStretchFactor(self._keys, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._reset_all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.close)
        for button in (*buttons.findChildren(QPushButton), self._assign, self._remove, self._reset):
            button.setAutoDefault(False)  # Enter in the filter closes nothing
        vbox(self._filter, (self._tree, 1), line, self._hint, buttons, on=self, margins=None)
        letters = self.fontMetrics()
        self.resize(letters.averageCharWidth() * 76, letters.lineSpacing() * (_ROWS_HIGH + 12))

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._narrow)
        self._tree.currentItemChanged.connect(self._choose)
        self._keys.keySequenceChanged.connect(self._show_choice)
        self._assign.clicked.connect(lambda: self.keys_selected.emit(self._selected_id(), self._keys.keySequence()))
        self._remove.clicked.connect(lambda: self.keys_selected.emit(self._selected_id(), QKeySequence()))
        self._reset.clicked.connect(lambda: self.reset_requested.emit(self._selected_id()))
        self._reset_all.clicked.connect(self.reset_all_requested)

    def _selected_id(self) -> str:
        item = self._tree.currentItem()
        return "" if item is None else str(item.data(0, _ID))

    def _choose(self) -> None:
        with QSignalBlocker(self._keys):
            self._keys.clear()
        self._show_choice()

    def _narrow(self, text: str) -> None:
        for at in range(self._tree.topLevelItemCount()):
            if (item := self._tree.topLevelItem(at)) is not None:
                item.setHidden(text.casefold() not in f"{item.text(0)} {item.text(1)}".casefold())

    def _show_choice(self) -> None:
        """Show what the buttons would do, and enable those that would do something."""
        row, keys = self._rows.get(self._selected_id()), self._keys.keySequence()
        is_new = row is not None and not keys.isEmpty()
        conflict = self._conflict_of(row.id, keys) if row is not None and is_new else ""
        for widget, enabled in (
            (self._keys, row is not None),
            (self._assign, is_new),
            (self._remove, row is not None and bool(row.keys)),
            (self._reset, row is not None and row.is_changed),
        ):
            widget.setEnabled(enabled)
        if row is None:
            self._hint.setText(self.tr("Choose a command to change its keys."))
        elif conflict:
            text = self.tr("{keys} is used by “{other}”. Assign moves it here.")
            shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
            self._hint.setText(text.format(keys=shown, other=conflict))
        else:
            self._hint.setText("" if is_new else self.tr("Press the new keys in the field, then Assign."))
