"""A list of any length, of names with check boxes and a number at the right."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from carl_gui.models.choices import ChoicesModel
from carl_gui.panels.padded_delegate import Cell, RowDelegate

_GAP = 8


class TickList(QListView):
    """A click anywhere in a row ticks it, and leaves the keys to the player; Tab leads into it: then Space ticks."""

    def __init__(self, model: QAbstractItemModel, name: str, parent: QWidget | None = None) -> None:
        """`model` takes ticks; `name` is what it is called for screen readers."""
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_TickDelegate(self))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._tick)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, round(self.fontMetrics().height() * 1.6 * 12))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(80, round(self.fontMetrics().height() * 1.6 * 5))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._tick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _tick(self, index: QModelIndex) -> None:
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
        self.model().setData(index, wanted, Qt.ItemDataRole.CheckStateRole)


class _TickDelegate(RowDelegate):
    """Draws the check box, the name, elided if needed, and the number at the right."""

    lines = 1.6

    def editorEvent(self, *_: object) -> bool:  # noqa: N802
        """A tick is the list's affair: wherever a row is clicked."""
        return False

    def draw(self, cell: Cell) -> None:
        room = cell.room(_GAP)
        room.setLeft(cell.tick(room.left(), room.center().y()).right() + _GAP)
        cell.write(cell.note(room, str(cell.index.data(ChoicesModel.NOTE)), _GAP), str(cell.index.data()))
