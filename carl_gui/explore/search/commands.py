"""The commands of the view of a search in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "SearchCommands"
"""The context of the translations."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "search.",
    CONTEXT,
    (
        PanelCommand("new_search", QT_TRANSLATE_NOOP("SearchCommands", "Search for the chosen frame")),
        PanelCommand("previous_search", QT_TRANSLATE_NOOP("SearchCommands", "Previous search"), ("Alt+Left",)),
        PanelCommand("next_search", QT_TRANSLATE_NOOP("SearchCommands", "Next search"), ("Alt+Right",)),
        PanelCommand("query_earlier", QT_TRANSLATE_NOOP("SearchCommands", "Search one frame earlier"), (",",)),
        PanelCommand("query_later", QT_TRANSLATE_NOOP("SearchCommands", "Search one frame later"), (".",)),
    ),
)
HIT_COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "search.",
    CONTEXT,
    (
        PanelCommand(
            "open_hit", QT_TRANSLATE_NOOP("SearchCommands", "Open result beside the query"), ("Return", "Enter")
        ),
        PanelCommand(
            "find_similar", QT_TRANSLATE_NOOP("SearchCommands", "Search from this result"), ("F",), is_shared=True
        ),
        PanelCommand("copy_hit", QT_TRANSLATE_NOOP("SearchCommands", "Copy result as text"), ("Ctrl+C",)),
        PanelCommand(
            "reveal_hit",
            QT_TRANSLATE_NOOP("SearchCommands", "Show result in Videos"),
            ("Ctrl+Return", "Ctrl+Enter"),
        ),
    ),
)
"""Commands that work while the hits have the focus."""
