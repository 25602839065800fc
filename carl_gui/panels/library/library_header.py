"""The titles of the library's columns."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from carl_gui.models.video_cells import NUMBERS, Column, column_title
from carl_gui.panels.library.library_cells import MARGIN

_ARROW = 14


class LibraryHeader(QHeaderView):
    """Drawn here so that titles stand above their texts: a style's own margin is another one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setStretchLastSection(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 12)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803
        column, palette = Column(logicalIndex), self.palette()
        painter.save()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Button))
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        area = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == column:
            self._draw_arrow(painter, QPointF(rect.right() - MARGIN, rect.center().y()))
            area.setRight(area.right() - _ARROW)
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        painter.setPen(palette.color(QPalette.ColorRole.ButtonText))
        title = self.fontMetrics().elidedText(column_title(column), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()

    def _draw_arrow(self, painter: QPainter, middle: QPointF) -> None:
        """Up where the smallest stands first."""
        way = -1 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else 1
        corners = ((-4, -2), (4, -2), (0, 3))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawPolygon(QPolygonF([middle + QPointF(x - 2, way * y) for x, y in corners]))
