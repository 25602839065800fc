"""Results in a grid of pictures."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStyleOptionViewItem, QWidget

from carl_gui.explore.search.commands import HIT_COMMANDS
from carl_gui.explore.search.hits import HitsModel, cosine_of
from carl_gui.models.rows import Index
from carl_gui.widgets.delegate import END, Cell, RowDelegate
from carl_gui.widgets.pictures import draw_picture

PICTURE = QSize(176, 99)
"""Logical pixels, at least."""
_MARGIN, _GAP, _BAR = 8, 5, 4


class HitDelegate(RowDelegate):
    """Draws from the model's rows directly."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cell = QSize(PICTURE.width() + 2 * _MARGIN, 0)

    def set_cell(self, width: int, metrics: QFontMetrics) -> QSize:
        """Fill this width; return the whole cell's size."""
        picture = _picture_size(width)
        self._cell = QSize(width, picture.height() + 2 * metrics.lineSpacing() + 2 * _MARGIN + 3 * _GAP + _BAR)
        return self._cell

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return self._cell

    def draw_behind(self, cell: Cell) -> None:
        painter, palette = cell.painter, cell.option.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(palette.color(QPalette.ColorRole.Text) if cell.has_focus else Qt.PenStyle.NoPen)
        if cell.is_selected:
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        if cell.is_selected or cell.has_focus:
            painter.drawRoundedRect(cell.option.rect.adjusted(2, 2, -2, -2), 4, 4)

    def draw(self, cell: Cell) -> None:
        model, row, letters = cast(HitsModel, cell.index.model()), cell.index.row(), cell.letters
        inner = cell.option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        box = QRect(inner.topLeft(), _picture_size(cell.option.rect.width()))
        draw_picture(cell.painter, cell.option.palette, box, model.picture(row))
        line = QRectF(inner.left(), box.bottom() + 1 + _GAP, inner.width(), letters.lineSpacing())
        cell.write(line, model.name(row))
        line.translate(0, letters.lineSpacing())
        room = cell.note(line, cosine_of(model.rows[row]), _MARGIN, cell.ink())
        cell.write(room, model.time(row), cell.ink(QPalette.ColorRole.PlaceholderText), elide=END)
        cosine = model.rows[row].cosine
        if cosine is not None:
            bar = QRectF(line.left(), line.bottom() + _GAP, line.width(), _BAR)
            cell.bar(bar, max(cosine, 0.0), cell.colours.border, cell.ink(cell.colours.curve))


def _picture_size(cell_width: int) -> QSize:
    width = cell_width - 2 * _MARGIN
    return QSize(width, width * PICTURE.height() // PICTURE.width())


_LEAST_WIDTH = PICTURE.width() + 16
_REQUEST_MS = 30
"""Shortest time between requests for pictures while scrolling."""


class HitsView(QListView):
    """Double click or Enter opens a hit; the mouse over one, or Space, plays it. Rows count from the best."""

    activated_row = Signal(int)
    hovered = Signal(int)
    """The row to play; -1: none."""
    pictures_requested = Signal(list)
    """The visible rows."""
    painted = Signal()
    """The view was drawn; used by benchmarks."""

    def __init__(self, model: HitsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._hovered = -1
        self.setAccessibleName(self.tr("Results"))
        self.commands = HIT_COMMANDS.actions(self)
        self._cells = HitDelegate(self)
        self._set_up()
        self.setModel(model)
        self._request_timer = QTimer(self, singleShot=True, interval=_REQUEST_MS)
        self._request_timer.timeout.connect(self._request_pictures)
        model.modelReset.connect(self._on_reset)
        self.doubleClicked.connect(lambda index: self.activated_row.emit(index.row()))
        self.commands["open_hit"].triggered.connect(self._activate)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._enable()

    def _set_up(self) -> None:
        self.setItemDelegate(self._cells)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # cells would jump as it comes and goes
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)

    @property
    def row(self) -> int:
        """The current row; -1: none."""
        return self.currentIndex().row() if self.currentIndex().isValid() else -1

    @property
    def visible_rows(self) -> list[int]:
        """The visible rows, from the top."""
        if not self._model.rows or not self.gridSize().isValid():
            return []
        cell, top, height = self.gridSize(), self.verticalScrollBar().value(), self.viewport().height()
        columns = max(1, self.viewport().width() // cell.width())
        first = top // cell.height() * columns
        last = ((top + height - 1) // cell.height() + 1) * columns
        return list(range(max(first, 0), min(last, len(self._model.rows))))

    def center_of(self, row: int) -> QPoint:
        """Return the middle of a row in the viewport."""
        return self.visualRect(self._model.index(row)).center()

    def _on_reset(self) -> None:
        self._hover(-1)
        self.scrollToTop()
        if self._model.rows:
            self.setCurrentIndex(self._model.index(0))
        self._enable()
        self._request_pictures()

    def _enable(self) -> None:
        for action in self.commands.values():
            action.setEnabled(bool(self._model.rows))

    def _activate(self) -> None:
        if self.row >= 0:
            self.activated_row.emit(self.row)

    def _on_scrolled(self) -> None:
        if not self._request_timer.isActive():
            self._request_timer.start()
        if self._hovered >= 0:
            self._hover_at(self.viewport().mapFromGlobal(QCursor.pos()))

    def _request_pictures(self) -> None:
        if self.isVisible() and (rows := self.visible_rows):
            self.pictures_requested.emit(rows)

    def _hover_at(self, point: QPoint) -> None:
        index = self.indexAt(point) if self.viewport().rect().contains(point) else self._model.index(-1)
        self._hover(index.row() if index.isValid() else -1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.hovered.emit(row)

    def _fit(self) -> None:
        """Lay out as many columns as there is room for, sharing the width."""
        width = self.viewport().width()
        columns = max(1, (width - 1) // _LEAST_WIDTH)
        cell = self._cells.set_cell((width - 1) // columns, self.fontMetrics())
        if cell != self.gridSize():
            self.setGridSize(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        self._hover_at(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._hover(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        if self.row < 0 and self._model.rows:
            self.setCurrentIndex(self._model.index(0))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        if not self.underMouse():
            self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self._hover(-1 if self._hovered == self.row else self.row)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self.commands.values()))
        menu.popup(self.viewport().mapToGlobal(self.center_of(index.row())) if is_key else event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit()
        super().resizeEvent(event)
        self._request_timer.start()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._request_timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        self.painted.emit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(3 * _LEAST_WIDTH, 2 * _LEAST_WIDTH)
