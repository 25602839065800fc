"""The commands of the heatmap in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from carl_gui.panels.panel_action import PanelCommand

CONTEXT = "HeatmapCommands"
"""Under which translators find the texts."""

COMMANDS = (
    PanelCommand("heatmap_zoom_in", str(QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap in")), "+"),
    PanelCommand("heatmap_zoom_out", str(QT_TRANSLATE_NOOP("HeatmapCommands", "Zoom heatmap out")), "-"),
    PanelCommand("heatmap_fit", str(QT_TRANSLATE_NOOP("HeatmapCommands", "Fit heatmap")), "0"),
)
