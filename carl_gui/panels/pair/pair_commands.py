"""The commands of the view of a pair in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from carl_gui.panels.panel_action import PanelCommand

CONTEXT = "PairCommands"
"""Under which translators find the texts."""

COMMANDS = (PanelCommand("swap", str(QT_TRANSLATE_NOOP("PairCommands", "Swap A and B")), "X"),)
