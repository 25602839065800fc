"""Find the visible rows of the library that need a thumbnail."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QTableView

from carl_gui.models.videos import VideosModel

_REST_MS = 50
"""While it scrolls, pictures are asked for no more often."""


class PicturesInSight(QObject):
    """Emits which visible rows have no thumbnail yet."""

    wanted = Signal(list)
    """Video ids, from the top down."""

    def __init__(self, model: VideosModel, table: QTableView) -> None:
        super().__init__(table)
        self._model, self._table = model, table
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._ask)

    def look(self) -> None:
        """Something else may be in sight: look soon."""
        if not self._resting.isActive():
            self._resting.start()

    def _ask(self) -> None:
        if not self._table.isVisible() or not self._model.shown:
            return
        first, last = self._table.rowAt(0), self._table.rowAt(self._table.viewport().height() - 1)
        in_sight = self._model.shown[max(first, 0) : last + 1 if last >= 0 else None]
        without = [key for key in in_sight if self._model.picture(key) is None and self._may_have(key)]
        if without:
            self.wanted.emit(without)

    def _may_have(self, video_id: int) -> bool:
        badges = self._model.badges(video_id)
        return badges is None or badges.decoded
