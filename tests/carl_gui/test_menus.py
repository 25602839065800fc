"""The menus: all there from the start, in groups, none too long for a small screen, and the projects of lately."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from carl_gui.commands.menus import LAYOUT, named
from carl_gui.main_window import MainWindow
from carl_gui.steps import STEPS
from tests.carl_gui.windows import open_project, settle

_HIGHEST = 700


def _menus(window: MainWindow) -> dict[str, QMenu]:
    """All menus and submenus by their titles, without the mnemonics."""
    found: dict[str, QMenu] = {}

    def walk(entries: list[QAction]) -> None:
        for entry in entries:
            if (menu := entry.menu()) is not None:
                title = menu.title().replace("&", "")
                found[f"{title} below" if title in found else title] = menu  # Export is a menu, and one within Explore
                walk(menu.actions())

    walk(window.menuBar().actions())
    return found


def _ids(window: MainWindow, menu: QMenu) -> Iterator[str]:
    names = {id(action): name for name, action in window.commands.actions.items()}
    for entry in menu.actions():
        if entry.menu() is not None:
            yield from _ids(window, entry.menu())
        elif id(entry) in names:
            yield names[id(entry)]


@pytest.fixture
def full(window: MainWindow, runs: Path) -> MainWindow:
    """A window whose pages were all seen."""
    open_project(window, runs.parent)
    for step in STEPS:
        window.show_page(step.id)
    return window


def test_all_menus_are_there_before_a_project_is_open(window: MainWindow) -> None:
    titles = [entry.menu().title().replace("&", "") for entry in window.menuBar().actions()]
    assert titles == ["File", "Edit", "Videos", "Run", "Explore", "Label", "Export", "Play", "View", "Help"]
    of_pages = [name for name in window.commands.actions if name.split(".")[0] in ("videos", "explore", "search")]
    assert len(of_pages) > 50
    assert not any(window.commands.actions[name].isEnabled() for name in of_pages)


def test_the_same_commands_stand_in_the_menus_before_and_after_their_pages_were_seen(
    window: MainWindow, runs: Path
) -> None:
    def seen() -> dict[str, list[tuple[str, str, list[str]]]]:
        actions = window.commands.actions
        return {
            title: [
                (name, actions[name].text(), [key.toString() for key in actions[name].shortcuts()[:1]])
                for name in _ids(window, menu)
            ]
            for title, menu in _menus(window).items()
        }

    before = seen()
    open_project(window, runs.parent)
    for step in STEPS:
        window.show_page(step.id)
    assert "Export below" in before
    shared = {"play.frame_back", "play.frame_on", "play.zoom_fit", "play.find_similar"}  # the seen panel's own text
    after = seen()
    assert list(before) == list(after)
    for title in before:
        ours = [one for one in before[title] if one[0] not in shared and "Undo" not in one[1]]
        assert [one for one in after[title] if one[0] not in shared and "Undo" not in one[1]] == ours


def test_no_menu_is_taller_than_a_small_screen(full: MainWindow) -> None:
    heights = {title: menu.sizeHint().height() for title, menu in _menus(full).items()}
    assert {title: high for title, high in heights.items() if high >= _HIGHEST} == {}


def test_long_menus_have_groups(full: MainWindow) -> None:
    for title, menu in _menus(full).items():
        run = longest = 0
        for entry in menu.actions():
            run = 0 if entry.isSeparator() else run + 1
            longest = max(longest, run)
        assert longest <= 9, title


def test_no_menu_has_a_letter_twice(full: MainWindow) -> None:
    for title, menu in _menus(full).items():
        texts = [entry.text() for entry in menu.actions() if title != "Open recent"]
        letters = [text[text.index("&") + 1].casefold() for text in texts if "&" in text.replace("&&", "")]
        assert len(letters) == len(set(letters)), texts


def test_no_layout_names_a_command_that_is_not_there(full: MainWindow) -> None:
    laid_out = set().union(*(named(groups) for groups in LAYOUT.values())) - {"file.recent"}
    assert laid_out <= set(full.commands.actions)


def test_every_command_of_a_menu_that_is_laid_out_has_its_place_there(full: MainWindow) -> None:
    laid_out = set().union(*(named(groups) for groups in LAYOUT.values()))
    titles = {QCoreApplication.translate("Commands", category).replace("&", "") for category in LAYOUT}
    rest = [row.id for row in full.commands.rows() if row.category in titles and row.id not in laid_out]
    assert rest == [], "they would stand at the end, where nobody looks for them"


def test_no_two_entries_of_a_menu_read_alike(full: MainWindow) -> None:
    for title, menu in _menus(full).items():
        texts = [entry.text().replace("&", "") for entry in menu.actions() if not entry.isSeparator()]
        assert title == "Open recent" or len(texts) == len(set(texts)), texts


def test_an_export_is_reached_from_the_menu_before_its_page_was_seen(window: MainWindow, runs: Path) -> None:
    export = window.commands.actions["export.library"]
    assert not export.isEnabled()
    open_project(window, runs.parent)
    assert window.page_id == "videos"
    assert export.isEnabled()
    export.trigger()
    assert window.page_id == "export"
    assert window.commands.actions["export.library"] is export
    pin = window.commands.actions["explore.pin"]
    assert not pin.isEnabled()
    window.commands.actions["explore.view_map"].trigger()
    assert window.page_id == "explore"
    assert window.page("explore").help_topic == "explore-map"
    settle()
    assert not window.commands.actions["explore.pin"].isEnabled()


def test_recent_projects_are_opened_from_the_menu(
    window: MainWindow, runs: Path, tmp_path: Path, settings: QSettings, qtbot: QtBot
) -> None:
    recent = _menus(window)["Open recent"]
    assert not recent.isEnabled()
    open_project(window, runs.parent)
    window.projects.close_project()
    qtbot.waitUntil(lambda: window.session.project is None)
    recent = _menus(window)["Open recent"]
    assert recent.isEnabled()
    [action] = recent.actions()
    assert action.text().replace("&&", "&") == runs.parent.name
    assert action.toolTip() == str(runs.parent)
    action.trigger()
    qtbot.waitUntil(lambda: window.session.project is not None)
    window.projects.close_project()
    qtbot.waitUntil(lambda: window.session.project is None)
    runs.parent.rename(tmp_path / "elsewhere")
    window.projects.show_recent()
    [action] = _menus(window)["Open recent"].actions()
    assert not action.isEnabled()


def test_what_cannot_be_exported_leads_to_the_page_that_says_why(window: MainWindow, runs: Path, qtbot: QtBot) -> None:
    open_project(window, runs.parent)
    window.commands.actions["export.embeddings"].trigger()
    assert window.page_id == "export"
    assert not window.commands.actions["export.embeddings"].isEnabled(), "nothing is embedded"
    qtbot.waitUntil(lambda: "See the" in window.page("export").panel.rows["embeddings"].problem)
