"""Layout of the menus: groups with separators, and submenus where one would be too long.

A command that no menu names here stands at the end of its menu.
"""

from __future__ import annotations

from dataclasses import dataclass

from carl_gui.commands.command import EXPLORE, FILE, LABEL, PLAY, VIDEOS
from carl_gui.translation import QT_TRANSLATE_NOOP

RECENT = "file.recent"
"""Stands for the list of recent projects."""


@dataclass(frozen=True, slots=True)
class Submenu:
    """A submenu of related commands."""

    text: str
    """Untranslated, with an ampersand; its context is `Menus`."""
    groups: tuple[tuple[str, ...], ...]


Entry = str | Submenu
"""The id of a command, or more of them."""
Groups = tuple[tuple[Entry, ...], ...]


def _all(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


_FILE: Groups = (
    ("file.new", "file.open", RECENT, "file.sample"),
    ("file.restore", "file.close"),
    ("file.quit",),
)
_VIDEOS: Groups = (
    _all("videos", "add_files", "add_folder"),
    _all("videos", "find"),
    _all("videos", "edit_cell", "rename", "set_action"),
    _all("videos", "find_moved", "reveal"),
    _all("videos", "remove"),
)
_PLAY: Groups = (
    _all("play", "play", "shuttle_back", "shuttle_stop", "shuttle_on"),
    _all("play", "frame_back", "frame_on", "second_back", "second_on", "first_frame", "last_frame"),
    _all("play", "mute"),
    _all("play", "zoom_in", "zoom_out", "zoom_fit", "zoom_pixels"),
    _all("play", "skeleton", "follow_person", "follow_largest"),
    _all("play", "measure_line", "measure_angle", "set_length", "remove_measure", "clear_measures"),
    _all("play", "find_similar", "mark_start", "mark_end", "find_span", "loop", "forget_span"),
)
_PAIR = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Pair"),
    (
        _all("explore", "swap", "itself"),
        _all("explore", "move_path", "move_a", "move_b", "move_offset", "move_free", "next_mode", "next_pace"),
        _all("explore", "previous_peak", "next_peak", "previous_repetition", "next_repetition"),
        _all("explore", "pin", "unpin", "unpin_all"),
    ),
)
_PICTURE = Submenu(
    QT_TRANSLATE_NOOP("Menus", "P&icture of the pair"),
    (
        _all("explore", "look_side", "look_blend", "look_onion", "look_difference", "next_look", "mirror"),
        _all("explore", "heatmap_zoom_in", "heatmap_zoom_out", "heatmap_fit"),
    ),
)
_MANY = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Many"),
    (
        _all("explore", "next_page", "previous_page"),
        _all("explore", "compare_cell", "make_reference", "say_right"),
    ),
)
_SEARCH = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Search"),
    (
        _all("search", "new_search", "previous_search", "next_search"),
        _all("search", "query_earlier", "query_later"),
        _all("search", "open_hit", "copy_hit", "reveal_hit"),
    ),
)
_MAP = Submenu(
    QT_TRANSLATE_NOOP("Menus", "M&ap"),
    (_all("explore", "map_lasso", "map_compare"), _all("explore", "map_make_umap")),
)
_EXPORTS = Submenu(
    QT_TRANSLATE_NOOP("Menus", "E&xport"),
    (
        _all("explore", "export_frames", "export_heatmap", "export_matrix", "export_path", "export_video"),
        _all("explore", "export_grid", "export_grid_table"),
        _all("explore", "export_deviations", "export_grid_deviations"),
        _all("search", "hits_csv", "hits_sheet"),
        _all("explore", "export_map", "export_map_points"),
    ),
)
_EXPLORE: Groups = (
    _all("explore", "view_pair", "view_many", "view_search", "view_map"),
    _all("explore", "next_view", "previous_view"),
    _all("explore", "choose_right"),
    (_PAIR, _PICTURE, _MANY, _SEARCH, _MAP),
    (_EXPORTS,),
    _all("explore", "embed"),
)
_PHASES = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Phase"),
    (_all("label", *(f"phase_{number}" for number in range(1, 10))), _all("label", "add_phase")),
)
_EDGES = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Edges of a label"),
    (_all("label", "start_back", "start_on", "end_back", "end_on"),),
)
_PREDICTIONS = Submenu(
    QT_TRANSLATE_NOOP("Menus", "P&redictions"),
    (
        _all("label", "accept_segment", "accept_video", "accept_above", "confirm", "confirm_all"),
        _all("label", "what_next", "check", "compare_annotator"),
    ),
)
_TIMELINE = Submenu(
    QT_TRANSLATE_NOOP("Menus", "&Timeline"),
    (
        _all("label", "zoom_in", "zoom_out", "show_all", "unit"),
        _all("label", "sensors_add", "sensors_shift", "sensors_remove"),
    ),
)
_LABEL: Groups = (
    _all("label", "mark_start", "mark_end", "label", "unmark"),
    (*_all("label", "erase", "split", "merge", "note"), _EDGES, _PHASES),
    _all("label", "next", "previous", "select_all", "copy", "paste"),
    _all("label", "next_video", "previous_video", "find"),
    (_PREDICTIONS, _TIMELINE),
    _all("label", "transfer", "import"),
)
LAYOUT: dict[str, Groups] = {FILE: _FILE, VIDEOS: _VIDEOS, PLAY: _PLAY, EXPLORE: _EXPLORE, LABEL: _LABEL}
"""By category; the other menus follow the table of commands."""


def named(groups: Groups) -> set[str]:
    """Return all ids in them, those of submenus included."""
    found = set[str]()
    for entry in (entry for group in groups for entry in group):
        found |= named(entry.groups) if isinstance(entry, Submenu) else {entry}
    return found
