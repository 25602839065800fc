"""The commands of all exports of Explore's views, for menus: known before the page is made."""

from __future__ import annotations

from carl_gui.controllers.explore import many_export, map_export, pair_export, search_export

TABLES = (pair_export.COMMANDS, many_export.COMMANDS, search_export.COMMANDS, map_export.COMMANDS)
