"""A sentence with a name that is elided if it does not fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class NameLine(QLabel):
    """One line; the middle of its name is elided if it does not fit, and the tooltip has the whole text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._template, self._name = "{0}", ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def full_text(self) -> str:
        return self._template.replace("{0}", self._name)

    def set_name(self, name: str, template: str = "{0}") -> None:
        """Show `template` with `name` for `{0}`; the name gives way first."""
        if (name, template) != (self._name, self._template):
            self._name, self._template = name, template
            self.setAccessibleName(self.full_text)
            self.updateGeometry()
            self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().horizontalAdvance(self.full_text) + 4, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().averageCharWidth() * 8, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        letters, width = self.fontMetrics(), self.contentsRect().width()
        rest = letters.horizontalAdvance(self._template.replace("{0}", ""))
        room = max(width - rest, letters.averageCharWidth() * 6)
        name = letters.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        text = letters.elidedText(self._template.replace("{0}", name), Qt.TextElideMode.ElideRight, width)
        self.setText(text)
        self.setToolTip(self.full_text if text != self.full_text else "")
