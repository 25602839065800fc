"""The tables of all panels, in the order of the menus."""

from __future__ import annotations

from carl_gui.commands import explore, export, heatmap, label, library, many, map, pair, pair_export, player, search

TABLES = (
    library.COMMANDS,
    player.COMMANDS,
    label.COMMANDS,
    explore.COMMANDS,
    pair.COMMANDS,
    heatmap.COMMANDS,
    pair_export.COMMANDS,
    many.COMMANDS,
    many.EXPORT_COMMANDS,
    search.COMMANDS,
    search.HIT_COMMANDS,
    map.COMMANDS,
    map.EXPORT_COMMANDS,
    export.COMMANDS,
)
