"""Labels whose colour has a meaning, and follows the theme."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QWidget

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
