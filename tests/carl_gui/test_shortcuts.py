"""Keys of commands: never two commands with the same, whatever a person does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from carl_gui.commands.command import PanelCommand, PanelTable
from carl_gui.commands.shortcuts import Shortcuts, clash, is_single_key
from carl_gui.commands.window import COMMANDS
from carl_gui.main_window import MainWindow
from tests.carl_gui.windows import close

_IDS = st.sampled_from([command.id for command in COMMANDS])
_KEYS = st.sampled_from(["", "A", "?", "Ctrl+O", "Ctrl+P", "F1", "Ctrl+Down", "Ctrl+K, Ctrl+S", "Ctrl+K"])
_DEEDS = st.lists(st.one_of(st.tuples(_IDS, _KEYS), _IDS, st.just(None)), max_size=12)


def _clashes(shortcuts: Shortcuts) -> list[str]:
    ids = [command.id for command in COMMANDS]
    return [
        f"{one} {other}"
        for at, one in enumerate(ids)
        for other in ids[:at]
        if clash(shortcuts.keys_of(one), shortcuts.keys_of(other))
    ]


def test_the_table_has_no_id_and_no_key_twice(settings: QSettings) -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    assert _clashes(Shortcuts(settings, COMMANDS)) == []


@how(deadline=None)
@given(actions=_DEEDS)
def test_no_two_commands_ever_share_a_key_and_all_is_remembered(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str] | str | None]
) -> None:
    path = tmp_path_factory.mktemp("keys") / "carl-gui.ini"
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    shortcuts = Shortcuts(settings, COMMANDS)
    for action in actions:
        if action is None:
            shortcuts.reset_all()
        elif isinstance(action, str):
            shortcuts.reset(action)
            assert shortcuts.keys_of(action) == shortcuts.default_keys(action)
        else:
            shortcuts.choose(action[0], QKeySequence(action[1]))
            assert shortcuts.keys_of(action[0]) == QKeySequence(action[1])
        assert _clashes(shortcuts) == []
    again = Shortcuts(settings, COMMANDS)
    assert [again.keys_of(command.id) for command in COMMANDS] == [
        shortcuts.keys_of(command.id) for command in COMMANDS
    ]


def test_a_conflict_names_the_other_command(settings: QSettings) -> None:
    shortcuts = Shortcuts(settings, COMMANDS)
    other = shortcuts.conflict("run.next", QKeySequence("Ctrl+O"))
    assert other is not None
    assert other.id == "file.open"
    assert shortcuts.conflict("file.open", QKeySequence("Ctrl+O")) is None
    assert shortcuts.conflict("run.next", QKeySequence("Ctrl+9")) is None
    assert shortcuts.conflict("run.next", QKeySequence()) is None


def test_the_start_of_a_chord_is_a_conflict() -> None:
    assert clash(QKeySequence("Ctrl+K"), QKeySequence("Ctrl+K, Ctrl+S"))
    assert not clash(QKeySequence(), QKeySequence())


def test_reset_all_gives_every_key_of_the_table(settings: QSettings) -> None:
    shortcuts = Shortcuts(settings, COMMANDS)
    shortcuts.choose("run.next", QKeySequence("Ctrl+O"))
    assert shortcuts.is_changed("file.open")
    shortcuts.reset_all()
    assert not any(shortcuts.is_changed(command.id) for command in COMMANDS)
    assert not Shortcuts(settings, COMMANDS).is_changed("run.next")


def test_a_settings_file_full_of_nonsense_is_survived(settings_path: Path) -> None:
    settings_path.parent.mkdir()
    settings_path.write_text(
        "[shortcuts]\nrun.next=Ctrl+O\nrun.previous=Ctrl+O\nfile.quit=@Invalid()\nhelp.about=%%%,,;", encoding="utf-8"
    )
    shortcuts = Shortcuts(QSettings(str(settings_path), QSettings.Format.IniFormat), COMMANDS)
    assert _clashes(shortcuts) == []
    assert shortcuts.keys_of("file.quit") == QKeySequence("Ctrl+Q")


@pytest.mark.parametrize("keys", ["?", "J", "Space", "Left", "Shift+Right", "Home", "Del"])
def test_what_typing_or_moving_in_a_text_needs_is_a_single_key(keys: str) -> None:
    assert is_single_key(QKeySequence(keys))


@pytest.mark.parametrize("keys", ["", "Ctrl+J", "Alt+1", "F1", "Shift+F3", "Meta+A"])
def test_what_it_does_not_need_is_none(keys: str) -> None:
    assert not is_single_key(QKeySequence(keys))


def test_commands_of_different_pages_may_share_a_key(settings: QSettings) -> None:
    label, search, player = (
        dataclasses.replace(COMMANDS[0], id=id_, shortcut=key)
        for id_, key in (("label.copy", "Ctrl+C"), ("search.copy", "Ctrl+C"), ("play.copy", "Ctrl+Y"))
    )
    shortcuts = Shortcuts(settings, [label, search, player])
    assert shortcuts.keys_of(label.id) == shortcuts.keys_of(search.id) == QKeySequence("Ctrl+C")
    assert shortcuts.conflict(label.id, QKeySequence("Ctrl+C")) is None
    assert shortcuts.conflict(player.id, QKeySequence("Ctrl+C")) is label
    shortcuts.choose(player.id, QKeySequence("Ctrl+C"))
    assert shortcuts.keys_of(label.id) == shortcuts.keys_of(search.id) == QKeySequence(), (
        "a player's keys reach every page"
    )


def test_a_command_that_comes_late_has_the_key_that_a_person_gave_it(qtbot: QtBot, settings: QSettings) -> None:
    settings.setValue("shortcuts/late.do", "Ctrl+O")
    window = MainWindow(settings)
    opens = window.commands.actions["file.open"]
    assert opens.shortcut() == QKeySequence("Ctrl+O")
    window.commands.add_table(PanelTable("", "&Late", "late.", "Commands", (PanelCommand("do", "&Do", ("Ctrl+D",)),)))
    assert window.commands.actions["late.do"].shortcut() == QKeySequence("Ctrl+O")
    assert opens.shortcut().isEmpty(), "two commands would have one key"
    close(window)
