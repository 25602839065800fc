"""The tables of all panels, in the order of the menus."""

from __future__ import annotations

from carl_gui.explore.command_tables import TABLES as EXPLORE
from carl_gui.export.commands import COMMANDS as EXPORT
from carl_gui.label.commands import COMMANDS as LABEL
from carl_gui.player.commands import COMMANDS as PLAYER
from carl_gui.videos.commands import COMMANDS as VIDEOS

TABLES = (VIDEOS, PLAYER, LABEL, *EXPLORE, EXPORT)
