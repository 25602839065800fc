"""Widgets with their names, tips and clicks, made in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractItemModel, Qt, SignalInstance
from PySide6.QtGui import QAction, QFont, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

_Widget = TypeVar("_Widget", bound=QWidget)
_Button = TypeVar("_Button", bound=QAbstractButton)


def named(widget: _Widget, name: str, tip: str = "") -> _Widget:
    """Return the widget, called so for screen readers, and with a tip where there is one."""
    widget.setAccessibleName(name)
    if tip:
        widget.setToolTip(tip)
    return widget


def list_view(model: QAbstractItemModel, delegate: type[QStyledItemDelegate], name: str) -> QListView:
    """Return a list of rows of one height, which are drawn by such a delegate and edited nowhere."""
    view = named(QListView(uniformItemSizes=True), name)
    view.setModel(model)
    view.setItemDelegate(delegate(view))
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return view


def show_rows(view: QTableView) -> None:
    """Let a table show and select whole rows, without a grid, as wide as it is; Tab leaves it."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setCornerButtonEnabled(False)


def push_button(text: str, on_click: SignalInstance | Callable[..., Any] | None = None, tip: str = "") -> QPushButton:
    """Return a button that does this where it is clicked."""
    button = QPushButton(text)
    if on_click is not None:
        button.clicked.connect(on_click)
    button.setToolTip(tip)
    return button


def tip_of(command: QAction) -> str:
    """Return what a command is called, and its keys where it has some."""
    keys = command.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{command.text()} ({keys})" if keys else command.text()


def follow(button: _Button, command: QAction, tip: Callable[[QAction], str] = tip_of) -> _Button:
    """Return the button as one that runs this command, is called as it, and is off where it is off."""
    button.setAccessibleName(command.text())
    button.clicked.connect(command.trigger)

    def update() -> None:
        button.setToolTip(tip(command))
        button.setEnabled(command.isEnabled())

    command.changed.connect(update)
    update()
    return button


def scaled_font(font: QFont, *, scale: float = 1.0, bold: bool | None = None) -> QFont:
    """Return this font larger or smaller, and bold or not; None: unchanged."""
    styled = QFont(font)
    if scale != 1.0:
        styled.setPointSizeF(font.pointSizeF() * scale)
    if bold is not None:
        styled.setBold(bold)
    return styled
