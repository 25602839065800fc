"""A project in the list of recent ones: its name above its path."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carl_gui.theme import colours_of

_EDGE = 8


class RecentDelegate(QStyledItemDelegate):
    """Draws two lines; a missing project is faint."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    IS_THERE = Qt.ItemDataRole.UserRole + 2

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = colours_of(option.palette)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        if chosen or hovered:
            painter.fillRect(option.rect, colours.accent if chosen else colours.alternate_base)
        is_there = index.data(self.IS_THERE)
        room = option.rect.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        bold = option.font
        bold.setBold(True)
        for font, text, ink, where in (
            (bold, index.data(), colours.text if is_there else colours.muted_text, Qt.AlignmentFlag.AlignTop),
            (option.widget.font(), index.data(self.PLACE), colours.muted_text, Qt.AlignmentFlag.AlignBottom),
        ):
            painter.setFont(font)
            painter.setPen(colours.accent_text if chosen else ink)
            elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip | where, elided)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(120, 2 * option.fontMetrics.height() + 2 * _EDGE + 4)
