"""The table of commands, from which menus, toolbar, palette, shortcut sheet and shortcut editor are built.

A new command is a row here and, where it does something new, a method of a controller. Texts stand untranslated in the
table and are translated when they are shown.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.commands.command import EDIT, FILE, HELP, LABEL, RUN, VIEW, Command, State
from carl_gui.theme import Theme
from carl_gui.translation import QT_TRANSLATE_NOOP


def _has_project(state: State) -> bool:
    return state.has_project


def _can_edit(state: State) -> bool:
    return state.can_edit


def _has_run(state: State) -> bool:
    return state.run_index is not None


def _undo_title(state: State) -> str:
    if state.undo is None:
        return QCoreApplication.translate("Commands", "&Undo")
    return QCoreApplication.translate("Commands", "&Undo: {0}").format(_plain(state.undo))


def _redo_title(state: State) -> str:
    if state.redo is None:
        return QCoreApplication.translate("Commands", "&Redo")
    return QCoreApplication.translate("Commands", "&Redo: {0}").format(_plain(state.redo))


def _plain(name: str) -> str:
    """Double the ampersands of a name: in a menu they would mark a letter that chooses it."""
    return name.replace("&", "&&")


def _theme(theme: Theme, text: str, *, starts_group: bool = False) -> Command:
    return Command(
        f"view.theme_{theme}",
        VIEW,
        text,
        "",
        lambda window: window.apply_theme(theme),
        is_on=lambda state: state.theme == theme,
        choice="theme",
        starts_group=starts_group,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "file.new",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "&New project…"),
        "Ctrl+N",
        lambda window: window.projects.ask_for_new(),
    ),
    Command(
        "file.open",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "&Open project…"),
        "Ctrl+O",
        lambda window: window.projects.ask_for_folder(),
    ),
    Command(
        "file.sample",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "Try the &sample"),
        "",
        lambda window: window.projects.try_sample(),
    ),
    Command(
        "file.restore",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "Restore &backup…"),
        "",
        lambda window: window.projects.ask_for_backup(),
        when=_can_edit,
        starts_group=True,
    ),
    Command(
        "file.close",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "&Close project"),
        "Ctrl+W",
        lambda window: window.projects.close_project(),
        when=_has_project,
    ),
    Command(
        "file.quit",
        FILE,
        QT_TRANSLATE_NOOP("Commands", "&Quit"),
        "Ctrl+Q",
        lambda window: window.close_window(),
        starts_group=True,
        role="quit",
    ),
    Command(
        "edit.undo",
        EDIT,
        QT_TRANSLATE_NOOP("Commands", "&Undo"),
        "Ctrl+Z",
        lambda window: window.undo(),
        when=lambda state: state.can_edit and state.undo is not None,
        title_in=_undo_title,
        in_toolbar=True,
    ),
    Command(
        "edit.redo",
        EDIT,
        QT_TRANSLATE_NOOP("Commands", "&Redo"),
        "Ctrl+Shift+Z",
        lambda window: window.redo(),
        when=lambda state: state.can_edit and state.redo is not None,
        title_in=_redo_title,
        in_toolbar=True,
    ),
    Command(
        "run.new",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&New run"),
        "Ctrl+R",
        lambda window: window.training.start_new(),
        when=_can_edit,
        in_toolbar=True,
    ),
    Command(
        "run.pause",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "Pa&use training"),
        "Ctrl+Shift+P",
        lambda window: window.training.pause(),
        when=lambda state: state.run_state == "running",
        starts_group=True,
    ),
    Command(
        "run.go_on",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&Resume training"),
        "Ctrl+Shift+G",
        lambda window: window.training.resume(),
        when=lambda state: state.can_edit and state.run_state in ("paused", "stopped"),
    ),
    Command(
        "run.stop",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "S&top training"),
        "Ctrl+Shift+S",
        lambda window: window.training.stop(),
        when=lambda state: state.run_state in ("running", "pausing", "paused", "waiting"),
    ),
    Command(
        "run.embed",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&Embed all videos"),
        "Ctrl+E",
        lambda window: window.training.embed(),
        when=lambda state: state.can_edit and state.run_state in ("done", "stopped"),
    ),
    Command(
        "run.further",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "Train &further"),
        "",
        lambda window: window.training.train_further(),
        when=lambda state: state.can_edit and state.run_state in ("done", "stopped"),
    ),
    Command(
        "run.previous",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&Previous run"),
        "Ctrl+Up",
        lambda window: window.training.move(-1),
        when=lambda state: state.run_index is not None and state.run_index > 0,
        starts_group=True,
    ),
    Command(
        "run.next",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "Ne&xt run"),
        "Ctrl+Down",
        lambda window: window.training.move(1),
        when=lambda state: state.run_index is not None and state.run_index < state.run_count - 1,
    ),
    Command(
        "run.reveal",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&Show run in folder"),
        "Ctrl+Shift+R",
        lambda window: window.training.reveal(),
        when=_has_run,
        starts_group=True,
    ),
    Command(
        "run.copy_path",
        RUN,
        QT_TRANSLATE_NOOP("Commands", "&Copy run path"),
        "Ctrl+Shift+C",
        lambda window: window.training.copy_path(),
        when=_has_run,
    ),
    Command(
        "label.import",
        LABEL,
        QT_TRANSLATE_NOOP("Commands", "&Import labels…"),
        "Ctrl+Shift+L",
        lambda window: window.import_labels(),
        when=_can_edit,
    ),
    Command(
        "view.palette",
        VIEW,
        QT_TRANSLATE_NOOP("Commands", "Search &commands…"),
        "Ctrl+P",
        lambda window: window.show_palette(),
        in_toolbar=True,
    ),
    _theme("system", QT_TRANSLATE_NOOP("Commands", "S&ystem theme"), starts_group=True),
    _theme("light", QT_TRANSLATE_NOOP("Commands", "&Light theme")),
    _theme("dark", QT_TRANSLATE_NOOP("Commands", "&Dark theme")),
    Command(
        "view.next_step",
        VIEW,
        QT_TRANSLATE_NOOP("Commands", "&Next step"),
        "",
        lambda window: window.turn_next_step(),
        is_on=lambda state: state.has_next_step,
    ),
    Command(
        "view.reset_layout",
        VIEW,
        QT_TRANSLATE_NOOP("Commands", "&Reset window layout"),
        "",
        lambda window: window.reset_layout(),
        starts_group=True,
    ),
    Command(
        "help.page",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&Help for this page"),
        "F1",
        lambda window: window.show_help(),
        in_toolbar=True,
        toolbar_text=QT_TRANSLATE_NOOP("Commands", "?"),
    ),
    Command(
        "help.start",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&First steps"),
        "",
        lambda window: window.show_help("start"),
    ),
    Command(
        "help.metrics",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&Is the result any good?"),
        "",
        lambda window: window.show_help("metrics"),
    ),
    Command(
        "help.troubleshooting",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "Something is &wrong"),
        "",
        lambda window: window.show_help("troubleshooting"),
    ),
    Command(
        "help.shortcuts",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&Keyboard shortcuts"),
        "?",
        lambda window: window.show_shortcuts(),
    ),
    Command(
        "help.edit_shortcuts",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&Edit keyboard shortcuts…"),
        "",
        lambda window: window.edit_shortcuts(),
    ),
    Command(
        "help.about",
        HELP,
        QT_TRANSLATE_NOOP("Commands", "&About CARL Studio"),
        "",
        lambda window: window.show_about(),
        starts_group=True,
        role="about",
    ),
)


def page_command(number: int, page_id: str, title: str) -> Command:
    """Return the row that shows a page; `number` counts the pages from 1, `title` is translated."""
    return Command(
        f"view.page_{page_id}",
        VIEW,
        title,
        f"Alt+{number}" if number <= 9 else "",
        lambda window: window.show_page(page_id),
        when=_has_project,
        is_on=lambda state: state.page == page_id,
        choice="page",
        starts_group=number == 1,
    )
