"""The one table of commands: menus, toolbar, palette, shortcut sheet and shortcut editor are drawn from it.

A new command is a row here and, where it does something new, a method of the window. Texts stand untranslated in the
table and are translated when they are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from carl_gui.theme import Theme


@dataclass(frozen=True)
class State:
    """What decides which commands make sense now."""

    page: str = ""
    run_count: int = 0
    run_index: int | None = None
    """Which run is chosen, counted from 0; None: none."""
    theme: Theme = "system"
    has_documentation: bool = False


class Deeds(Protocol):
    """What the window can be asked to do."""

    def ask_for_folder(self) -> None: ...
    def ask_for_video(self) -> None: ...
    def move_run(self, by: int) -> None: ...
    def reveal_run(self) -> None: ...
    def copy_run_path(self) -> None: ...
    def wear(self, theme: Theme) -> None: ...
    def show_page(self, page_id: str) -> None: ...
    def reset_layout(self) -> None: ...
    def show_palette(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def edit_shortcuts(self) -> None: ...
    def open_documentation(self) -> None: ...
    def show_about(self) -> None: ...
    def close_window(self) -> None: ...


def _always(state: State) -> bool:
    return True


def _has_run(state: State) -> bool:
    return state.run_index is not None


@dataclass(frozen=True)
class Command:
    """One row of the table."""

    id: str
    category: str
    """The menu that it stands in, untranslated."""
    text: str
    """Untranslated; an ampersand stands before the letter that chooses it in its menu."""
    shortcut: str
    """The key at first, as Qt writes keys portably; empty: none."""
    deed: Callable[[Deeds], None]
    when: Callable[[State], bool] = _always
    is_on: Callable[[State], bool] | None = None
    """Given where the command shows whether it is on."""
    choice: str = ""
    """Of the commands with the same word here exactly one is on."""
    in_toolbar: bool = False
    begins_group: bool = False
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
        return _read(self.menu_text)

    @property
    def category_menu_text(self) -> str:
        """The category, translated, with the ampersand."""
        return QCoreApplication.translate("Commands", self.category)

    @property
    def category_title(self) -> str:
        """The category, translated, as it is read."""
        return _read(self.category_menu_text)


def _read(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


FILE = str(QT_TRANSLATE_NOOP("Commands", "&File"))
RUN = str(QT_TRANSLATE_NOOP("Commands", "&Run"))
PLAY = str(QT_TRANSLATE_NOOP("Commands", "&Play"))
VIEW = str(QT_TRANSLATE_NOOP("Commands", "&View"))
HELP = str(QT_TRANSLATE_NOOP("Commands", "&Help"))
CATEGORIES = (FILE, RUN, PLAY, VIEW, HELP)
"""In the order of the menu bar."""


def _theme(theme: Theme, text: str, *, begins_group: bool = False) -> Command:
    return Command(
        f"view.theme_{theme}",
        VIEW,
        text,
        "",
        lambda window: window.wear(theme),
        is_on=lambda state: state.theme == theme,
        choice="theme",
        begins_group=begins_group,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "file.open_folder",
        FILE,
        str(QT_TRANSLATE_NOOP("Commands", "&Open folder of runs…")),
        "Ctrl+O",
        lambda window: window.ask_for_folder(),
    ),
    Command(
        "file.open_video",
        FILE,
        str(QT_TRANSLATE_NOOP("Commands", "Open &video…")),
        "Ctrl+Shift+O",
        lambda window: window.ask_for_video(),
    ),
    Command(
        "file.quit",
        FILE,
        str(QT_TRANSLATE_NOOP("Commands", "&Quit")),
        "Ctrl+Q",
        lambda window: window.close_window(),
        begins_group=True,
        role="quit",
    ),
    Command(
        "run.previous",
        RUN,
        str(QT_TRANSLATE_NOOP("Commands", "&Previous run")),
        "Ctrl+Up",
        lambda window: window.move_run(-1),
        when=lambda state: state.run_index is not None and state.run_index > 0,
        in_toolbar=True,
    ),
    Command(
        "run.next",
        RUN,
        str(QT_TRANSLATE_NOOP("Commands", "&Next run")),
        "Ctrl+Down",
        lambda window: window.move_run(1),
        when=lambda state: state.run_index is not None and state.run_index < state.run_count - 1,
        in_toolbar=True,
    ),
    Command(
        "run.reveal",
        RUN,
        str(QT_TRANSLATE_NOOP("Commands", "&Show run in file manager")),
        "Ctrl+Shift+R",
        lambda window: window.reveal_run(),
        when=_has_run,
        in_toolbar=True,
        begins_group=True,
    ),
    Command(
        "run.copy_path",
        RUN,
        str(QT_TRANSLATE_NOOP("Commands", "&Copy path of run")),
        "Ctrl+Shift+C",
        lambda window: window.copy_run_path(),
        when=_has_run,
    ),
    Command(
        "view.palette",
        VIEW,
        str(QT_TRANSLATE_NOOP("Commands", "Search &commands…")),
        "Ctrl+P",
        lambda window: window.show_palette(),
        in_toolbar=True,
    ),
    _theme("system", str(QT_TRANSLATE_NOOP("Commands", "Theme of the s&ystem")), begins_group=True),
    _theme("light", str(QT_TRANSLATE_NOOP("Commands", "&Light theme"))),
    _theme("dark", str(QT_TRANSLATE_NOOP("Commands", "&Dark theme"))),
    Command(
        "view.reset_layout",
        VIEW,
        str(QT_TRANSLATE_NOOP("Commands", "&Reset layout of window")),
        "",
        lambda window: window.reset_layout(),
        begins_group=True,
    ),
    Command(
        "help.documentation",
        HELP,
        str(QT_TRANSLATE_NOOP("Commands", "Open &documentation")),
        "F1",
        lambda window: window.open_documentation(),
        when=lambda state: state.has_documentation,
    ),
    Command(
        "help.shortcuts",
        HELP,
        str(QT_TRANSLATE_NOOP("Commands", "&Keyboard shortcuts")),
        "?",
        lambda window: window.show_shortcuts(),
    ),
    Command(
        "help.edit_shortcuts",
        HELP,
        str(QT_TRANSLATE_NOOP("Commands", "&Edit keyboard shortcuts…")),
        "",
        lambda window: window.edit_shortcuts(),
    ),
    Command(
        "help.about",
        HELP,
        str(QT_TRANSLATE_NOOP("Commands", "&About CARL Studio")),
        "",
        lambda window: window.show_about(),
        begins_group=True,
        role="about",
    ),
)


def page_command(number: int, page_id: str, title: str) -> Command:
    """The row that shows a page; `number` counts the window's pages from 1, `title` is translated already."""
    return Command(
        f"view.page_{page_id}",
        VIEW,
        title,
        f"Alt+{number}" if number <= 9 else "",
        lambda window: window.show_page(page_id),
        is_on=lambda state: state.page == page_id,
        choice="page",
        begins_group=number == 1,
    )
