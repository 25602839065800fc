"""Labels: colours with a meaning, which follow the theme, and text that is cut in the middle where it is too long."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from carl_gui.models.messages import tooltip
from carl_gui.theme import colours_of

Ink: TypeAlias = Literal["text", "muted", "warning", "a", "b"]
"""Ordinary text, less important text, a warning, and what belongs to video A or B."""


class InkLabel(QLabel):
    """A label in one of the theme's inks."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, ink: Ink = "text") -> None:
        super().__init__(text, parent)
        self._colour = ""
        self.set_ink(ink)

    def set_ink(self, ink: Ink) -> None:
        """Use this ink from now on."""
        self._ink: Ink = ink
        self._apply_ink()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        is_made = hasattr(self, "_ink")  # Qt asks before
        if is_made and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ParentChange):
            self._apply_ink()

    def _apply_ink(self) -> None:
        around = self.parentWidget()
        colour = _colour_of(self._ink, QGuiApplication.palette() if around is None else around.palette())
        if colour == self._colour:
            return
        self._colour, palette = colour, QPalette()
        if colour:
            for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
                palette.setColor(group, QPalette.ColorRole.WindowText, QColor(colour))
        self.setPalette(palette)


def _colour_of(ink: Ink, palette: QPalette) -> str:
    """Return the colour of an ink in a palette's theme; empty: that of any label."""
    colours = colours_of(palette)
    inks = {"text": "", "muted": colours.muted_text, "warning": colours.warning}
    return (inks | dict(zip(("a", "b"), colours.pair, strict=False)))[ink]


def wrapped_label(text: str = "", *, ink: Ink = "text") -> InkLabel:
    """Return a label of plain text that wraps, and makes nothing wider."""
    label = InkLabel(text, ink=ink)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)
    return label


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
        """Show this text, elided where it has to be."""
        self._full_text = text
        self.setToolTip(tooltip(text, self._meaning) if self._meaning else text)
        self.setAccessibleName(text)
        self._fit()

    def set_meaning(self, meaning: str) -> None:
        """Explain such texts in the tip, below the text itself."""
        self._meaning = meaning
        self.set_full_text(self._full_text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full_text, self._mode, self.contentsRect().width()))


def breakable(text: str) -> str:
    """Let long words be broken between two lines; for reading, not for copying."""
    return re.sub(rf"([^\s/\\]{{{_MOST_LETTERS}}})(?=[^\s/\\])", "\\1\u200b", text)


def shown(text: str) -> str:
    """Return a name or path as it can be shown: what is no Unicode becomes a replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
