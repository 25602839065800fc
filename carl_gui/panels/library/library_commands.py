"""The library's commands in one table: what they are called, which keys they have at first, and what they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "LibraryCommands"
"""Under which translators find the texts; their tool wants it spelt out below."""

Needs = Literal["", "add", "videos", "selection", "edit", "missing", "here"]


@dataclass(frozen=True, slots=True)
class LibraryCommand:
    """Something that can be done in the library."""

    name: str
    text: str
    """In English; translated where an action is made of it."""
    key: str = ""
    """As `QKeySequence` writes it in PortableText; empty: none."""
    needs: Needs = ""
    """What must be there: leave to add; videos; a selection; a selection and leave to edit; one that is missing among
    those selected; the file of the current one."""


COMMANDS = (
    LibraryCommand("add_files", str(QT_TRANSLATE_NOOP("LibraryCommands", "Add video files…")), "Ctrl+I", "add"),
    LibraryCommand(
        "add_folder", str(QT_TRANSLATE_NOOP("LibraryCommands", "Add folder of videos…")), "Ctrl+Shift+I", "add"
    ),
    LibraryCommand("find", str(QT_TRANSLATE_NOOP("LibraryCommands", "Search videos")), "Ctrl+F", "videos"),
    LibraryCommand("edit_cell", str(QT_TRANSLATE_NOOP("LibraryCommands", "Edit")), "F2", "edit"),
    LibraryCommand("rename", str(QT_TRANSLATE_NOOP("LibraryCommands", "Rename")), "", "edit"),
    LibraryCommand("set_action", str(QT_TRANSLATE_NOOP("LibraryCommands", "Set action…")), "", "edit"),
    LibraryCommand("find_moved", str(QT_TRANSLATE_NOOP("LibraryCommands", "Find moved video…")), "", "missing"),
    LibraryCommand("reveal", str(QT_TRANSLATE_NOOP("LibraryCommands", "Show in folder")), "", "here"),
    LibraryCommand("remove", str(QT_TRANSLATE_NOOP("LibraryCommands", "Remove from project")), "Del", "edit"),
)
