"""Layouts: rows, columns and sections, boxes for questions, a row that wraps, columns that scroll, splitters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.labels import InkLabel, shown

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


def box_over(window: QWidget | None, icon: QMessageBox.Icon, title: str, sentence: str) -> QMessageBox:
    """Return a box without buttons yet, to be opened; closing deletes it. Its sentence can be copied."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(icon)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(shown(sentence))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return box


def section_title(text: str, buddy: QWidget | None = None) -> InkLabel:
    """Return a bold line, the title of what is below it."""
    label = InkLabel(text)
    label.setFont(scaled_font(label.font(), bold=True))
    if buddy is not None:
        label.setBuddy(buddy)
    return label


class FlowLayout(QLayout):
    """Widgets from left to right, then on the next line; hidden ones take no space."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 16, line_gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._arrange(QRect(0, 0, width, 0), is_placed=False)

    def sizeHint(self) -> QSize:  # noqa: N802
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self._gap * max(0, len(shown) - 1)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        shown = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((s.width() for s in shown), default=0), max((s.height() for s in shown), default=0))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._arrange(rect, is_placed=True)

    def _arrange(self, rect: QRect, *, is_placed: bool) -> int:
        """Return the height of all lines; the widgets of a line are centred on it."""
        lines: list[list[tuple[int, QLayoutItem, QSize]]] = []
        x = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(rect.width(), 16777215)).expandedTo(item.minimumSize())
            if not lines or x + size.width() > rect.width():
                lines.append([])
                x = 0
            lines[-1].append((x, item, size))
            x += size.width() + self._gap
        y = 0
        for line in lines:
            height = max(size.height() for _, _, size in line)
            if is_placed:
                for left, item, size in line:
                    item.setGeometry(QRect(rect.topLeft() + QPoint(left, y + (height - size.height()) // 2), size))
            y += height + self._line_gap
        return max(0, y - self._line_gap)


_LEAST_HEIGHT = 160


class ColumnScroll(QScrollArea):
    """At least as wide as its column, however low it is."""

    def __init__(self, column: QBoxLayout, parent: QWidget | None = None) -> None:
        """`column` is laid from top to bottom, and lies on no widget yet."""
        super().__init__(parent)
        self._column, self._inner = column, QWidget()
        self._inner.setLayout(column)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._inner)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        bar = self.verticalScrollBar().sizeHint().width()
        least = self._inner.minimumSizeHint()
        return QSize(least.width() + bar, min(least.height(), _LEAST_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fit the column again when its content changes."""
        if watched is self._inner and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Make the column as high as there is room for, and as it must be; a scroll area itself would not."""
        room = self.viewport().size()
        self._inner.resize(room.width(), max(room.height(), self._least_height(room.width())))

    def _least_height(self, width: int) -> int:
        """Return the least height of the parts that stretch, and the height of the lines of the others."""
        layout = self._column
        margins = layout.contentsMargins()
        inner, parts = width - margins.left() - margins.right(), []
        for index in range(layout.count()):
            if (item := layout.itemAt(index)) is not None:
                lines = item.heightForWidth(inner) if item.hasHeightForWidth() and not layout.stretch(index) else 0
                parts.append(max(item.minimumSize().height(), lines))
        return sum(parts) + layout.spacing() * max(len(parts) - 1, 0) + margins.top() + margins.bottom()


def splitter(
    name: str,
    orientation: Qt.Orientation,
    parts: Sequence[QWidget],
    sizes: Sequence[int],
    stretches: Sequence[int] = (),
) -> QSplitter:
    """Return a splitter that `carl_gui.layout` keeps and resets.

    Args:
        name: by which its sizes are kept; no other splitter has it.
        sizes: of the parts at first, in pixels.
        stretches: how they share what the window grows by; none given: as their sizes.
    """
    made = QSplitter(orientation, childrenCollapsible=False)
    made.setObjectName(name)
    for part in parts:
        made.addWidget(part)
    made.setProperty("default_sizes", list(sizes))
    made.setSizes(list(sizes))
    for index, stretch in enumerate(stretches or sizes):
        made.setStretchFactor(index, stretch)
    return made
