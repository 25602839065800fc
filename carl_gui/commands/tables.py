"""The tables of all panels, in the order of the menus. Exports of Explore's views: `controllers/explore/exports.py`."""

from __future__ import annotations

from carl_gui.commands import explore, export, heatmap, label, library, many, map, pair, player, search

TABLES = (
    library.COMMANDS,
    player.COMMANDS,
    label.COMMANDS,
    explore.COMMANDS,
    pair.COMMANDS,
    heatmap.COMMANDS,
    many.COMMANDS,
    search.COMMANDS,
    search.HIT_COMMANDS,
    map.COMMANDS,
    export.COMMANDS,
)
