"""Commands that a panel makes and does itself; `CommandsController.adopt` takes them into the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class PanelCommand:
    """Something that can be done in a panel: a row of its table."""

    name: str
    text: str
    """In English; translated where an action is made of it."""
    key: str = ""
    """As `QKeySequence` writes it in PortableText; empty: none."""


def panel_action(panel: QWidget, text: str, keys: Sequence[str]) -> QAction:
    """An action whose keys work while the focus is in the panel.

    Args:
        text: translated.
        keys: as `QKeySequence` writes them in PortableText; the first is the one that is shown.
    """
    action = QAction(text, panel)
    action.setShortcuts([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in keys if key])
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    panel.addAction(action)
    return action
