"""Search history."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from carl_gui.models.search_entries import EntriesModel
from carl_gui.panels.search.picture_box import draw_picture

_PICTURE = QSize(57, 32)
_MARGIN = 5
_MOST_IN_SIGHT = 5
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_Index = QModelIndex | QPersistentModelIndex


class _EntryDelegate(QStyledItemDelegate):
    """Draws a picture, the video's name, and the time."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        return QSize(120, max(_PICTURE.height(), 2 * option.fontMetrics.lineSpacing()) + 2 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model, role = cast(EntriesModel, index.model()), QPalette.ColorRole
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        is_selected = QStyle.StateFlag.State_Selected in option.state
        inner = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        box = QRect(inner.left(), 0, _PICTURE.width(), _PICTURE.height())
        box.moveTop(inner.center().y() - box.height() // 2)
        draw_picture(painter, option.palette, box, model.picture(index.row()))
        letters = option.fontMetrics
        left = box.right() + 9
        line = QRect(left, inner.center().y() - letters.lineSpacing() + 1, inner.right() - left, letters.lineSpacing())
        painter.save()
        painter.setFont(option.font)
        for text, colour in (
            (index.data(), role.Text),
            (index.data(EntriesModel.PLACE), role.PlaceholderText),
        ):
            painter.setPen(option.palette.color(role.HighlightedText if is_selected else colour))
            painter.drawText(line, _LEFT, letters.elidedText(str(text), Qt.TextElideMode.ElideMiddle, line.width()))
            line.translate(0, letters.lineSpacing())
        if QStyle.StateFlag.State_HasFocus in option.state:
            painter.setPen(option.palette.color(role.HighlightedText if is_selected else role.Text))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.restore()


class HistoryList(QListView):
    """A click repeats a search, and leaves the focus on the results; so does Enter, if Tab has led here."""

    entry_selected = Signal(int)
    """Its row."""
    scrolled = Signal()
    """Others are in sight."""

    def __init__(self, model: EntriesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName(self.tr("Earlier searches"))
        self.setModel(model)
        self.setItemDelegate(_EntryDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda index: self.entry_selected.emit(index.row()))
        self.activated.connect(lambda index: self.entry_selected.emit(index.row()))
        self.verticalScrollBar().valueChanged.connect(self.scrolled)
        model.modelReset.connect(self._fit)
        self._fit()

    def set_current(self, row: int) -> None:
        """Set which one is shown; -1: none."""
        index = self._model.index(row)
        self.setCurrentIndex(index if row >= 0 else QModelIndex())
        if row >= 0:
            self.scrollTo(index)

    @property
    def in_sight(self) -> list[int]:
        """Rows of which something is seen."""
        first = self.indexAt(self.viewport().rect().topLeft()).row()
        return list(range(max(first, 0), min(max(first, 0) + _MOST_IN_SIGHT + 2, len(self._model.rows))))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """As high as its first few entries."""
        height = max(_PICTURE.height(), 2 * self.fontMetrics().lineSpacing()) + 2 * _MARGIN
        self.setFixedHeight(height * max(1, min(len(self._model.rows), _MOST_IN_SIGHT)) + 2 * self.frameWidth())
