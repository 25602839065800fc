"""Commands: the window's own, and those that panels do themselves, in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from carl_gui.theme import Theme
from carl_gui.translation import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class State:
    """The state that decides which commands are enabled."""

    page: str = ""
    """Empty while no project is open."""
    has_project: bool = False
    can_edit: bool = False
    undo: str | None = None
    """What would be taken back, as it is shown; None: nothing."""
    redo: str | None = None
    run_count: int = 0
    run_index: int | None = None
    """Which run is chosen, counted from 0; None: none."""
    run_state: str = ""
    """Of the chosen run, as `carl_gui.models.runs.RunRow` has it."""
    theme: Theme = "system"
    has_next_step: bool = True
    """Whether the next step is named below the pages."""


class Projects(Protocol):
    """Actions on projects."""

    def ask_for_new(self) -> None: ...
    def ask_for_folder(self) -> None: ...
    def try_sample(self) -> None: ...
    def ask_for_backup(self) -> None: ...
    def close_project(self) -> None: ...


class Training(Protocol):
    """Actions on runs."""

    def start_new(self) -> None: ...
    def move(self, by: int) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None: ...
    def embed(self) -> None: ...
    def train_further(self) -> None: ...
    def reveal(self) -> None: ...
    def copy_path(self) -> None: ...


class WindowActions(Protocol):
    """Actions of the window."""

    @property
    def projects(self) -> Projects: ...
    @property
    def training(self) -> Training: ...
    @property
    def page_id(self) -> str: ...

    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def apply_theme(self, theme: Theme) -> None: ...
    def show_page(self, page_id: str) -> None: ...
    def run_on_page(self, page_id: str, command_id: str) -> None: ...
    def import_labels(self) -> None: ...
    def reset_layout(self) -> None: ...
    def turn_next_step(self) -> None: ...
    def show_palette(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def edit_shortcuts(self) -> None: ...
    def show_help(self, page: str = "") -> None: ...
    def show_about(self) -> None: ...
    def close_window(self) -> None: ...


def always(state: State) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One row of the table of commands."""

    id: str
    category: str
    """The menu that it stands in, untranslated."""
    text: str
    """Untranslated; an ampersand stands before the letter that chooses it in its menu."""
    shortcut: str
    """The key at first, as Qt writes keys portably; empty: none."""
    action: Callable[[WindowActions], None]
    when: Callable[[State], bool] = always
    title_in: Callable[[State], str] | None = None
    """Given where the text depends on the state; translated already."""
    is_on: Callable[[State], bool] | None = None
    """Given where the command shows whether it is on."""
    choice: str = ""
    """Of the commands with the same word here exactly one is on."""
    in_toolbar: bool = False
    toolbar_text: str = ""
    """What stands there, where the text is too long for it; untranslated."""
    starts_group: bool = False
    """A line stands above it in the menu."""
    role: Literal["", "quit", "about"] = ""
    """Where macOS wants it."""

    @property
    def menu_text(self) -> str:
        """Translated, with the ampersand."""
        return QCoreApplication.translate("Commands", self.text)

    @property
    def title(self) -> str:
        """Translated, as it is read."""
        return read(self.menu_text)

    @property
    def toolbar_title(self) -> str:
        """Translated, as it stands in the toolbar."""
        return QCoreApplication.translate("Commands", self.toolbar_text) if self.toolbar_text else self.title

    @property
    def category_menu_text(self) -> str:
        """The category, translated, with the ampersand."""
        return QCoreApplication.translate("Commands", self.category)

    @property
    def category_title(self) -> str:
        """The category, translated, as it is read."""
        return read(self.category_menu_text)


def read(text: str) -> str:
    """Return the text of a menu as it is read: without the ampersand."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


FILE = QT_TRANSLATE_NOOP("Commands", "&File")
EDIT = QT_TRANSLATE_NOOP("Commands", "&Edit")
VIDEOS = QT_TRANSLATE_NOOP("Commands", "Vi&deos")
RUN = QT_TRANSLATE_NOOP("Commands", "&Run")
PLAY = QT_TRANSLATE_NOOP("Commands", "&Play")
EXPLORE = QT_TRANSLATE_NOOP("Commands", "E&xplore")
LABEL = QT_TRANSLATE_NOOP("Commands", "&Label")
EXPORT = QT_TRANSLATE_NOOP("Commands", "Expor&t")
VIEW = QT_TRANSLATE_NOOP("Commands", "&View")
HELP = QT_TRANSLATE_NOOP("Commands", "&Help")
CATEGORIES = (FILE, EDIT, VIDEOS, RUN, EXPLORE, LABEL, EXPORT, PLAY, VIEW, HELP)
"""In the order of the menu bar."""


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
        """Return the menu that it belongs to, untranslated."""
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
