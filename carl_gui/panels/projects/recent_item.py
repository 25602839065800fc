"""A project in the list of recent ones: its name above its path."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from carl_gui.models.rows import Index
from carl_gui.panels.padded_delegate import Cell, RowDelegate
from carl_gui.panels.widgets import lettered

_EDGE = 8
_WHOLE = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip


class RecentDelegate(RowDelegate):
    """Draws two lines; a missing project is faint."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    IS_THERE = Qt.ItemDataRole.UserRole + 2

    def draw_behind(self, cell: Cell) -> None:
        hovered = QStyle.StateFlag.State_MouseOver in cell.option.state
        if cell.is_selected or hovered:
            ground = cell.colours.accent if cell.is_selected else cell.colours.alternate_base
            cell.painter.fillRect(cell.option.rect, ground)

    def draw(self, cell: Cell) -> None:
        colours, is_there = cell.colours, cell.index.data(self.IS_THERE)
        room = cell.option.rect.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        top, foot = Qt.AlignmentFlag.AlignTop | _WHOLE, Qt.AlignmentFlag.AlignBottom | _WHOLE
        bold = lettered(cell.option.font, bold=True)
        ink = cell.ink(colours.text if is_there else colours.muted_text)
        cell.write(room, cell.index.data(), ink, top, font=bold)
        muted = cell.ink(colours.muted_text)
        cell.write(room, cell.index.data(self.PLACE), muted, foot, font=cell.option.widget.font())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, 2 * option.fontMetrics.height() + 2 * _EDGE + 4)
