"""A line across the window with an important message, and an action."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from carl_gui.theme import colours_of
from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.layouts import hbox

_EDGE = 4


@dataclass(frozen=True)
class _Message:
    sentence: str
    action: str
    is_warning: bool


class Banner(QWidget):
    """One sentence, at most one action, and a close button. Hidden while there is no message.

    An action that was offered waits below a later sentence, and is offered again once that one was dismissed.
    """

    action_triggered = Signal()
    action_declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: _Message | None = None
        self._below: _Message | None = None
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumWidth(1)
        self._action = push_button("", self._choose)
        self._close = named(QToolButton(autoRaise=True), self.tr("Dismiss"), self.tr("Dismiss"))
        self._close.setText("✕")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self._dismiss)
        hbox((self._text, 1), self._action, self._close, on=self, margins=(14, 6, 8, 6), spacing=10)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return self._message.sentence if self._message is not None else ""

    def show_message(self, sentence: str, *, action: str = "", is_warning: bool = False) -> None:
        """Show this sentence, and a button called `action`."""
        if action:
            self._below = None
        elif self._message is not None and self._message.action:
            self._below = self._message
        self._show(_Message(sentence, action, is_warning))

    def retract(self, sentence: str) -> None:
        """Hide this sentence, which no longer holds."""
        if self._message is not None and self._message.sentence == sentence:
            below, self._below = self._below, None
            self._show(below)

    def clear(self) -> None:
        """Hide the message, and withdraw what it offered."""
        self._below = None
        self._show(None)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the frame: a style sheet would keep the look in which it was written."""
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.border))
        is_warning = self._message is not None and self._message.is_warning
        painter.fillRect(0, 0, _EDGE, self.height(), QColor(colours.warning if is_warning else colours.curve))
        painter.end()

    def _show(self, message: _Message | None) -> None:
        self._message = message
        if message is not None:
            self._text.setText(message.sentence)
            self._action.setText(message.action)
            self._action.setVisible(bool(message.action))
            self.update()
        self.setVisible(message is not None)

    def _choose(self) -> None:
        self.clear()
        self.action_triggered.emit()

    def _dismiss(self) -> None:
        message, below = self._message, self._below
        self._below = None
        self._show(below)
        if message is not None and message.action:
            self.action_declined.emit()
