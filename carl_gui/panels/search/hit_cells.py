"""Draw a result: its picture, video, time, and similarity as a number and a bar."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carl_gui.models.hits import HitsModel, cosine_of
from carl_gui.panels.search.picture_box import draw_picture
from carl_gui.theme import colours_of

PICTURE = QSize(176, 99)
"""Logical pixels, at least."""
_MARGIN, _GAP, _BAR = 8, 5, 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class HitDelegate(QStyledItemDelegate):
    """Draws from the model's rows directly."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cell = QSize(PICTURE.width() + 2 * _MARGIN, 0)

    def set_cell(self, width: int, metrics: QFontMetrics) -> QSize:
        """Fill this width; returns the whole cell's size."""
        picture = _picture_size(width)
        self._cell = QSize(width, picture.height() + 2 * metrics.lineSpacing() + 2 * _MARGIN + 3 * _GAP + _BAR)
        return self._cell

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        return self._cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model, row = cast(HitsModel, index.model()), index.row()
        cell = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if QStyle.StateFlag.State_Selected in option.state:
            painter.setBrush(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(cell, 4, 4)
        if QStyle.StateFlag.State_HasFocus in option.state:
            painter.setPen(option.palette.color(QPalette.ColorRole.Text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell, 4, 4)
        inner = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        box = QRect(inner.topLeft(), _picture_size(option.rect.width()))
        draw_picture(painter, option.palette, box, model.picture(row))
        line = QRect(inner.left(), box.bottom() + 1 + _GAP, inner.width(), option.fontMetrics.lineSpacing())
        self._paint_words(painter, option, model, row, line)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, model: HitsModel, row: int, line: QRect
    ) -> None:
        letters, role = option.fontMetrics, QPalette.ColorRole
        is_selected = QStyle.StateFlag.State_Selected in option.state
        ink = option.palette.color(role.HighlightedText if is_selected else role.Text)
        faint = ink if is_selected else option.palette.color(role.PlaceholderText)
        painter.setFont(option.font)
        painter.setPen(ink)
        painter.drawText(line, _LEFT, letters.elidedText(model.name(row), Qt.TextElideMode.ElideMiddle, line.width()))
        line.translate(0, letters.lineSpacing())
        hit, cosine = model.rows[row], cosine_of(model.rows[row])
        painter.drawText(line, _RIGHT, cosine)
        room = line.width() - letters.horizontalAdvance(cosine) - _MARGIN
        painter.setPen(faint)
        painter.drawText(line, _LEFT, letters.elidedText(model.time(row), Qt.TextElideMode.ElideRight, room))
        if hit.cosine is not None:
            bar = QRect(line.left(), line.bottom() + 1 + _GAP, line.width(), _BAR)
            self._paint_bar(painter, option, bar, hit.cosine, ink if is_selected else None)

    def _paint_bar(
        self, painter: QPainter, option: QStyleOptionViewItem, bar: QRect, cosine: float, ink: QColor | None
    ) -> None:
        """Full at 1, empty at 0 and below."""
        colours = colours_of(option.palette)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
        if (filled := round(bar.width() * max(cosine, 0.0))) > 0:
            painter.setBrush(QColor(colours.curve) if ink is None else ink)
            painter.drawRoundedRect(QRect(bar.topLeft(), QSize(filled, _BAR)), _BAR / 2, _BAR / 2)


def _picture_size(cell_width: int) -> QSize:
    width = cell_width - 2 * _MARGIN
    return QSize(width, width * PICTURE.height() // PICTURE.width())
