"""A list of any length, of names with check boxes and a number at the right."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from carl_gui.models.choices import ChoicesModel
from carl_gui.theme import colours_of

_BOX, _GAP = 14, 8


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


class _TickDelegate(QStyledItemDelegate):
    """Draws the check box, the name, elided if needed, and the number at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(80, round(option.fontMetrics.height() * 1.6))

    def editorEvent(self, *_: object) -> bool:  # noqa: N802
        """A tick is the list's affair: wherever a row is clicked."""
        return False

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        letters, colours = option.fontMetrics, colours_of(option.palette)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        room = QRectF(option.rect).adjusted(_GAP, 0, -_GAP, 0)
        box = QRectF(room.left(), room.center().y() - _BOX / 2, _BOX, _BOX)
        _draw_box(painter, box, index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked, option.palette)
        room.setLeft(box.right() + _GAP)
        note, middle = str(index.data(ChoicesModel.NOTE)), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colours.accent_text if is_chosen else colours.muted_text))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, note)
        if note:
            room.setRight(room.right() - letters.horizontalAdvance(note) - _GAP)
        role = QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        name = letters.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip, name)
        painter.restore()


def _draw_box(painter: QPainter, box: QRectF, is_ticked: bool, palette: QPalette) -> None:
    """The style's own box drowns in the dark."""
    colours = colours_of(palette)
    painter.setPen(QPen(QColor(colours.muted_text), 1))
    painter.setBrush(QColor(colours.base))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
    if is_ticked:
        painter.setPen(QPen(QColor(colours.text), 2))
        x, y = box.left(), box.top()
        painter.drawPolyline([QPointF(x + 3, y + 7), QPointF(x + 6, y + 10), QPointF(x + 11, y + 4)])
