"""The commands of the page Explore in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "ExploreCommands"
"""The context of the translations."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("view_pair", QT_TRANSLATE_NOOP("ExploreCommands", "Show one pair")),
        PanelCommand("view_many", QT_TRANSLATE_NOOP("ExploreCommands", "Show many videos at once")),
        PanelCommand("view_search", QT_TRANSLATE_NOOP("ExploreCommands", "Search for a frame or span")),
        PanelCommand("view_map", QT_TRANSLATE_NOOP("ExploreCommands", "Show the map of all frames")),
        PanelCommand("next_view", QT_TRANSLATE_NOOP("ExploreCommands", "Next view"), ("Ctrl+PgDown",)),
        PanelCommand("previous_view", QT_TRANSLATE_NOOP("ExploreCommands", "Previous view"), ("Ctrl+PgUp",)),
        PanelCommand("embed", QT_TRANSLATE_NOOP("ExploreCommands", "Embed remaining videos")),
    ),
    leads=("view_pair", "view_many", "view_search", "view_map"),
)
