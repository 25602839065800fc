"""Draw a phase in its list: number key, colour, name, and number of labels."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from carl_gui.commands.label import NUMBERED
from carl_gui.models.phases import PhasesModel
from carl_gui.numbers import count
from carl_gui.panels.padded_delegate import Cell, RowDelegate

_SIDE, _GAP = 14, 9


class PhaseDelegate(RowDelegate):
    """Draws rows of a `PhasesModel`."""

    lines = 1.8

    def __init__(self, model: PhasesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def draw(self, cell: Cell) -> None:
        place, painter = cell.index.row(), cell.painter
        row, room = self._model.rows[place], cell.room(_GAP)
        cell.write(room, str(place + 1) if place < NUMBERED else "", cell.ink(cell.colours.muted_text))
        room.setLeft(room.left() + cell.letters.horizontalAdvance("0") + _GAP)
        swatch = QRectF(room.left(), room.center().y() - _SIDE / 2, _SIDE, _SIDE)
        painter.setBrush(QColor(row.colour))
        painter.setPen(QColor(cell.colours.border))
        painter.drawRoundedRect(swatch, 3, 3)
        room.setLeft(swatch.right() + _GAP)
        cell.write(cell.note(room, count(row.num_spans), _GAP), str(cell.index.data()))
