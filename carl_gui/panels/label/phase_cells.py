"""Draw a phase in its list: number key, colour, name, and number of labels."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from carl_gui.commands.label import NUMBERED
from carl_gui.models.phases import PhasesModel
from carl_gui.numbers import count
from carl_gui.theme import colours_of

_SIDE, _GAP = 14, 9


class PhaseDelegate(QStyledItemDelegate):
    """Draws rows of a `PhasesModel`."""

    def __init__(self, model: PhasesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(80, round(option.fontMetrics.height() * 1.8))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, letters = self._model.rows[index.row()], option.fontMetrics
        colours = colours_of(option.palette)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        role = QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text
        muted = colours.accent_text if is_chosen else colours.muted_text
        room = QRectF(option.rect).adjusted(_GAP, 0, -_GAP, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(muted))
        painter.drawText(
            room, middle | Qt.AlignmentFlag.AlignLeft, str(index.row() + 1) if index.row() < NUMBERED else ""
        )
        room.setLeft(room.left() + letters.horizontalAdvance("0") + _GAP)
        swatch = QRectF(room.left(), room.center().y() - _SIDE / 2, _SIDE, _SIDE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(row.colour))
        painter.setPen(QColor(colours.border))
        painter.drawRoundedRect(swatch, 3, 3)
        room.setLeft(swatch.right() + _GAP)
        number = count(row.num_spans)
        painter.setPen(QColor(muted))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, number)
        room.setRight(room.right() - letters.horizontalAdvance(number) - _GAP)
        painter.setPen(option.palette.color(role))
        name = letters.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, round(room.width()))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
