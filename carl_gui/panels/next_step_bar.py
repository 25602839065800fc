"""A line below the pages that names the next step, with one button that leads there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from carl_gui.panels.layouts import hbox
from carl_gui.panels.primary_button import PrimaryButton
from carl_gui.theme import colours_of


class NextStepBar(QWidget):
    """Displays what `say` gives it; hidden while there is nothing."""

    action_triggered = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = "", ""
        self.setAccessibleName(self.tr("Next step"))
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setMinimumWidth(1)
        self._action = PrimaryButton("")
        self._action.setMinimumHeight(self._action.fontMetrics().height() + 9)
        self._action.clicked.connect(self.action_triggered)
        self._close = QToolButton(autoRaise=True)
        self._close.setText("✕")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setAccessibleName(self.tr("Hide the next step"))
        self._close.setToolTip(self.tr("Hide the next step; View, “Next step” brings it back"))
        self._close.clicked.connect(self.dismissed)
        row = hbox(on=self, margins=(14, 3, 8, 3), spacing=10)
        row.addStrut(max(self._action.sizeHint().height(), self._action.minimumHeight()))  # as high without a button
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def button(self) -> PrimaryButton:
        """What leads on."""
        return self._action

    def say(self, sentence: str, action: str = "") -> None:
        """Show this sentence and a button called `action`, empty: none; an empty sentence hides all of it."""
        if (sentence, action) == self._said:
            return
        self._said = sentence, action
        self._text.setText(sentence)
        self._action.setText(action.replace("&", "&&"))
        self._action.setVisible(bool(action))
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Painted, since a style sheet would keep the look in which it was written."""
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), colours.base)
        painter.fillRect(0, 0, self.width(), 1, colours.border)
        painter.end()
