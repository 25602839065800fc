"""The commands of the page Label in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "LabelCommands"
"""Under which translators find the texts."""

NUMBERED = 9
"""Phases that have a number key."""
ALSO_ERASES = "Del"
"""Where Backspace is meant, people press this too; in the library it is the key that removes videos."""


@dataclass(frozen=True, slots=True)
class LabelCommand:
    """Something that can be done on the page."""

    name: str
    text: str
    """In English; translated where an action is made of it, with the number of a phase in the place of `{0}`."""
    key: str = ""
    """As `QKeySequence` writes it in PortableText; empty: none."""
    is_edit: bool = True
    """Whether it changes the project."""


COMMANDS = (
    LabelCommand("mark_start", str(QT_TRANSLATE_NOOP("LabelCommands", "Mark start")), "I", is_edit=False),
    LabelCommand("mark_end", str(QT_TRANSLATE_NOOP("LabelCommands", "Mark end")), "O", is_edit=False),
    LabelCommand("unmark", str(QT_TRANSLATE_NOOP("LabelCommands", "Forget the marks")), "Esc", is_edit=False),
    LabelCommand("erase", str(QT_TRANSLATE_NOOP("LabelCommands", "Erase the label here")), "Backspace"),
    LabelCommand("add_phase", str(QT_TRANSLATE_NOOP("LabelCommands", "Add a phase…")), "Ctrl+Shift+A"),
)
PHASE = LabelCommand("phase_{0}", str(QT_TRANSLATE_NOOP("LabelCommands", "Label as phase {0}")), "{0}")
