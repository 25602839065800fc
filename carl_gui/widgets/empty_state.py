"""Placeholder of a page that has nothing to work on yet."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from carl_gui.widgets.buttons import PrimaryButton
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.layouts import STRETCH, Stretch, hbox, vbox

_LARGE = 1.5
_WIDEST = 520


class EmptyState(QWidget):
    """A title, a sentence that says what to do, and a button that leads there."""

    action_triggered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._title.setFont(scaled_font(self._title.font(), scale=_LARGE, bold=True))
        self._sentence = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._action = PrimaryButton("")
        self._action.clicked.connect(self.action_triggered)
        for label in (self._title, self._sentence):
            label.setMinimumWidth(1)
        words = QWidget()
        words.setMaximumWidth(_WIDEST)
        vbox(
            Stretch(2),
            self._title,
            self._sentence,
            4,
            (self._action, 0, Qt.AlignmentFlag.AlignHCenter),
            Stretch(3),
            on=words,
            margins=24,
            spacing=12,
        )
        layout = hbox(STRETCH, on=self)
        layout.addWidget(words, _WIDEST)  # all the room there is, up to its greatest width
        layout.addStretch(1)

    @property
    def sentence(self) -> str:
        """What it says below its title."""
        return self._sentence.text()

    @property
    def action(self) -> str:
        """What its button is called; empty: there is none."""
        return "" if self._action.isHidden() else self._action.text()

    def show_message(self, title: str, sentence: str, action: str = "") -> None:
        """Show a title and a sentence; `action` is the button's text, empty: no button."""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._action.setText(action)
        self._action.setVisible(bool(action))
