"""Rows of lists and tables: a base for those that are drawn by hand, and padding for those that the style draws."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carl_gui.models.rows import Index
from carl_gui.theme import ThemeColours, colours_of

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MIDDLE, END = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
_TICK = (QPointF(3, 7), QPointF(6, 10), QPointF(11, 4))
TICK_SIZE = 14
"""Logical pixels of a side of a check box."""


class PaddedDelegate(QStyledItemDelegate):
    """Half a line more in height, two letters more in width, whatever the font's size."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        letters = option.fontMetrics
        return super().sizeHint(option, index) + QSize(letters.averageCharWidth() * 2, letters.height() // 2)


class Cell:
    """A cell that is being drawn: how it stands, and what is drawn in it most."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.painter, self.option, self.index = painter, option, index
        self.is_selected = QStyle.StateFlag.State_Selected in option.state
        self.has_focus = QStyle.StateFlag.State_HasFocus in option.state

    @property
    def colours(self) -> ThemeColours:
        return colours_of(self.option.palette)

    @property
    def letters(self) -> QFontMetrics:
        return self.option.fontMetrics

    def room(self, margin: int) -> QRectF:
        """Return the cell without margins at its sides."""
        return QRectF(self.option.rect).adjusted(margin, 0, -margin, 0)

    def ink(self, ink: QPalette.ColorRole | str = QPalette.ColorRole.Text) -> QColor:
        """Return the colour of a role, or this `#rrggbb`; that of chosen text where the cell is chosen."""
        if self.is_selected:
            return self.option.palette.color(QPalette.ColorRole.HighlightedText)
        return QColor(ink) if isinstance(ink, str) else self.option.palette.color(ink)

    def write(
        self,
        room: QRect | QRectF,
        text: str,
        ink: QColor | None = None,
        align: Qt.AlignmentFlag | Qt.TextFlag = LEFT,
        *,
        elide: Qt.TextElideMode = MIDDLE,
        font: QFont | None = None,
    ) -> None:
        """Write one line, elided where it does not fit."""
        used = self.option.font if font is None else font
        self.painter.setFont(used)
        self.painter.setPen(self.ink() if ink is None else ink)
        letters = self.letters if font is None else QFontMetrics(font)
        self.painter.drawText(room, align, letters.elidedText(text, elide, round(room.width())))

    def note(self, room: QRectF, text: str, gap: int, ink: QColor | None = None) -> QRectF:
        """Write a note at the right, whole; returns the room that it leaves."""
        self.painter.setPen(self.ink(self.colours.muted_text) if ink is None else ink)
        self.painter.drawText(room, RIGHT, text)
        return room.adjusted(0, 0, -self.letters.horizontalAdvance(text) - gap, 0) if text else room

    def bar(self, box: QRectF, share: float, ground: QColor | str, ink: QColor | str) -> None:
        """Draw a rounded bar, filled from the left; `share` is from 0 to 1."""
        radius = box.height() / 2
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(ground))
        self.painter.drawRoundedRect(box, radius, radius)
        if share > 0:
            self.painter.setBrush(QColor(ink))
            self.painter.drawRoundedRect(
                QRectF(box.topLeft(), box.size()).adjusted(0, 0, (share - 1) * box.width(), 0), radius, radius
            )

    def tick(self, left: float, middle: float) -> QRectF:
        """Draw the check box of this cell, and return where; the style's own drowns in the dark."""
        box = QRectF(left, middle - TICK_SIZE / 2, TICK_SIZE, TICK_SIZE)
        self.painter.setPen(QPen(QColor(self.colours.muted_text), 1))
        self.painter.setBrush(QColor(self.colours.base))
        self.painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
        if self.index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked:
            self.painter.setPen(QPen(QColor(self.colours.text), 2))
            self.painter.drawPolyline([box.topLeft() + point for point in _TICK])
        return box

    def focus(self) -> None:
        """Draw a frame around the cell, where the keys go to it."""
        if self.has_focus:
            self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.setPen(self.ink())
            self.painter.drawRect(self.option.rect.adjusted(1, 1, -2, -2))


class RowDelegate(QStyledItemDelegate):
    """Draws what `draw` says on what the style has behind a row."""

    lines = 1.7
    """The height of a row, in heights of its font."""

    def draw(self, cell: Cell) -> None:
        """Draw the row."""
        raise NotImplementedError

    def draw_behind(self, cell: Cell) -> None:
        """Draw what is behind it: chosen or not."""
        option = cell.option
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        option.widget.style().drawPrimitive(panel, option, cell.painter, option.widget)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(80, round(option.fontMetrics.height() * self.lines))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setFont(option.font)
        cell = Cell(painter, option, index)
        self.draw_behind(cell)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(cell)
        painter.restore()
