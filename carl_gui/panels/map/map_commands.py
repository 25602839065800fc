"""The commands of the map in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from carl_gui.panels.panel_action import PanelCommand

CONTEXT = "MapCommands"
"""Under which translators find the texts."""

COMMANDS = (
    PanelCommand("lasso", str(QT_TRANSLATE_NOOP("MapCommands", "Lasso frames")), "E"),
    PanelCommand("compare", str(QT_TRANSLATE_NOOP("MapCommands", "Compare with playing frame")), "C"),
    PanelCommand("make_umap", str(QT_TRANSLATE_NOOP("MapCommands", "Make the UMAP map"))),
)
SHARED = (
    PanelCommand("frame_back", str(QT_TRANSLATE_NOOP("MapCommands", "Choose previous frame")), "Left"),
    PanelCommand("frame_on", str(QT_TRANSLATE_NOOP("MapCommands", "Choose next frame")), "Right"),
    PanelCommand("zoom_in", str(QT_TRANSLATE_NOOP("MapCommands", "Zoom in")), "Ctrl++"),
    PanelCommand("zoom_out", str(QT_TRANSLATE_NOOP("MapCommands", "Zoom out")), "Ctrl+-"),
    PanelCommand("zoom_fit", str(QT_TRANSLATE_NOOP("MapCommands", "Fit map")), "Ctrl+0"),
    PanelCommand("find_similar", str(QT_TRANSLATE_NOOP("MapCommands", "Find similar frames")), "F"),
)
"""Told by the keys that do the same in a player."""

EXPORT_CONTEXT = "MapExport"
EXPORT_COMMANDS = (
    PanelCommand("export_map", str(QT_TRANSLATE_NOOP("MapExport", "Map as picture (PNG)…"))),
    PanelCommand("export_map_points", str(QT_TRANSLATE_NOOP("MapExport", "Points as table (CSV)…"))),
)
