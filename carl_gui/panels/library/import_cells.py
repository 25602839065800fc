"""Draw a file being added: name, progress and a thin bar, or why it failed."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carl_gui.models.imports import ImportRow, ImportsModel
from carl_gui.models.messages import displayable
from carl_gui.theme import colours_of

_MARGIN = 8
_BAR = 3
_Index = QModelIndex | QPersistentModelIndex


class ImportDelegate(QStyledItemDelegate):
    """Draws two lines per file."""

    @staticmethod
    def row_height(letters: QFontMetrics) -> int:
        """In logical pixels."""
        return 2 * letters.lineSpacing() + 8

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        return QSize(0, self.row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = cast(ImportsModel, index.model())
        row = model.row(index.row())
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        painter.save()
        painter.setFont(option.font)
        letters = option.fontMetrics
        area = option.rect.adjusted(_MARGIN, 4, -_MARGIN, -4)
        top = QRect(area.left(), area.top(), area.width(), letters.lineSpacing())
        words = self.tr("failed") if row.state == "failed" else model.state_words(row)
        self._draw_top(painter, option, top, row, words)
        below = top.translated(0, letters.lineSpacing())
        if row.state == "failed":
            painter.setPen(_ink(option, colours_of(option.palette).warning))
            reason = letters.elidedText(displayable(row.sentence), Qt.TextElideMode.ElideRight, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, reason)
        else:
            _draw_bar(painter, option.palette, below, row)
        painter.restore()

    def _draw_top(
        self, painter: QPainter, option: QStyleOptionViewItem, line: QRect, row: ImportRow, words: str
    ) -> None:
        letters = option.fontMetrics
        room = line.width() - letters.horizontalAdvance(words) - 2 * _MARGIN
        painter.setPen(_ink(option, option.palette.color(QPalette.ColorRole.Text)))
        name = letters.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, name)
        is_failed = row.state == "failed"
        muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(_ink(option, colours_of(option.palette).warning if is_failed else muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)


def _draw_bar(painter: QPainter, palette: QPalette, line: QRect, row: ImportRow) -> None:
    colours = colours_of(palette)
    full = QRectF(line.left(), line.top() + 6, line.width(), _BAR)
    part = 1.0 if row.state == "done" else min(row.done / row.total, 1.0) if row.total else 0.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.border))
    painter.drawRoundedRect(full, _BAR / 2, _BAR / 2)
    if part:
        painter.setBrush(QColor(colours.curve))
        painter.drawRoundedRect(QRectF(full.left(), full.top(), full.width() * part, _BAR), _BAR / 2, _BAR / 2)


def _ink(option: QStyleOptionViewItem, colour: QColor | str) -> QColor:
    is_on = bool(option.state & QStyle.StateFlag.State_Selected)
    return option.palette.color(QPalette.ColorRole.HighlightedText) if is_on else QColor(colour)
