"""The title above a group of controls."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from carl_gui.panels.ink_label import InkLabel
from carl_gui.panels.widgets import lettered


def section_title(text: str, buddy: QWidget | None = None) -> InkLabel:
    """A bold line that stands for what is below it."""
    label = InkLabel(text)
    label.setFont(lettered(label.font(), bold=True))
    if buddy is not None:
        label.setBuddy(buddy)
    return label
