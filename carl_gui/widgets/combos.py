"""Combo boxes that cut long texts and whose popups do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

if TYPE_CHECKING:
    _Box = QComboBox
else:
    _Box = object

_ROOM = 12


class WidePopup(_Box):
    """Mixed into a combo box: no text of its list is elided, as far as the screen allows."""

    def showPopup(self) -> None:  # noqa: N802
        view = self.view()
        bar = view.verticalScrollBar().sizeHint().width()
        wanted = view.sizeHintForColumn(0) + bar + _ROOM
        view.setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))
        super().showPopup()


_ARROW = 8


class ElidedCombo(QComboBox):
    """The style alone would cut a long text off without a sign."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideMiddle, self.text_room()
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def text_room(self) -> int:
        """Return for how long a text there is room, in pixels."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _ARROW
