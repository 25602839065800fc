"""A check box whose empty square is seen on dark windows too."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from carl_gui.theme import colours_of


class CheckBox(QCheckBox):
    """As Qt's; the style's own outline is darker than a dark window, so one is drawn over it."""

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
