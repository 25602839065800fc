"""A column of panels that scrolls vertically if the window is too low, and is never cut off at the sides."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QWidget

_LEAST_HEIGHT = 160


class ColumnScroll(QScrollArea):
    """At least as wide as its column, however low it is."""

    def __init__(self, column: QBoxLayout, parent: QWidget | None = None) -> None:
        """`column` is laid from top to bottom, and lies on no widget yet."""
        super().__init__(parent)
        self._column, self._inner = column, QWidget()
        self._inner.setLayout(column)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._inner)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        bar = self.verticalScrollBar().sizeHint().width()
        least = self._inner.minimumSizeHint()
        return QSize(least.width() + bar, min(least.height(), _LEAST_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """What the column needs may change with what is in it."""
        if watched is self._inner and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """As high as there is room for, and as it must be; a scroll area itself would make it as high as it likes."""
        room = self.viewport().size()
        self._inner.resize(room.width(), max(room.height(), self._least_height(room.width())))

    def _least_height(self, width: int) -> int:
        """Of the parts that stretch the least is enough; the others are as high as their lines need."""
        layout = self._column
        margins = layout.contentsMargins()
        inner, parts = width - margins.left() - margins.right(), []
        for place in range(layout.count()):
            if (item := layout.itemAt(place)) is not None:
                lines = item.heightForWidth(inner) if item.hasHeightForWidth() and not layout.stretch(place) else 0
                parts.append(max(item.minimumSize().height(), lines))
        return sum(parts) + layout.spacing() * max(len(parts) - 1, 0) + margins.top() + margins.bottom()
