"""One table of commands: all that shows them agrees with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from carl_gui.commands.command import CATEGORIES, PanelCommand, PanelTable, State
from carl_gui.commands.palette import CommandPalette
from carl_gui.commands.shortcut_dialogs import ShortcutEditor, ShortcutSheet
from carl_gui.commands.shortcuts import clash, share_context
from carl_gui.commands.window import COMMANDS
from carl_gui.main_window import MainWindow
from carl_gui.projects.new_project import NewProjectDialog
from carl_gui.steps import STEPS
from tests.carl_gui.windows import dialog_of, open_project, reopened, settle


def _palette(window: MainWindow) -> tuple[CommandPalette, QLineEdit, QListView]:
    window.commands.actions["view.palette"].trigger()
    palette = window.findChild(CommandPalette)
    return palette, palette.findChild(QLineEdit), palette.findChild(QListView)


def _listed(view: QListView) -> list[str]:
    return [view.model().index(row, 0).data() for row in range(view.model().rowCount())]


def _in_menus(window: MainWindow) -> dict[str, list[QAction]]:
    """The commands of each menu, by the menu's title."""
    entries = window.menuBar().actions()  # kept: before PySide6 6.11.2 a menu dies with the action that handed it out
    menus = [entry.menu() for entry in entries]
    return {menu.title(): _within(menu) for menu in menus}


def _within(menu: QMenu) -> list[QAction]:
    """The commands of a menu and its submenus; recent projects are no commands."""
    found = []
    for entry in menu.actions():
        if entry.menu() is not None:
            found += _within(entry.menu()) if entry.menu().title() != "Open &recent" else []
        elif not entry.isSeparator():
            found.append(entry)
    return found


@pytest.fixture
def full(window: MainWindow, runs: Path) -> MainWindow:
    """A window whose pages were all seen: every command is there."""
    open_project(window, runs.parent)
    for step in reversed(STEPS):
        window.show_page(step.id)
    return window


@pytest.mark.parametrize("pages", [0, len(STEPS)])
def test_every_command_is_in_one_menu_and_in_the_palette(window: MainWindow, runs: Path, pages: int) -> None:
    if pages:
        open_project(window, runs.parent)
        for step in STEPS:
            window.show_page(step.id)
    menus = _in_menus(window)
    listed = [action for actions in menus.values() for action in actions]
    known = list(window.commands.actions.values())
    assert len(listed) == len(known)
    assert all(sum(one is action for one in listed) == 1 for action in known)
    assert list(menus) == [category for category in CATEGORIES if menus.get(category)]
    assert {"explore.pin", "export.phases", "label.split", "play.play"} <= set(window.commands.actions)
    _, _, view = _palette(window)
    assert sorted(_listed(view)) == sorted(row.title for row in window.commands.rows())
    assert len(_listed(view)) == len(known)


def test_no_menu_has_a_letter_twice(full: MainWindow) -> None:
    menus = _in_menus(full)
    for texts in (list(menus), *([action.text() for action in actions] for actions in menus.values())):
        letters = [text[text.index("&") + 1].casefold() for text in texts if "&" in text.replace("&&", "")]
        assert len(letters) == len(set(letters)), texts


def test_no_two_commands_have_a_key_in_common(full: MainWindow) -> None:
    keys = [(name, key) for name, action in full.commands.actions.items() for key in action.shortcuts()]
    pairs = [
        (one, other) for place, one in enumerate(keys) for other in keys[:place] if share_context(one[0], other[0])
    ]
    assert [pair for pair in pairs if clash(pair[0][1], pair[1][1])] == []


def test_the_menus_are_drawn_anew_and_none_is_left_over(full: MainWindow) -> None:
    settle()
    menus = [menu for menu in full.menuBar().findChildren(QMenu) if menu.parent() is full.menuBar() and menu.title()]
    assert len(menus) == len(full.menuBar().actions())


def test_changing_pages_makes_no_action_and_draws_no_menu(full: MainWindow) -> None:
    def seen() -> tuple[dict[str, int], list[int], int]:
        menus = [id(entry.menu()) for entry in full.menuBar().actions()]
        return (
            {name: id(action) for name, action in full.commands.actions.items()},
            menus,
            len(full.findChildren(QAction)),
        )

    before = seen()
    for step in (*STEPS, *reversed(STEPS)):
        full.show_page(step.id)
    assert seen() == before


def test_a_command_of_another_page_is_done_on_that_page(full: MainWindow) -> None:
    full.show_page("videos")
    full.commands.actions["explore.next_view"].trigger()
    assert full.page_id == "explore"


