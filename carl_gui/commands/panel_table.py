"""Commands that panels do themselves, in tables: what they are called, and which keys they have at first.

A panel makes its actions from its table. `CommandRegistry` has the same tables, so that menus, palette and shortcut
sheet know them before the panel is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from carl_gui.commands.command import PLAY


@dataclass(frozen=True, slots=True)
class PanelCommand:
    """Something that can be done in a panel."""

    name: str
    text: str
    """In English; translated where it is shown."""
    keys: tuple[str, ...] = ()
    """As `QKeySequence` writes them in PortableText; the first is the one that is shown."""
    needs: str = ""
    """What must be there, in the panel's own words."""
    is_edit: bool = False
    """Whether it changes the project."""
    repeats: bool = False
    """Whether it is done again while its key is held down."""
    is_shared: bool = False
    """Whether it is what a player's command of that name is, for this panel."""
    number: int = 0
    """Stands in the place of `{0}` in the text."""


@dataclass(frozen=True, slots=True)
class PanelTable:
    """The commands of one panel."""

    page: str
    """The step that shows the panel; empty: several do."""
    category: str
    """The menu that they stand in, untranslated."""
    prefix: str
    """What their ids begin with."""
    context: str
    """Under which translators find the texts."""
    commands: tuple[PanelCommand, ...]
    leads: tuple[str, ...] = ()
    """Names of those that can be chosen before the page was made: they show it first."""
    repeats: bool = True
    """Whether all are done again while their keys are held down."""

    def __iter__(self) -> Iterator[PanelCommand]:
        return iter(self.commands)

    def id_of(self, command: PanelCommand) -> str:
        """Return the id by which menus, keys and settings know it."""
        return f"play.{command.name}" if command.is_shared else self.prefix + command.name

    def category_of(self, command: PanelCommand) -> str:
        """Return the menu that it stands in, untranslated."""
        return PLAY if command.is_shared else self.category

    def text_of(self, command: PanelCommand) -> str:
        """Return its text, translated."""
        return QCoreApplication.translate(self.context, command.text).format(command.number)

    def actions(self, panel: QWidget, *, without: Sequence[str] = ()) -> dict[str, QAction]:
        """Make an action for each, by name; their keys work while the focus is in the panel."""
        return {one.name: self.action(panel, one) for one in self.commands if one.name not in without}

    def action(self, panel: QWidget, command: PanelCommand) -> QAction:
        """Make the action of one command, with its id as object name."""
        action = panel_action(panel, self.text_of(command), command.keys)
        action.setObjectName(self.id_of(command))
        action.setAutoRepeat(self.repeats or command.repeats)
        return action


def panel_action(panel: QWidget, text: str, keys: Sequence[str]) -> QAction:
    """Return an action whose keys work while the focus is in the panel.

    Args:
        text: translated.
        keys: as `QKeySequence` writes them in PortableText; the first is the one that is shown.
    """
    action = QAction(text, panel)
    action.setShortcuts([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in keys if key])
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    panel.addAction(action)
    return action
