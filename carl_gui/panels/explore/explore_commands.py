"""The commands of the page Explore in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "ExploreCommands"
"""Under which translators find the texts."""


@dataclass(frozen=True, slots=True)
class ExploreCommand:
    """Something that can be done on the page."""

    name: str
    text: str
    """In English; translated where an action is made of it."""
    key: str = ""
    """As `QKeySequence` writes it in PortableText; empty: none."""


COMMANDS = (
    ExploreCommand("swap", str(QT_TRANSLATE_NOOP("ExploreCommands", "Swap A and B")), "X"),
    ExploreCommand("embed", str(QT_TRANSLATE_NOOP("ExploreCommands", "Embed the other videos"))),
)
