"""Draw a result: its picture, video, time, and similarity as a number and a bar."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyleOptionViewItem

from carl_gui.models.hits import HitsModel, cosine_of
from carl_gui.models.rows import Index
from carl_gui.panels.padded_delegate import END, Cell, RowDelegate
from carl_gui.panels.search.picture_box import draw_picture

PICTURE = QSize(176, 99)
"""Logical pixels, at least."""
_MARGIN, _GAP, _BAR = 8, 5, 4


class HitDelegate(RowDelegate):
    """Draws from the model's rows directly."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cell = QSize(PICTURE.width() + 2 * _MARGIN, 0)

    def set_cell(self, width: int, metrics: QFontMetrics) -> QSize:
        """Fill this width; returns the whole cell's size."""
        picture = _picture_size(width)
        self._cell = QSize(width, picture.height() + 2 * metrics.lineSpacing() + 2 * _MARGIN + 3 * _GAP + _BAR)
        return self._cell

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return self._cell

    def draw_behind(self, cell: Cell) -> None:
        painter, palette = cell.painter, cell.option.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(palette.color(QPalette.ColorRole.Text) if cell.has_focus else Qt.PenStyle.NoPen)
        if cell.is_selected:
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        if cell.is_selected or cell.has_focus:
            painter.drawRoundedRect(cell.option.rect.adjusted(2, 2, -2, -2), 4, 4)

    def draw(self, cell: Cell) -> None:
        model, row, letters = cast(HitsModel, cell.index.model()), cell.index.row(), cell.letters
        inner = cell.option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        box = QRect(inner.topLeft(), _picture_size(cell.option.rect.width()))
        draw_picture(cell.painter, cell.option.palette, box, model.picture(row))
        line = QRectF(inner.left(), box.bottom() + 1 + _GAP, inner.width(), letters.lineSpacing())
        cell.write(line, model.name(row))
        line.translate(0, letters.lineSpacing())
        room = cell.note(line, cosine_of(model.rows[row]), _MARGIN, cell.ink())
        cell.write(room, model.time(row), cell.ink(QPalette.ColorRole.PlaceholderText), elide=END)
        cosine = model.rows[row].cosine
        if cosine is not None:
            bar = QRectF(line.left(), line.bottom() + _GAP, line.width(), _BAR)
            cell.bar(bar, max(cosine, 0.0), cell.colours.border, cell.ink(cell.colours.curve))


def _picture_size(cell_width: int) -> QSize:
    width = cell_width - 2 * _MARGIN
    return QSize(width, width * PICTURE.height() // PICTURE.width())
