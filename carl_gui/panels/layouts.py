"""Rows and columns of widgets, said in one call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

TOP, LEFT, RIGHT = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
Margins: TypeAlias = int | tuple[int, int, int, int] | None
"""Pixels around all parts: on each side, or at the left, top, right and bottom; None: those of the style."""


@dataclass(frozen=True)
class Stretch:
    """Room that takes its share of what is left over."""

    share: int = 1


STRETCH = Stretch()
_Box = TypeVar("_Box", bound=QBoxLayout)
_Part: TypeAlias = QWidget | QLayout
Item: TypeAlias = _Part | Stretch | int | tuple[_Part, int] | tuple[_Part, int, Qt.AlignmentFlag]
"""A widget or layout, with its stretch and alignment where it has them; or room; or a gap in pixels."""


def vbox(*items: Item, on: QWidget | None = None, margins: Margins = 0, spacing: int | None = None) -> QVBoxLayout:
    """Return a column of these, laid on a widget where one is given; spacing None: the parent's or the style's."""
    return _fill(QVBoxLayout() if on is None else QVBoxLayout(on), items, margins, spacing)


def hbox(*items: Item, on: QWidget | None = None, margins: Margins = 0, spacing: int | None = None) -> QHBoxLayout:
    """Return a row of these, as `vbox` does a column."""
    return _fill(QHBoxLayout() if on is None else QHBoxLayout(on), items, margins, spacing)


def holder(layout: QLayout) -> QWidget:
    """Return a widget that has nothing but this layout."""
    made = QWidget()
    made.setLayout(layout)
    return made


def _fill(layout: _Box, items: Iterable[Item], margins: Margins, spacing: int | None) -> _Box:
    if margins is not None:
        layout.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    if spacing is not None:
        layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, Stretch):
            layout.addStretch(item.share)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            part, stretch, *alignment = item if isinstance(item, tuple) else (item, 0)
            if isinstance(part, QLayout):
                layout.addLayout(part, stretch)
            else:
                layout.addWidget(part, stretch, *alignment)
    return layout


def stacked(*widgets: QWidget) -> QStackedWidget:
    """Return these, of which the first is seen."""
    made = QStackedWidget()
    for widget in widgets:
        made.addWidget(widget)
    return made
