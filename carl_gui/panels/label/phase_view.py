"""The list view of phases: rows are moved by dragging, or by Alt and an arrow."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from carl_gui.theme import colours_of


class PhaseView(QListView):
    """A list with a sentence if empty. Only emits moves; does not perform them."""

    moved = Signal(int, int)
    """The row that is moved, and the one that it becomes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(uniformItemSizes=True)
        self._sentence = sentence
        self.is_fixed = False
        """Whether rows stay where they are."""
        self._pressed: QPoint | None = None
        self._gap: int | None = None
        """Before which row what is dragged would come."""
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        colours = colours_of(self.palette())
        rows = self.model().rowCount()
        if rows == 0:
            painter.setPen(QColor(colours.muted_text))
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            painter.drawText(QRectF(self.viewport().rect()).adjusted(12, 8, -12, -8), self._sentence, option)
        elif self._gap is not None:
            last = self.visualRect(self.model().index(rows - 1, 0)).bottom()
            y = last if self._gap == rows else self.visualRect(self.model().index(self._gap, 0)).top()
            painter.setPen(QPen(QColor(colours.curve), 3))
            painter.drawLine(4, y, self.viewport().width() - 4, y)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(event)
        at = event.position().toPoint()
        is_taken = event.button() == Qt.MouseButton.LeftButton and not self.is_fixed and self.indexAt(at).isValid()
        self._pressed = at if is_taken else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        at = event.position().toPoint()
        if self._gap is not None or abs(at.y() - self._pressed.y()) >= QApplication.startDragDistance():
            self._gap = self._gap_at(at)
            self.scrollTo(self.model().index(min(self._gap, self.model().rowCount() - 1), 0))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        gap, pressed = self._gap, self._pressed
        self._let_go()
        if gap is not None and pressed is not None:
            row = self.currentIndex().row()
            to_row = gap - 1 if gap > row else gap
            if to_row != row:
                self.moved.emit(row, to_row)

    def event(self, event: QEvent) -> bool:
        """While a row is dragged Escape is for that."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride and self._gap is not None
        if is_asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self._gap is not None:
            self._let_go()
            return
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        row = self.currentIndex().row()
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and by and not self.is_fixed:
            if 0 <= row + by < self.model().rowCount():
                self.moved.emit(row, row + by)
            return
        super().keyPressEvent(event)

    def _gap_at(self, at: QPoint) -> int:
        index = self.indexAt(QPoint(4, min(max(at.y(), 0), self.viewport().height() - 1)))
        if not index.isValid():
            return self.model().rowCount() if at.y() > 0 else 0
        return index.row() + (at.y() > self.visualRect(index).center().y())

    def _let_go(self) -> None:
        self._pressed = self._gap = None
        self.unsetCursor()
        self.viewport().update()
