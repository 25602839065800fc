"""Labels for names of any length."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from carl_gui.models.messages import tooltip
from carl_gui.panels.ink_label import InkLabel

_MOST_LETTERS = 24
"""Of a word that stays in one piece."""


class ElidedLabel(InkLabel):
    """One line; if it does not fit, a part of it is elided, and the tooltip has the whole text."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, is_sentence: bool = False) -> None:
        """`is_sentence`: its end is left out, and not its middle as of a name."""
        super().__init__(parent=parent)
        modes = Qt.TextElideMode
        self._mode = modes.ElideRight if is_sentence else modes.ElideMiddle
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._full_text = self._meaning = ""
        self.setMinimumWidth(1)
        self.set_full_text(text)

    @property
    def full_text(self) -> str:
        return self._full_text

    def set_full_text(self, text: str) -> None:
        """What to show."""
        self._full_text = text
        self.setToolTip(tooltip(text, self._meaning) if self._meaning else text)
        self.setAccessibleName(text)
        self._fit()

    def set_meaning(self, meaning: str) -> None:
        """What such texts mean; stands in the tip below the text itself."""
        self._meaning = meaning
        self.set_full_text(self._full_text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full_text, self._mode, self.contentsRect().width()))


def breakable(text: str) -> str:
    """A text whose long words can be broken between two lines; for reading, not for copying."""
    return re.sub(rf"([^\s/\\]{{{_MOST_LETTERS}}})(?=[^\s/\\])", "\\1\u200b", text)


def shown(text: str) -> str:
    """A name or path as it can be shown: what is no Unicode becomes a replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
