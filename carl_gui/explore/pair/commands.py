"""The commands of the view of two videos and of its heatmap."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "PairCommands"
"""The context of the translations."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("swap", QT_TRANSLATE_NOOP("PairCommands", "Swap A and B"), ("X",)),
        PanelCommand("itself", QT_TRANSLATE_NOOP("PairCommands", "Compare A with itself")),
        PanelCommand("move_path", QT_TRANSLATE_NOOP("PairCommands", "Move both along the path")),
        PanelCommand("move_a", QT_TRANSLATE_NOOP("PairCommands", "Let A lead B")),
        PanelCommand("move_b", QT_TRANSLATE_NOOP("PairCommands", "Let B lead A")),
        PanelCommand("move_offset", QT_TRANSLATE_NOOP("PairCommands", "Lock offset")),
        PanelCommand("move_free", QT_TRANSLATE_NOOP("PairCommands", "Move each alone")),
        PanelCommand("next_mode", QT_TRANSLATE_NOOP("PairCommands", "Next linking mode"), ("D",)),
        PanelCommand("next_pace", QT_TRANSLATE_NOOP("PairCommands", "Next tempo along the path"), ("Shift+D",)),
        PanelCommand("previous_peak", QT_TRANSLATE_NOOP("PairCommands", "Previous difference"), ("Shift+N",)),
        PanelCommand("next_peak", QT_TRANSLATE_NOOP("PairCommands", "Next difference"), ("N",)),
        PanelCommand("previous_repetition", QT_TRANSLATE_NOOP("PairCommands", "Previous repetition"), ("Shift+R",)),
        PanelCommand("next_repetition", QT_TRANSLATE_NOOP("PairCommands", "Next repetition"), ("R",)),
        PanelCommand("pin", QT_TRANSLATE_NOOP("PairCommands", "Pin these two frames"), ("P",)),
        PanelCommand("unpin", QT_TRANSLATE_NOOP("PairCommands", "Remove pin"), ("Shift+P",)),
        PanelCommand("unpin_all", QT_TRANSLATE_NOOP("PairCommands", "Remove all pins of this pair")),
        PanelCommand("look_side", QT_TRANSLATE_NOOP("PairCommands", "Side by side")),
        PanelCommand("look_blend", QT_TRANSLATE_NOOP("PairCommands", "Overlay")),
        PanelCommand("look_onion", QT_TRANSLATE_NOOP("PairCommands", "Onion skin")),
        PanelCommand("look_difference", QT_TRANSLATE_NOOP("PairCommands", "Difference")),
        PanelCommand("next_look", QT_TRANSLATE_NOOP("PairCommands", "Next picture mode"), ("V",)),
        PanelCommand("choose_right", QT_TRANSLATE_NOOP("PairCommands", "Choose right videos…")),
        PanelCommand("mirror", QT_TRANSLATE_NOOP("PairCommands", "Mirror B"), ("Shift+V",)),
    ),
)


HEATMAP_CONTEXT = "HeatmapCommands"
"""The context of the translations."""

HEATMAP_COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    HEATMAP_CONTEXT,
    (
        PanelCommand("heatmap_zoom_in", QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap in"), ("+",)),
        PanelCommand("heatmap_zoom_out", QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap out"), ("-",)),
        PanelCommand("heatmap_fit", QT_TRANSLATE_NOOP("HeatmapCommands", "Fit heatmap"), ("0",)),
    ),
)