def test_a_command_is_off_where_its_condition_is_false(window: MainWindow, runs: Path) -> None:
    actions = window.commands.actions
    of_a_project = [name for name in actions if name.split(".")[0] in ("run", "edit")]
    assert not any(actions[one].isEnabled() for one in (*of_a_project, "file.close", "file.restore"))
    open_project(window, runs.parent)
    window.show_page("train")
    assert all(actions[one].isEnabled() for one in ("run.new", "edit.undo", "file.close", "file.restore"))
    assert window.training.run_index == 0
    assert actions["run.next"].isEnabled()
    assert not actions["run.previous"].isEnabled()
    actions["run.next"].trigger()
    assert window.training.run_index == 1
    assert not actions["run.next"].isEnabled()
    assert actions["run.previous"].isEnabled()


_STATES = [
    State(),
    State(has_project=True, run_count=1, run_index=0),
    State("train", True, True, "Salt & pepper", "x", 3, 1, "running", "dark"),
    State("videos", True, True, None, None, 3, 2, "stopped"),
]


@pytest.mark.parametrize("state", _STATES)
def test_the_actions_say_what_the_table_says(window: MainWindow, state: State) -> None:
    window.commands.set_state(state)
    for command in COMMANDS:
        action = window.commands.actions[command.id]
        assert action.isEnabled() == command.when(state)
        assert action.isChecked() == (command.is_on is not None and command.is_on(state))


def test_what_would_be_undone_is_said_as_it_is(window: MainWindow) -> None:
    window.commands.set_state(_STATES[2])
    assert window.commands.actions["edit.undo"].text() == "&Undo: Salt && pepper"
    window.commands.set_state(_STATES[3])
    assert window.commands.actions["edit.undo"].text() == "&Undo"


