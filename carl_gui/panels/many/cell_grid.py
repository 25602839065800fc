"""The cells in rows and columns, as large as possible."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.panels.many.cell import GridCell
from core.base.tiling import columns_for

_GAP = 4
_ASPECT = 16 / 9
_LEAST = QSize(120, 90)


class CellGrid(QWidget):
    """Creates its cells once; unused ones are hidden."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        """`most`: as many cells are made."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.cells = [GridCell(self) for _ in range(most)]
        self._aspects: dict[int, float] = {}
        self._count = 0
        self.set_count(0)

    @property
    def seen(self) -> list[GridCell]:
        """The cells that show something."""
        return self.cells[: self._count]

    def set_count(self, count: int) -> None:
        """Set the number of visible cells."""
        self._count = count
        self._aspects = {cell: aspect for cell, aspect in self._aspects.items() if cell < count}
        for place, cell in enumerate(self.cells):
            cell.setVisible(place < count)
        self._lay_out()

    def set_size(self, cell: int, width: int, height: int) -> None:
        """How large the video of a cell is."""
        self.cells[cell].view.set_video_size(width, height)
        self._aspects[cell] = width / height
        self._lay_out()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(3 * _LEAST.width(), 2 * _LEAST.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """In the shape in which the middle one of the videos is largest: a few odd ones change nothing."""
        if not self._count:
            return
        aspect = float(np.median(list(self._aspects.values()) or [_ASPECT]))
        below = self.fontMetrics().height() + 8
        columns = columns_for(self._count, self.width(), self.height(), aspect, below)
        rows = math.ceil(self._count / columns)
        across, down = (self.width() + _GAP) / columns, (self.height() + _GAP) / rows
        for place, cell in enumerate(self.seen):
            row, column = divmod(place, columns)
            left, top = round(column * across), round(row * down)
            right, bottom = round((column + 1) * across) - _GAP, round((row + 1) * down) - _GAP
            cell.setGeometry(QRect(left, top, right - left, bottom - top))
