"""The commands of the heatmap in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE
from carl_gui.commands.panel_table import PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "HeatmapCommands"
"""Under which translators find the texts."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("heatmap_zoom_in", QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap in"), ("+",)),
        PanelCommand("heatmap_zoom_out", QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap out"), ("-",)),
        PanelCommand("heatmap_fit", QT_TRANSLATE_NOOP("HeatmapCommands", "Fit heatmap"), ("0",)),
    ),
)
