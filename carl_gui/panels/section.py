"""The title above a group of controls."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from carl_gui.panels.ink_label import InkLabel


def section_title(text: str, buddy: QWidget | None = None) -> InkLabel:
    """A bold line that stands for what is below it."""
    label = InkLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    if buddy is not None:
        label.setBuddy(buddy)
    return label
