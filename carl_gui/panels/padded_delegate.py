"""Rows of tables and lists with padding around their text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem


class PaddedDelegate(QStyledItemDelegate):
    """Half a line more in height, two letters more in width, whatever the font's size."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        letters = option.fontMetrics
        return super().sizeHint(option, index) + QSize(letters.averageCharWidth() * 2, letters.height() // 2)
