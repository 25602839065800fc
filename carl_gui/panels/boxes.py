"""Modal message boxes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from carl_gui.panels.elided import shown


def box_over(window: QWidget | None, icon: QMessageBox.Icon, title: str, sentence: str) -> QMessageBox:
    """A box without buttons yet, to be opened; it is gone once it was closed. Its sentence can be copied."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(icon)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(shown(sentence))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return box