def test_the_palette_finds_runs_and_puts_recent_ones_first(window: MainWindow, qtbot: QtBot) -> None:
    palette, query, view = _palette(window)
    assert query.hasFocus()
    qtbot.keyClicks(query, "drk")
    assert _listed(view)[0] == "Dark theme"
    qtbot.keyClick(query, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.commands.actions["view.theme_dark"].isChecked()
    _palette(window)
    assert (query.text(), _listed(view)[0]) == ("", "Dark theme")
    qtbot.keyClick(query, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 1
    qtbot.keyClick(query, Qt.Key.Key_Up)
    qtbot.keyClick(query, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 0
    qtbot.keyClick(query, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_a_command_that_is_off_comes_last_in_the_palette_and_does_not_run(window: MainWindow, qtbot: QtBot) -> None:
    palette, query, view = _palette(window)
    off = {row.title for row in window.commands.rows() if not row.is_enabled}
    assert set(_listed(view)[-len(off) :]) == off
    qtbot.keyClicks(query, "copy run path")
    assert _listed(view) == ["Copy run path"]
    qtbot.keyClick(query, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClicks(query, "zzz")
    assert not view.isVisible()


@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit, QSpinBox, QKeySequenceEdit])
def test_a_single_key_is_off_while_a_text_field_has_the_focus(
    window: MainWindow, qtbot: QtBot, kind: type[QWidget]
) -> None:
    field = kind(window.centralWidget())
    field.show()
    field.setFocus()
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Question)
    assert window.findChildren(ShortcutSheet) == []
    assert window.commands.actions["help.shortcuts"].shortcut().isEmpty()
    assert not window.commands.actions["view.palette"].shortcut().isEmpty()
    field.clearFocus()
    qtbot.keyClick(window, Qt.Key.Key_Question)
    dialog_of(window, ShortcutSheet)
    field.deleteLater()


def test_arrows_too_stay_with_the_text(window: MainWindow, qtbot: QtBot) -> None:
    field = QLineEdit("abc", window.centralWidget())
    field.show()
    window.edit_shortcuts()
    editor = dialog_of(window, ShortcutEditor)
    editor.keys_selected.emit("help.shortcuts", QKeySequence("Left"))
    editor.close()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Left)
    assert field.cursorPosition() == 2
    assert window.findChildren(ShortcutSheet) == []


def test_the_sheet_shows_every_key_and_leads_to_the_editor(window: MainWindow) -> None:
    window.commands.actions["help.shortcuts"].trigger()
    sheet = dialog_of(window, ShortcutSheet)
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    native = QKeySequence.SequenceFormat.NativeText
    for command in COMMANDS:
        keys = QKeySequence(command.shortcut).toString(native)
        assert (command.title in texts) == bool(keys)
        assert not keys or keys in texts
    next(button for button in sheet.findChildren(QPushButton) if button.text() == "&Edit…").click()
    assert dialog_of(window, ShortcutEditor)


def test_the_editor_finds_conflicts_and_the_window_obeys_the_new_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.commands.actions["help.edit_shortcuts"].trigger()
    editor = dialog_of(window, ShortcutEditor)
    tree, keys = editor.findChild(QTreeWidget), editor.findChild(QKeySequenceEdit)
    buttons = {button.text().replace("&", ""): button for button in editor.findChildren(QPushButton)}
    assert not any(buttons[name].isEnabled() for name in ("Assign", "Remove", "Reset", "Reset all"))
    (item,) = tree.findItems("View: Dark theme", Qt.MatchFlag.MatchExactly)
    tree.setCurrentItem(item)
    keys.setFocus()
    qtbot.keyClick(keys, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert any("“Open project…”" in label.text() for label in editor.findChildren(QLabel))
    buttons["Assign"].click()
    actions = window.commands.actions
    assert actions["view.theme_dark"].shortcut() == QKeySequence("Ctrl+O")
    assert actions["file.open"].shortcut().isEmpty()
    assert tree.currentItem().text(0) == "View: Dark theme"
    buttons["Reset"].click()
    assert actions["file.open"].shortcut() == QKeySequence("Ctrl+O")
    (item,) = tree.findItems("File: Quit", Qt.MatchFlag.MatchExactly)
    tree.setCurrentItem(item)
    buttons["Remove"].click()
    assert actions["file.quit"].shortcut().isEmpty()
    buttons["Reset all"].click()
    assert actions["file.quit"].shortcut() == QKeySequence("Ctrl+Q")


def test_a_command_that_a_panel_made_is_listed_and_its_keys_can_be_changed(window: MainWindow, qtbot: QtBot) -> None:
    done = []
    row = PanelCommand("play", "&Play", ("Space", "Ctrl+Space"))
    table = PanelTable("", "&Player", "player.", "Commands", (row,))
    before = list(_in_menus(window))
    window.commands.add_table(table)
    window.commands.fill_menus()
    assert not window.commands.actions["player.play"].isEnabled()
    action = table.actions(window)["play"]
    action.triggered.connect(lambda: done.append("played"))
    window.commands.activate([action])
    assert list(_in_menus(window)) == [*before[:-1], "&Player", "&Help"]
    _, query, _ = _palette(window)
    qtbot.keyClicks(query, "play")
    qtbot.keyClick(query, Qt.Key.Key_Return)
    assert done == ["played"]
    field = QLineEdit(window.centralWidget())
    field.show()
    field.setFocus()
    assert action.shortcuts() == [QKeySequence("Ctrl+Space")]
    field.clearFocus()
    assert action.shortcuts() == [QKeySequence("Space"), QKeySequence("Ctrl+Space")]
    window.edit_shortcuts()
    dialog_of(window, ShortcutEditor).keys_selected.emit("player.play", QKeySequence("P"))
    assert action.shortcuts() == [QKeySequence("P")]


def test_what_is_opened_and_closed_is_gone(window: MainWindow) -> None:
    counts = []
    for _ in range(3):
        for show, kind in (
            (window.show_shortcuts, ShortcutSheet),
            (window.edit_shortcuts, ShortcutEditor),
            (window.show_about, QMessageBox),
            (window.projects.ask_for_folder, QFileDialog),
            (window.projects.ask_for_new, NewProjectDialog),
        ):
            show()
            dialog_of(window, kind).close()
        _palette(window)[0].hide()
        settle()
        counts.append(len(QApplication.allWidgets()))
    assert counts == [counts[0]] * 3


def test_the_keyboard_leaves_the_field_for_new_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.edit_shortcuts()
    editor = dialog_of(window, ShortcutEditor)
    editor.findChild(QTreeWidget).setCurrentItem(editor.findChild(QTreeWidget).topLevelItem(0))
    keys = editor.findChild(QKeySequenceEdit)
    keys.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert not keys.hasFocus()
    assert not keys.isAncestorOf(QApplication.focusWidget())


def test_a_run_is_shown_and_its_path_copied(full: MainWindow, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full.show_page("train")
    full.training.choose("a")
    full.commands.actions["run.copy_path"].trigger()
    assert QGuiApplication.clipboard().text() == str(runs / "a")
    opened = []
    monkeypatch.setattr("carl_gui.app_context.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()))
    full.commands.actions["run.reveal"].trigger()
    assert [Path(path).name for path in opened] == ["a"]
    assert "No program is set up to open" in full.statusBar().currentMessage()


def test_keys_and_recent_commands_survive_a_restart(window: MainWindow, settings: QSettings, qtbot: QtBot) -> None:
    window.edit_shortcuts()
    dialog_of(window, ShortcutEditor).keys_selected.emit("run.next", QKeySequence("N"))
    _, query, _ = _palette(window)
    qtbot.keyClicks(query, "light")
    qtbot.keyClick(query, Qt.Key.Key_Return)
    window.close()
    again = reopened(settings)
    qtbot.addWidget(again)
    assert again.commands.actions["run.next"].shortcut() == QKeySequence("N")
    assert _listed(_palette(again)[2])[0] == "Light theme"
