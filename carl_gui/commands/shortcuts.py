"""Keyboard shortcuts: the defaults of the table, and the user's changes. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QKeyCombination, QSettings, Qt
from PySide6.QtGui import QKeySequence

from carl_gui.commands.command import Command

_GROUP = "shortcuts"
_PAGES = {"videos": "videos", "explore": "explore", "search": "explore", "label": "label"}
"""By the first part of their ids, the page of whose panels commands are: keys of another page reach none of them."""
_NOT_TYPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def clash(one: QKeySequence, other: QKeySequence) -> bool:
    """Return whether one of them can never be typed for the other: the same keys, or the first of them."""
    nothing = QKeySequence.SequenceMatch.NoMatch
    return not (one.isEmpty() or other.isEmpty()) and (one.matches(other) != nothing or other.matches(one) != nothing)


def share_context(one_id: str, other_id: str) -> bool:
    """Return whether both commands can be told at the same place; those of panels on different pages cannot."""
    one, other = (_PAGES.get(command_id.partition(".")[0]) for command_id in (one_id, other_id))
    return one is None or other is None or one == other


def is_single_key(sequence: QKeySequence) -> bool:
    """Return whether typing a text or moving in it may need this key: no Ctrl, Alt or Meta, and no F key."""
    if sequence.isEmpty():
        return False
    first = cast("Sequence[QKeyCombination]", sequence)[0]  # its stubs have no items
    return not first.keyboardModifiers() & _NOT_TYPING and not Qt.Key.Key_F1 <= first.key() <= Qt.Key.Key_F35


class Shortcuts:
    """The key of every command. No two that `meet` share one; the user's choice takes precedence over the table."""

    def __init__(self, settings: QSettings, commands: Sequence[Command] = ()) -> None:
        self._settings = settings
        self._commands: dict[str, Command] = {}
        self._chosen: dict[str, QKeySequence] = {}
        for command in commands:
            self.add(command)

    def add(self, command: Command) -> None:
        """Add one more command, with the key that was chosen for it earlier."""
        self._commands[command.id] = command
        saved = self._settings.value(f"{_GROUP}/{command.id}")
        if not isinstance(saved, str):
            return
        keys = QKeySequence(saved, QKeySequence.SequenceFormat.PortableText)
        if not self._is_taken(command.id, keys):  # two clash only in a file edited by hand
            self._chosen[command.id] = keys

    @property
    def are_chosen(self) -> bool:
        """Whether a person gave any command a key of their own."""
        return bool(self._chosen)

    def keys_of(self, command_id: str) -> QKeySequence:
        """Return the key now; empty: none."""
        if command_id in self._chosen:
            return self._chosen[command_id]
        keys = self.default_keys(command_id)
        return QKeySequence() if self._is_taken(command_id, keys) else keys

    def default_keys(self, command_id: str) -> QKeySequence:
        """Return the key of the table."""
        return QKeySequence(self._commands[command_id].shortcut, QKeySequence.SequenceFormat.PortableText)

    def is_changed(self, command_id: str) -> bool:
        """Return whether it has another key than the table's."""
        return self.keys_of(command_id) != self.default_keys(command_id)

    def conflict(self, command_id: str, keys: QKeySequence) -> Command | None:
        """Return the other command that these keys run now."""
        others = (c for c in self._commands.values() if c.id != command_id and share_context(c.id, command_id))
        return next((c for c in others if clash(keys, self.keys_of(c.id))), None)

    def choose(self, command_id: str, keys: QKeySequence) -> None:
        """Assign these keys to a command, empty for none; a command that had them loses them."""
        self._free(command_id, keys)
        if keys == self.default_keys(command_id):
            self._remove(command_id)
        else:
            self._keep(command_id, keys)

    def reset(self, command_id: str) -> None:
        """Reset a command to the key of the table; a command that was given it loses it."""
        self.choose(command_id, self.default_keys(command_id))

    def reset_all(self) -> None:
        """Reset every key to that of the table."""
        self._settings.remove(_GROUP)
        self._chosen.clear()

    def _free(self, command_id: str, keys: QKeySequence) -> None:
        for other in self._holders(command_id, keys):
            self._keep(other, QKeySequence())

    def _is_taken(self, command_id: str, keys: QKeySequence) -> bool:
        return bool(self._holders(command_id, keys))

    def _holders(self, command_id: str, keys: QKeySequence) -> list[str]:
        """Return other commands at the same place to which the person gave keys that clash with these."""
        others = [
            (id_, chosen)
            for id_, chosen in self._chosen.items()
            if id_ != command_id and share_context(id_, command_id)
        ]
        return [id_ for id_, chosen in others if clash(keys, chosen)]

    def _keep(self, command_id: str, keys: QKeySequence) -> None:
        self._chosen[command_id] = keys
        self._settings.setValue(f"{_GROUP}/{command_id}", keys.toString(QKeySequence.SequenceFormat.PortableText))

    def _remove(self, command_id: str) -> None:
        self._chosen.pop(command_id, None)
        self._settings.remove(f"{_GROUP}/{command_id}")
