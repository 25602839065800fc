"""The commands of the map in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "MapCommands"
"""The context of the translations."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.map_",
    CONTEXT,
    (
        PanelCommand("lasso", QT_TRANSLATE_NOOP("MapCommands", "Lasso frames"), ("E",)),
        PanelCommand("compare", QT_TRANSLATE_NOOP("MapCommands", "Compare with playing frame"), ("C",)),
        PanelCommand("make_umap", QT_TRANSLATE_NOOP("MapCommands", "Make the UMAP map")),
        PanelCommand(
            "frame_back", QT_TRANSLATE_NOOP("MapCommands", "Choose previous frame"), ("Left",), is_shared=True
        ),
        PanelCommand("frame_on", QT_TRANSLATE_NOOP("MapCommands", "Choose next frame"), ("Right",), is_shared=True),
        PanelCommand("zoom_in", QT_TRANSLATE_NOOP("MapCommands", "Zoom in"), ("Ctrl++",), is_shared=True),
        PanelCommand("zoom_out", QT_TRANSLATE_NOOP("MapCommands", "Zoom out"), ("Ctrl+-",), is_shared=True),
        PanelCommand("zoom_fit", QT_TRANSLATE_NOOP("MapCommands", "Fit map"), ("Ctrl+0",), is_shared=True),
        PanelCommand("find_similar", QT_TRANSLATE_NOOP("MapCommands", "Find similar frames"), ("F",), is_shared=True),
    ),
)
