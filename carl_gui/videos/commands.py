"""The library's commands in one table: what they are called, which keys they have at first, and what they need."""

from __future__ import annotations

from carl_gui.commands.command import VIDEOS, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "LibraryCommands"
"""Under which translators find the texts; their tool wants it spelt out below."""


COMMANDS = PanelTable(
    "videos",
    VIDEOS,
    "videos.",
    CONTEXT,
    (
        PanelCommand("add_files", QT_TRANSLATE_NOOP("LibraryCommands", "Add video files…"), ("Ctrl+I",), needs="add"),
        PanelCommand(
            "add_folder",
            QT_TRANSLATE_NOOP("LibraryCommands", "Add folder of videos…"),
            ("Ctrl+Shift+I",),
            needs="add",
        ),
        PanelCommand("find", QT_TRANSLATE_NOOP("LibraryCommands", "Search videos"), ("Ctrl+F",), needs="videos"),
        PanelCommand("edit_cell", QT_TRANSLATE_NOOP("LibraryCommands", "Edit"), ("F2",), needs="edit"),
        PanelCommand("rename", QT_TRANSLATE_NOOP("LibraryCommands", "Rename"), needs="edit"),
        PanelCommand("set_action", QT_TRANSLATE_NOOP("LibraryCommands", "Set action…"), needs="edit"),
        PanelCommand("find_moved", QT_TRANSLATE_NOOP("LibraryCommands", "Find moved video…"), needs="missing"),
        PanelCommand("reveal", QT_TRANSLATE_NOOP("LibraryCommands", "Show in folder"), needs="here"),
        PanelCommand("remove", QT_TRANSLATE_NOOP("LibraryCommands", "Remove from project"), ("Del",), needs="edit"),
    ),
)
