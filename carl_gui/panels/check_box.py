"""A check box whose empty square is also visible on dark windows."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from carl_gui.theme import colours_of


class CheckBox(QCheckBox):
    """Like Qt's, but draws an outline, because the style's own is darker than a dark window."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        square = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setPen(colours.muted_text if self.isEnabled() else colours.border)
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        painter.end()
