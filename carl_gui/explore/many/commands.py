"""The commands of the view of many videos in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "ManyCommands"
"""The context of the translations."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("next_page", QT_TRANSLATE_NOOP("ManyCommands", "Next videos of the grid"), ("Shift+PgDown",)),
        PanelCommand(
            "previous_page", QT_TRANSLATE_NOOP("ManyCommands", "Previous videos of the grid"), ("Shift+PgUp",)
        ),
        PanelCommand("compare_cell", QT_TRANSLATE_NOOP("ManyCommands", "Compare this video with the reference")),
        PanelCommand("make_reference", QT_TRANSLATE_NOOP("ManyCommands", "Make this video the reference")),
        PanelCommand("choose_right", QT_TRANSLATE_NOOP("ManyCommands", "Choose right videos…")),
        PanelCommand("say_right", QT_TRANSLATE_NOOP("ManyCommands", "Mark this video as right or not")),
    ),
)
