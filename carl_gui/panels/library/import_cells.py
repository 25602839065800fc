"""Draw a file being added: name, progress and a thin bar, or why it failed."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QStyleOptionViewItem

from carl_gui.models.imports import ImportRow, ImportsModel
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Index
from carl_gui.panels.padded_delegate import END, Cell, RowDelegate

_MARGIN = 8
_BAR = 3


class ImportDelegate(RowDelegate):
    """Draws two lines per file."""

    @staticmethod
    def row_height(letters: QFontMetrics) -> int:
        """In logical pixels."""
        return 2 * letters.lineSpacing() + 8

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(0, self.row_height(option.fontMetrics))

    def draw(self, cell: Cell) -> None:
        model = cast(ImportsModel, cell.index.model())
        row: ImportRow = cell.index.data(ImportsModel.RowRole)
        is_failed, warning = row.state == "failed", cell.ink(cell.colours.warning)
        line = QRectF(cell.option.rect.adjusted(_MARGIN, 4, -_MARGIN, -4))
        line.setHeight(cell.letters.lineSpacing())
        words = self.tr("failed") if is_failed else model.state_words(row)
        muted = warning if is_failed else cell.ink(QPalette.ColorRole.PlaceholderText)
        cell.write(cell.note(line, words, 2 * _MARGIN, muted), row.name)
        below = line.translated(0, line.height())
        if is_failed:
            cell.write(below, displayable(row.sentence), warning, elide=END)
        else:
            part = 1.0 if row.state == "done" else min(row.done / row.total, 1.0) if row.total else 0.0
            bar = QRectF(below.left(), below.top() + 6, below.width(), _BAR)
            cell.bar(bar, part, cell.colours.border, cell.colours.curve)
