"""Buttons, check boxes and radio buttons as the window has them."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QPushButton, QRadioButton, QStyle, QStyleOptionButton, QWidget

from carl_gui.theme import colours_of
from carl_gui.widgets.factories import scaled_font


class PrimaryButton(QPushButton):
    """A button in the accent's colour."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(scaled_font(self.font(), bold=True))
        self.setMinimumHeight(self.fontMetrics().height() * 2)
        self._is_primary = True
        self._update_palette()

    @property
    def is_primary(self) -> bool:
        """Whether it has the accent's colour."""
        return self._is_primary

    def set_primary(self, is_primary: bool) -> None:
        """Set whether it is the one to press; else it looks like any other button."""
        if is_primary == self._is_primary:
            return
        self._is_primary = is_primary
        self.setFont(scaled_font(self.font(), bold=is_primary))
        if not is_primary:
            self.setPalette(QPalette())
        self._update_palette()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the accent of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_palette()

    def _update_palette(self) -> None:
        if not self._is_primary:
            return
        colours, palette = colours_of(self.palette()), self.palette()
        role_colours = {QPalette.ColorRole.Button: colours.accent, QPalette.ColorRole.ButtonText: colours.accent_text}
        groups = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive)
        if any(palette.color(groups[0], role).name() != colour for role, colour in role_colours.items()):
            for role, colour in role_colours.items():
                for group in groups:
                    palette.setColor(group, role, QColor(colour))
            self.setPalette(palette)


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
