"""The videos to label, and how much of each is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.panels.section import section_title
from carl_gui.theme import colours_of

_GAP = 9


class VideoList(QWidget):
    """Shows what `set_videos` gives it; says which video the person chose."""

    video_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoicesModel(self)
        self.view = QListView(uniformItemSizes=True)
        self.view.setModel(self.model)
        self.view.setItemDelegate(VideoDelegate(self.view))
        self.view.setAccessibleName(self.tr("Videos"))
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.selectionModel().currentChanged.connect(self._say)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(section_title(self.tr("Videos"), self.view))
        layout.addWidget(self.view, 1)

    def set_videos(self, choices: Sequence[Choice], chosen: int | None) -> None:
        """The videos by id, and the one that is shown."""
        with QSignalBlocker(self):
            self.model.set_choices(choices)
            row = self.model.row_of(chosen)
            if row != self.view.currentIndex().row():
                self.view.setCurrentIndex(self.model.index(row, 0) if row >= 0 else QModelIndex())

    def _say(self, now: QModelIndex) -> None:
        if now.isValid():
            self.video_chosen.emit(self.model.choices[now.row()].key)


class VideoDelegate(QStyledItemDelegate):
    """The name, which gives way, and its note at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(80, round(option.fontMetrics.height() * 1.7))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        letters, colours = option.fontMetrics, colours_of(option.palette)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        room, middle = QRectF(option.rect).adjusted(_GAP, 0, -_GAP, 0), Qt.AlignmentFlag.AlignVCenter
        note = str(index.data(ChoicesModel.NOTE))
        painter.setPen(QColor(colours.accent_text if is_chosen else colours.muted_text))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, note)
        room.setRight(room.right() - letters.horizontalAdvance(note) - _GAP)
        role = QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        name = letters.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, round(room.width()))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
