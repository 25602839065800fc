"""A radio button whose empty circle is also visible on dark windows."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QRadioButton, QStyle, QStyleOptionButton

from carl_gui.theme import colours_of


class RadioButton(QRadioButton):
    """Like Qt's, but draws an outline, because the style's own is darker than a dark window."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        circle = self.style().subElementRect(QStyle.SubElement.SE_RadioButtonIndicator, option, self)
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.muted_text if self.isEnabled() else colours.border)
        painter.drawEllipse(circle.adjusted(1, 1, -2, -2))
        painter.end()
