"""All keys on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from carl_gui.models.commands import CommandRow
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.widgets import lettered, named


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
    """Two columns of menus, filled evenly."""
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
    heading.setFont(lettered(heading.font(), bold=True))
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
