"""Commands of pages that were not made yet: the menus show them from the start, from the tables of the panels."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from carl_gui.actions import EXPLORE, EXPORT, LABEL, PLAY, VIDEOS, Command, State
from carl_gui.panels.explore import explore_commands
from carl_gui.panels.export import export_commands
from carl_gui.panels.label import label_commands
from carl_gui.panels.library import library_commands
from carl_gui.panels.many import many_commands
from carl_gui.panels.map import map_commands
from carl_gui.panels.pair import export_commands as pair_exports
from carl_gui.panels.pair import heatmap_commands, pair_commands
from carl_gui.panels.player import player_commands
from carl_gui.panels.search import search_commands

_Row = tuple[str, str, str]
"""Id, text as it is read, and the key at first."""


def _never(state: State) -> bool:
    return False


def _has_project(state: State) -> bool:
    return state.has_project


def waiting_commands() -> Iterator[Command]:
    """Return all; those that lead to their page can be chosen as soon as a project is open, the others not."""
    for category, page, rows in ((VIDEOS, "videos", _videos), (PLAY, "videos", _play), (LABEL, "label", _label)):
        yield from (_waiting(category, page, *row, leads=False) for row in rows())
    yield from (_waiting(EXPLORE, "explore", *row, leads=row[0].startswith("explore.view_")) for row in _explore())
    yield from (_waiting(EXPORT, "export", *row, leads=True) for row in _export())


def _waiting(category: str, page: str, command_id: str, text: str, key: str, *, leads: bool) -> Command:
    return Command(
        command_id,
        category,
        text,
        key,
        lambda window: window.run_on_page(page, command_id),
        when=_has_project if leads else _never,
    )


def _said(context: str, text: str) -> str:
    return QCoreApplication.translate(context, text)


def _videos() -> Iterator[_Row]:
    for one in library_commands.COMMANDS:
        yield f"videos.{one.name}", _said(library_commands.CONTEXT, one.text), one.key


def _play() -> Iterator[_Row]:
    for one in player_commands.COMMANDS:
        yield f"play.{one.name}", _said(player_commands.CONTEXT, one.text), "".join(one.keys[:1])


def _label() -> Iterator[_Row]:
    numbered = [(label_commands.PHASE, number) for number in range(1, label_commands.NUMBERED + 1)]
    for one, number in [*((one, 0) for one in label_commands.COMMANDS), *numbered]:
        text = _said(label_commands.CONTEXT, one.text).format(number)
        yield f"label.{one.name.format(number)}", text, "".join(one.keys[:1]).format(number)


def _explore() -> Iterator[_Row]:
    tables = (
        ("explore.", explore_commands.CONTEXT, explore_commands.COMMANDS),
        ("explore.", pair_commands.CONTEXT, pair_commands.COMMANDS),
        ("explore.", heatmap_commands.CONTEXT, heatmap_commands.COMMANDS),
        ("explore.", pair_exports.CONTEXT, pair_exports.COMMANDS),
        ("explore.", many_commands.CONTEXT, many_commands.COMMANDS),
        ("explore.", many_commands.EXPORT_CONTEXT, many_commands.EXPORT_COMMANDS),
        ("search.", search_commands.CONTEXT, search_commands.COMMANDS),
        ("search.", search_commands.CONTEXT, search_commands.HIT_COMMANDS),
        ("explore.map_", map_commands.CONTEXT, map_commands.COMMANDS),
        ("explore.", map_commands.EXPORT_CONTEXT, map_commands.EXPORT_COMMANDS),
    )
    for prefix, context, commands in tables:
        for one in commands:
            if (prefix, one.name) != ("search.", "find_similar"):  # which goes by the command of every player
                yield prefix + one.name, _said(context, one.text), "".join(one.key.split()[:1])


def _export() -> Iterator[_Row]:
    for one in export_commands.COMMANDS:
        yield f"export.{one.name}", _said(export_commands.CONTEXT, one.text), one.key
