"""The tables of the page, its views and their exports, in the order of the menu."""

from __future__ import annotations

from carl_gui.explore import commands as page
from carl_gui.explore.many import commands as many
from carl_gui.explore.many import export as many_export
from carl_gui.explore.map import commands as map
from carl_gui.explore.map import export as map_export
from carl_gui.explore.pair import commands as pair
from carl_gui.explore.pair import export as pair_export
from carl_gui.explore.search import commands as search
from carl_gui.explore.search import export as search_export

TABLES = (
    page.COMMANDS,
    pair.COMMANDS,
    pair.HEATMAP_COMMANDS,
    many.COMMANDS,
    search.COMMANDS,
    search.HIT_COMMANDS,
    map.COMMANDS,
    pair_export.COMMANDS,
    many_export.COMMANDS,
    search_export.COMMANDS,
    map_export.COMMANDS,
)
