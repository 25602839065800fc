"""What can be taken out of the view of a pair, in one table."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE
from carl_gui.commands.panel_table import PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "PairExport"
"""Under which translators find the texts."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("export_heatmap", QT_TRANSLATE_NOOP("PairExport", "Heatmap as picture (PNG, SVG)…")),
        PanelCommand("export_matrix", QT_TRANSLATE_NOOP("PairExport", "Heatmap data (NPZ)…")),
        PanelCommand("export_path", QT_TRANSLATE_NOOP("PairExport", "Path as table (CSV)…")),
        PanelCommand("export_deviations", QT_TRANSLATE_NOOP("PairExport", "Deviations in this pair (CSV)…")),
        PanelCommand("export_video", QT_TRANSLATE_NOOP("PairExport", "Both videos side by side (MP4)…")),
    ),
)
